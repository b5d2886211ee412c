"""The daemon about itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.analysis.timbre.vector import DIMENSION
from harmonie_daemon.api.harmonie.deps import HarmonieCall
from harmonie_daemon.api.harmonie.service_schemas import (
    Health,
    RootAtServer,
    ServerCatalogue,
    Status,
    UnmappedGenre,
)
from harmonie_daemon.domain.catalogue import CatalogueReport
from harmonie_daemon.domain.track import display_path
from harmonie_daemon.store.records import ModelInfo
from harmonie_daemon.web.endpoint import Call, Nothing

UNMAPPED_SHOWN = 20


async def health(_: Call[None, Nothing, Nothing, Nothing]) -> Health:
    """Whoever gets this answer has reached the daemon."""
    return Health(status="ok")


async def get_status(call: HarmonieCall[Nothing, Nothing, Nothing]) -> Status:
    """Configuration and counters."""
    deps = call.deps
    settings, database, tracks = deps.settings, deps.database, deps.tracks
    counts = await tracks.counts()
    active = counts.active_model or deps.models.active
    unmapped = await tracks.unmapped_genres(UNMAPPED_SHOWN)
    return Status(
        version=deps.version,
        embedding_dim=_dim(counts.models, active),
        libraries=[display_path(str(root)) for root in settings.roots],
        workers=settings.workers,
        db_path=display_path(str(database.path)),
        schema_version=database.schema_version,
        descriptor_version=DESCRIPTOR_VERSION,
        tracks=counts.tracks,
        total_duration_sec=counts.total_duration_s,
        db_size_bytes=await asyncio.to_thread(_size_on_disk, database.path),
        by_model=counts.by_model,
        active_model=active,
        model_notes=await deps.models.notes(),
        jellyfin_notes=[] if deps.keyring is None else list(deps.keyring.notes),
        failed=counts.failed,
        hidden=counts.hidden,
        doubtful_tempos=counts.doubtful_tempos,
        unmapped_genres=[UnmappedGenre(tag=tag, track_count=count) for tag, count in unmapped],
        media_servers=[_catalogue(one) for one in await deps.catalogues.reports()],
        started_at=deps.started,
    )


def _catalogue(report: CatalogueReport) -> ServerCatalogue:
    return ServerCatalogue(
        target=report.target,
        server_id=report.server_id,
        items=report.items,
        listed_at=report.listed_at,
        swept_at=report.swept_at,
        mappings=[[display_path(ours), theirs] for ours, theirs in report.mappings],
        roots=[
            RootAtServer(
                root=root.root,
                tracks=root.tracks,
                matched={str(how): count for how, count in root.matched.items()},
                unmatched={str(why): count for why, count in root.unmatched.items()},
                examples=list(root.examples),
            )
            for root in report.roots
        ],
    )


def _dim(models: Sequence[ModelInfo], active: str) -> int:
    """The dimension of the model that answers; the built-in one's while there is no vector."""
    return next((model.dim for model in models if model.name == active), DIMENSION)


def _size_on_disk(path: Path) -> int:
    """Bytes of the database and its write-ahead log."""
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
