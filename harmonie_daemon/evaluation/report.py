"""What an evaluation found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from harmonie_daemon.evaluation.ground_truth import Truth
from harmonie_daemon.evaluation.judging import Hubness, Retrieval
from harmonie_daemon.evaluation.robustness import Robustness

Asked = tuple[Truth, Truth | None]
"""What is to be found again, and whose tracks are left out."""


@dataclass(frozen=True, slots=True)
class MethodReport:
    """One way of comparing tracks."""

    name: str
    retrievals: Mapping[Asked, Retrieval | None]
    hubness: Hubness


@dataclass(frozen=True, slots=True)
class CodecReport:
    """One codec as one model hears it."""

    codec: str
    model: str
    robustness: Robustness


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run measured."""

    source: str
    made_at: float
    """Unix time."""
    tracks: int
    """Compared with each other."""
    library_tracks: int
    """Among which a transcode has to find its original."""
    asked: tuple[Asked, ...]
    methods: tuple[MethodReport, ...]
    codecs: tuple[CodecReport, ...]
    notes: tuple[str, ...]


def asked_words(asked: Asked) -> str:
    """A question in words: ``same genre, other artists``."""
    truth, filter_ = asked
    return f"same {truth}" + (f", other {filter_}s" if filter_ else "")


def as_document(report: Report) -> dict[str, Any]:
    """The report as JSON has it."""
    return {
        "source": report.source,
        "made_at": datetime.fromtimestamp(report.made_at, UTC).isoformat(timespec="seconds"),
        "tracks": report.tracks,
        "library_tracks": report.library_tracks,
        "methods": [
            {
                "name": method.name,
                "hubness": asdict(method.hubness),
                "retrieval": [
                    {"truth": truth, "without_same": filter_, **asdict(found)}
                    for (truth, filter_), found in method.retrievals.items()
                    if found is not None
                ],
            }
            for method in report.methods
        ],
        "transcodes": [
            {"codec": codec.codec, "model": codec.model, **asdict(codec.robustness)}
            for codec in report.codecs
        ],
        "notes": list(report.notes),
    }
