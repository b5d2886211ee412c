"""One shape for the tags of every container: simplified names with the texts they hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from mutagen._vorbis import VComment
from mutagen.apev2 import APETextValue, APEv2
from mutagen.asf import ASFTags
from mutagen.id3 import ID3, RVA2, UFID, Frames, Frames_2_2, TextFrame
from mutagen.mp4 import MP4Tags

Fields = dict[str, list[str]]
"""Simplified name to values, in the file's order."""

_ID3_FRAMES = {
    "TPE1": "artist",
    "TPE2": "albumartist",
    "TALB": "album",
    "TIT2": "title",
    "TRCK": "track",
    "TPOS": "disc",
    "TDRC": "date",
    "TDRL": "releasedate",
    "TDOR": "originaldate",
    "TBPM": "bpm",
    "TKEY": "initialkey",
    "TMOO": "mood",
}
WANTED_FRAMES = {
    name: frame
    for name, frame in {**Frames, **Frames_2_2}.items()
    if issubclass(frame, TextFrame | RVA2 | UFID)
}
"""Frames that may hold any of our fields; neither pictures nor frames with frames in them."""
_MP4_ATOMS = {
    "\xa9ART": "artist",
    "aART": "albumartist",
    "\xa9alb": "album",
    "\xa9nam": "title",
    "trkn": "track",
    "disk": "disc",
    "\xa9day": "date",
    "\xa9gen": "genre",
    "tmpo": "bpm",
}
_MUSICBRAINZ_OWNER = "http://musicbrainz.org"
_MASTER_VOLUME = 1
"""The channel of an RVA2 frame that counts (ID3v2.4 native frames §4.11)."""


def simplified(name: str) -> str:
    """A tag's name in lower case letters and digits: ``WM/AlbumArtist`` is ``wmalbumartist``."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def fields_of(tags: object, wanted: Collection[str]) -> Fields:
    """Those tags of a mutagen object whose simplified names are ``wanted``.

    Whatever mutagen raises on damaged files comes through.
    """
    fields: Fields = {}
    for name, values in _pairs(tags):
        if name in wanted:
            fields.setdefault(name, []).extend(values)
    return fields


_Pairs = Iterator[tuple[str, list[str]]]


def _pairs(tags: object) -> _Pairs:
    match tags:
        case ID3():
            return _id3(tags)
        case VComment():
            return _vorbis(tags)
        case MP4Tags():
            return _mp4(tags)
        case ASFTags():
            return _asf(tags)
        case APEv2():
            return _ape(tags)
        case _:
            return iter(())


def _id3(tags: Any) -> _Pairs:
    for frame in list(tags.values()):
        match frame.FrameID:
            case "TCON":
                yield "genre", [genre for genre in frame.genres if genre != "Unknown"]
            case "TXXX":
                yield simplified(frame.desc), frame.text
            case "UFID" if frame.owner == _MUSICBRAINZ_OWNER:
                yield "musicbrainztrackid", [frame.data.decode("ascii", "replace")]
            case "RVA2" if frame.desc.lower() == "track" and frame.channel == _MASTER_VOLUME:
                yield "replaygaintrackgain", [str(frame.gain)]
            case name if name in _ID3_FRAMES:
                yield _ID3_FRAMES[name], [str(text) for text in frame.text]


def _vorbis(tags: Any) -> _Pairs:
    for name, value in list.__iter__(tags):
        yield simplified(name), [value]


def _mp4(tags: Any) -> _Pairs:
    for atom, values in list(tags.items()):
        if atom.startswith("----:"):
            name = simplified(atom.rpartition(":")[2])
            yield name, [bytes(value).decode("utf-8", "replace") for value in values]
        elif atom in ("trkn", "disk"):
            yield _MP4_ATOMS[atom], [str(number) for number, _ in values]
        elif atom in _MP4_ATOMS:
            yield _MP4_ATOMS[atom], [str(value) for value in values]


def _asf(tags: Any) -> _Pairs:
    for name, attribute in list.__iter__(tags):
        if not isinstance(attribute.value, bytes):
            yield simplified(name), [str(attribute)]


def _ape(tags: Any) -> _Pairs:
    for name, value in list(tags.items()):
        if isinstance(value, APETextValue):
            yield simplified(name), list(value)
