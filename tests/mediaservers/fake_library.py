"""What a Jellyfin server would read from music files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import mutagen

AUDIO_SUFFIXES = {".mp3", ".ogg", ".flac", ".m4a", ".opus", ".wav", ".oga"}


def read_facts(path: Path) -> dict[str, Any]:
    """What Jellyfin would read from the file."""
    try:
        file = mutagen.File(path, easy=True)
    except mutagen.MutagenError:
        file = None
    tags = (file.tags or {}) if file is not None else {}

    def first(name: str) -> str | None:
        return next(iter(tags.get(name, [])), None)

    number = re.match(r"\d+", first("tracknumber") or "")
    artists = tuple(tags.get("artist", []))
    return {
        "name": first("title") or path.stem,
        "album": first("album"),
        "album_artist": first("albumartist") or next(iter(artists), None),
        "artists": artists,
        "track_number": int(number[0]) if number else None,
        "duration_s": file.info.length if file is not None else 0.0,
    }
