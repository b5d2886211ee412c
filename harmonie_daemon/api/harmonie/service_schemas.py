"""What the daemon says about itself: health, status, scan."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class ScanQuery(BaseModel):
    """How thorough the scan is."""

    force: bool = Field(
        default=False,
        description="Analyse every track anew, even where size and mtime are as before. A scan "
        "that is running already does not become a forced one.",
    )


class Health(BaseModel):
    """The daemon can be reached."""

    status: Literal["ok"]


class UnmappedGenre(BaseModel):
    """A genre tag that has no place in the taxonomy."""

    tag: str
    track_count: int


class RootAtServer(BaseModel):
    """How much of a library root a media server knows."""

    root: str
    tracks: int
    matched: dict[str, int] = Field(
        description="Tracks that the server has, by how they were recognised: mapping, path, "
        "learned (path below a folder whose name there was learnt), musicbrainz, tags, duration."
    )
    unmatched: dict[str, int] = Field(
        description="Tracks that it does not have, by reason: unknown_folder (it shows nothing "
        "below this root), not_there, no_tags, differs (same artist and title, another album and "
        "duration), ambiguous."
    )
    examples: list[str] = Field(description="Paths of some that it does not have.")


class ServerCatalogue(BaseModel):
    """What is known of a media server's music."""

    target: str
    server_id: str
    items: int
    listed_at: float | None = Field(
        description="Unix time at which it was last asked for changes; null until it has been "
        "listed to its end."
    )
    swept_at: float | None = Field(description="When it was last gone through as a whole.")
    mappings: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(
        description="Learnt names of folders: ours, theirs."
    )
    roots: list[RootAtServer]


class Status(BaseModel):
    """Configuration and counters."""

    model_config = ConfigDict(protected_namespaces=())

    version: str
    embedding_dim: int
    libraries: list[str]
    workers: int
    db_path: str
    schema_version: int
    descriptor_version: int
    tracks: int
    total_duration_sec: float
    db_size_bytes: int
    by_model: dict[str, int] = Field(description="Tracks per embedding model.")
    active_model: str = Field(description="The model that answers where none is asked for.")
    model_notes: list[str] = Field(
        description="What a person should know about the models: weights that are missing or "
        "cannot be used, a change of models that is under way."
    )
    jellyfin_notes: list[str] = Field(
        description="Logins that stopped working, and what to run; as of the last time that "
        "Jellyfin was asked."
    )
    failed: int = Field(description="Files that could not be decoded.")
    hidden: int = Field(
        description="Files of folders that are no library any more; they count nowhere else."
    )
    doubtful_tempos: int = Field(
        description="Tracks whose tempo was heard with a confidence below 0.3: it is shown, and "
        "counts as unknown."
    )
    unmapped_genres: list[UnmappedGenre] = Field(
        description="The most frequent genre tags without a place in the taxonomy."
    )
    media_servers: list[ServerCatalogue] = Field(
        description="Media servers that were listed, and how much of the library they know."
    )
    started_at: float = Field(description="Unix time at which the daemon was started.")


class ScanState(BaseModel):
    """The current scan, or the outcome of the last one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "state": "scanning",
                    "phase": "extracting",
                    "started_at": 1716470000.0,
                    "finished_at": None,
                    "last_duration_sec": None,
                    "last_error": None,
                    "discovered": 48033,
                    "to_do": 1020,
                    "full": 12,
                    "descriptors_only": 8,
                    "embeddings_only": 0,
                    "to_embed": 0,
                    "skipped": 47013,
                    "failed": 1,
                    "moved": 0,
                    "removed": 0,
                    "hidden": 0,
                    "returned": 0,
                    "remaining_sec": 1210,
                    "paused": False,
                    "paused_because": None,
                    "missing_roots": [],
                    "unreadable": [["/music/private", "no permission to read it"]],
                    "unreadable_count": 1,
                    "recent_failures": [["/path/bad.flac", "decode error"]],
                }
            ]
        }
    )

    state: Literal["idle", "scanning", "error"]
    phase: Literal["enumerating", "classifying", "extracting", "pruning"] | None
    started_at: float | None
    finished_at: float | None
    last_duration_sec: float | None
    last_error: str | None
    discovered: int
    to_do: int = Field(description="Files this scan has to analyse.")
    full: int = Field(description="Files of which everything was analysed.")
    descriptors_only: int = Field(description="Tracks whose descriptors alone were made anew.")
    embeddings_only: int = Field(description="Tracks that were only heard by another model.")
    to_embed: int = Field(description="How many of to_do are such tracks.")
    skipped: int
    failed: int
    moved: int
    removed: int
    hidden: int = Field(
        description="Files of folders that are no library any more: left out of every answer, and "
        "kept for forget_after_days in case the folder is one again."
    )
    returned: int = Field(description="Files that were hidden and are in a library again.")
    remaining_sec: int | None = Field(
        description="Seconds the rest will take at the present pace, once that is known."
    )
    paused: bool = Field(description="A paused scan stays in the state scanning.")
    paused_because: str | None = Field(
        description="Why no file is begun: somebody asked for it, quiet hours, load."
    )
    missing_roots: list[str] = Field(
        description="Library roots that could not be read; their tracks are kept."
    )
    unreadable: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(
        description="Roots, folders and files that could not be looked into, and why; at most 20 "
        "pairs, missing roots first. Their tracks are kept."
    )
    unreadable_count: int = Field(description="How many there are in all.")
    # a list of two rather than a tuple: generators of clients and tests stumble over prefixItems
    recent_failures: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(
        description="Pairs of path and reason."
    )
