"""Finished compositions as music among music: tagged files in a folder of the library."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from harmonie_daemon.domain.brief import Brief, Genre, MusicalKey
from harmonie_daemon.domain.track import PITCH_CLASSES, Tags
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
LONGEST_NAME_BYTES = 120
MOST_OF_ONE_NAME = 999
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself: the folder may be a share."""


def tags_of(
    brief: Brief, title: str, *, bpm: float | None, key: MusicalKey | None, at: float
) -> Tags:
    """What a piece says about itself; ``at`` is when it was made."""
    genre = GENRE_NAMES[brief.genre]
    return Tags(
        artist=ARTIST,
        album_artist=ARTIST,
        album=f"{ARTIST}: {genre}",
        title=title,
        date=datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d"),
        genres=(genre,),
        bpm=bpm,
        key=None if key is None else key_text(key),
    )


def key_text(key: MusicalKey) -> str:
    """As ID3 writes keys: ``Am``, ``F#``."""
    return PITCH_CLASSES[key.tonic] + ("m" if key.mode == "minor" else "")


def safe_name(text: str) -> str:
    """A file name, without its ending, that every file system takes."""
    name = " ".join(_UNSAFE.sub(" ", text).split()).strip(". ")
    name = name.encode()[:LONGEST_NAME_BYTES].decode(errors="ignore").strip(". ")
    if not name or _RESERVED.fullmatch(name):
        name = f"Piece {name}".strip()
    return name


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

    def publish(self, source: Path, format: str, tags: Tags) -> Path:
        """Put a tagged copy of ``source`` into the genre's folder, whole and under a new name.

        Belongs into a thread. Raises ``OSError``; then nothing is left behind.
        """
        folder = self.folder / safe_name(tags.genres[0] if tags.genres else ARTIST)
        _make_folder(folder)
        copy = folder / f".harmonie-{uuid.uuid4().hex}.tmp"
        try:
            shutil.copyfile(source, copy)
            write_tags(copy, format, tags)
            copy.chmod(FILE_MODE)
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            return _named(copy, folder, safe_name(tags.title or ARTIST), format)
        finally:
            with suppress(OSError):
                copy.unlink(missing_ok=True)


def _named(copy: Path, folder: Path, name: str, ending: str) -> Path:
    """Give ``copy`` the first free of the names."""
    for number in range(1, MOST_OF_ONE_NAME + 1):
        path = folder / (f"{name}.{ending}" if number == 1 else f"{name} ({number}).{ending}")
        try:
            _move_to_new(copy, path)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder} holds {MOST_OF_ONE_NAME} pieces called {name!r} already")


def _move_to_new(old: Path, new: Path) -> None:
    """Rename, but never onto a file. Raises ``FileExistsError``."""
    try:
        new.hardlink_to(old)
    except FileExistsError:
        raise
    except OSError:
        # a file system without links: take the name first
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
        try:
            old.replace(new)
        except OSError:
            new.unlink(missing_ok=True)
            raise


def _make_folder(folder: Path) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        with suppress(OSError):
            one.chmod(FOLDER_MODE)
