"""Writing tags into files that we made."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from harmonie_daemon.domain.track import Tags

_VORBIS = {
    "title": "title",
    "artist": "artist",
    "album_artist": "albumartist",
    "album": "album",
    "date": "date",
    "key": "initialkey",
}


_READERS = {
    "mp3": ("mutagen.mp3", "MP3"),
    "wav": ("mutagen.wave", "WAVE"),
    "flac": ("mutagen.flac", "FLAC"),
    "ogg": ("mutagen.oggvorbis", "OggVorbis"),
    "opus": ("mutagen.oggopus", "OggOpus"),
    "aac": ("mutagen.mp4", "MP4"),
}


def write_tags(path: Path, format: str, tags: Tags) -> None:
    """Give a file without tags these: names, date, genres, tempo and key.

    ``format`` is ``mp3``, ``wav``, ``flac``, ``ogg``, ``opus`` or ``aac`` (in MP4), whatever the
    file is called. Raises ``OSError``.
    """
    from mutagen import MutagenError  # noqa: PLC0415 - the daemon seldom needs it

    module, name = _READERS[format]
    try:
        file = getattr(importlib.import_module(module), name)(path)
        if file.tags is None:
            file.add_tags()
        if format in ("mp3", "wav"):
            _add_id3(file.tags, tags)
        elif format == "aac":
            _add_atoms(file.tags, tags)
        else:
            _add_vorbis(file.tags, tags)
        file.save()
    except MutagenError as error:
        raise OSError(f"{path}: its tags cannot be written: {error}") from error


def _add_vorbis(comments: Any, tags: Tags) -> None:
    for member, name in _VORBIS.items():
        if value := getattr(tags, member):
            comments[name] = [value]
    if tags.genres:
        comments["genre"] = list(tags.genres)
    if tags.bpm is not None:
        comments["bpm"] = [f"{tags.bpm:g}"]


def _add_id3(frames: Any, tags: Tags) -> None:
    from mutagen import id3  # noqa: PLC0415

    texts = {
        "TIT2": tags.title,
        "TPE1": tags.artist,
        "TPE2": tags.album_artist,
        "TALB": tags.album,
        "TDRC": tags.date,
        "TCON": list(tags.genres),
        "TKEY": tags.key,
        "TBPM": None if tags.bpm is None else f"{tags.bpm:.0f}",
    }
    for name, text in texts.items():
        if text:
            frames.add(id3.Frames[name](encoding=id3.Encoding.UTF8, text=text))


def _add_atoms(atoms: Any, tags: Tags) -> None:
    texts = {
        "\xa9nam": tags.title,
        "\xa9ART": tags.artist,
        "aART": tags.album_artist,
        "\xa9alb": tags.album,
        "\xa9day": tags.date,
    }
    atoms.update({name: [text] for name, text in texts.items() if text})
    if tags.genres:
        atoms["\xa9gen"] = list(tags.genres)
    if tags.bpm is not None:
        atoms["tmpo"] = [round(tags.bpm)]
    if tags.key is not None:
        atoms["----:com.apple.iTunes:initialkey"] = [tags.key.encode()]
