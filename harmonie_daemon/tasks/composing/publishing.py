"""Finished compositions as music among music: tagged files in a folder of the library."""

from __future__ import annotations

import os
import shutil
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from harmonie_daemon.domain.brief import Brief, Genre, MusicalKey
from harmonie_daemon.domain.composition import AudioFormat
from harmonie_daemon.domain.track import Tags
from harmonie_daemon.library.new_files import move_to_free_name, safe_name
from harmonie_daemon.library.tag_writing import write_tags

ARTIST = "Harmonie"
GENRE_NAMES = {
    Genre.INDIAN: "Indian",
    Genre.POP: "Pop",
    Genre.AMBIENT: "Ambient",
    Genre.INDIE: "Indie",
    Genre.RNB: "R&B",
    Genre.CINEMATIC: "Cinematic",
    Genre.HIPHOP: "Hip-Hop",
    Genre.ELECTRONIC: "Electronic",
}
"""As tags write them; also the folders of the pieces."""
FILE_MODE, FOLDER_MODE = 0o644, 0o755
"""A media server reads them as another user."""


def tags_of(
    brief: Brief,
    title: str,
    *,
    bpm: float | None,
    key: MusicalKey | None,
    at: float | None = None,
) -> Tags:
    """What a piece says about itself; ``at`` is when it was made, if the same piece made on
    another day may be another file."""
    genre = GENRE_NAMES[brief.genre]
    return Tags(
        artist=ARTIST,
        album_artist=ARTIST,
        album=f"{ARTIST}: {genre}",
        title=title,
        date=None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d"),
        genres=(genre,),
        bpm=bpm,
        key=None if key is None else key.text,
    )


class Publisher:
    """Puts pieces into one folder. Nothing that is there is ever touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def check(self) -> None:
        """Make the folder if need be, and see whether it can be written. Raises ``OSError``."""
        _make_folder(self.folder)
        probe = self.folder / f".harmonie-{uuid.uuid4().hex}.tmp"
        probe.touch(exist_ok=False)
        probe.unlink()

    def publish(self, source: Path, format: AudioFormat, tags: Tags) -> Path:
        """Put a tagged copy of ``source`` into the genre's folder, whole and under a new name.

        Belongs into a thread. Raises ``OSError``; then nothing is left behind.
        """
        folder = self.folder / safe_name(tags.genres[0] if tags.genres else ARTIST)
        _make_folder(folder)
        copy = folder / f".harmonie-{uuid.uuid4().hex}.tmp"
        try:
            shutil.copyfile(source, copy)
            write_tags(copy, format.value, tags)
            copy.chmod(FILE_MODE)
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            return move_to_free_name(copy, folder, safe_name(tags.title or ARTIST), format.ending)
        finally:
            with suppress(OSError):
                copy.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        with suppress(OSError):
            one.chmod(FOLDER_MODE)
