"""What a file says about itself, whatever its container calls it; for a worker's main thread."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import mutagen
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3

from harmonie_daemon.domain.track import Tags
from harmonie_daemon.library.limits import OutOfTime, limited
from harmonie_daemon.library.tag_formats import WANTED_FRAMES, Fields, fields_of
from harmonie_daemon.library.tag_job import TagsRead

HOSTILE = (
    mutagen.MutagenError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What mutagen raises on damaged files; most of it leaks from its parsers unannounced."""

LONGEST_CPU_S = 5.0
"""For each kind of tag in a file; a hundred times what the largest honest ones take."""
MOST_MEMORY_BYTES = 192 * 1024 * 1024
"""For each kind of tag in a file: room for embedded pictures of some sixty megabytes."""
_OUT_OF_BOUNDS = {
    OutOfTime: f"they take more than {LONGEST_CPU_S:.0f} s to read",
    MemoryError: f"they take more than {MOST_MEMORY_BYTES >> 20} MiB to read",
    RecursionError: "they are nested too deeply",
}

LONGEST_TEXT = 500
"""Characters kept of a value; what is longer is not a name."""
MOST_GENRES = 20
MOST_ARTISTS = 20
MOST_VALUES = 100
"""Of one name; enough for every list above."""
LONGEST_VALUE = 20_000
"""Characters that are looked at of a value, which may hold several texts."""

FASTEST_BPM = 1000.0
LOUDEST_GAIN_DB = 64.0
"""The range of a gain is ±64 dB in the ReplayGain specification."""
R128_TO_REPLAYGAIN_DB = 5.0
"""R128 gains of Opus aim at -23 LUFS (RFC 7845 §5.2.1), ReplayGain 2 at -18 LUFS."""
WHOLE_GENRES = frozenset(
    {"folk, world, & country", "funk / soul", "rnb/swing", "cut-up/dj", "singer/songwriter"}
)
"""Names, case-folded, that are one genre in spite of the separator in them."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "artist": ("artist", "author"),
    "artists": ("artists", "wmartists"),
    "album_artist": ("albumartist", "wmalbumartist"),
    "album": ("album", "wmalbumtitle"),
    "title": ("title",),
    "track": ("track", "tracknumber", "wmtracknumber"),
    "disc": ("disc", "discnumber", "wmpartofset"),
    "date": ("date", "year", "wmyear", "releasedate", "originaldate", "originalyear"),
    "genre": ("genre", "wmgenre"),
    "recording_id": ("musicbrainztrackid", "musicbrainzrecordingid"),
    "track_id": ("musicbrainzreleasetrackid",),
    "album_id": ("musicbrainzalbumid",),
    "artist_id": ("musicbrainzartistid",),
    "bpm": ("bpm", "wmbeatsperminute", "tempo"),
    "key": ("initialkey", "key", "wminitialkey"),
    "replaygain": ("replaygaintrackgain",),
    "r128": ("r128trackgain",),
    "mood": ("mood", "wmmood"),
}
"""The simplified names under which containers hold each of our fields, the best first.

The "track id" of taggers is MusicBrainz's recording, and ``ARTISTS`` names each of those whom
``ARTIST`` enumerates in one text (Picard documentation, "Tag Mapping").
"""
_WANTED = frozenset(name for names in _NAMES.values() for name in names)


def read_tags(path: str) -> TagsRead:
    """The tags of an audio file in any container; ``Tags()`` when there are none to be had.

    Nothing that is in the file makes it raise, take long or swell, and no text that comes out
    holds lone surrogates, NULs or other control characters.
    """
    reading = _Reading(path)
    fields: Fields = {}
    for source in reading.sources():
        for name, values in source.items():
            texts = [text for value in values for text in _texts(value)]
            if texts:
                fields.setdefault(name, texts[:MOST_VALUES])
    return TagsRead(_tags(fields), reading.left_out)


class _Reading:
    """One file on its way through the readers of all kinds of tags."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.left_out: str | None = None

    def sources(self) -> Iterator[Fields]:
        """What each kind of tag in the file holds, the most trustworthy first.

        MP3 and raw streams carry ID3 in front, APEv2 behind (mp3gain writes there), or both; files
        whose sound mutagen cannot make out may still have either.
        """
        audio = self._attempt(mutagen.File, self._path)
        tags = getattr(audio, "tags", None)
        if tags is None:
            tags = self._attempt(ID3, self._path, known_frames=WANTED_FRAMES)
        yield self._attempt(fields_of, tags, _WANTED) or {}
        if tags is None or isinstance(tags, ID3):
            yield self._attempt(fields_of, self._attempt(APEv2, self._path), _WANTED) or {}
        gain = getattr(getattr(audio, "info", None), "track_gain", None)
        if gain is not None:  # of LAME's own header
            yield {"replaygaintrackgain": [str(gain)]}

    def _attempt(self, read: Callable[..., Any], *arguments: object, **options: object) -> Any:
        """What it returns within the limits; ``None``, and the reason noted, beyond them."""
        try:
            with limited(cpu_s=LONGEST_CPU_S, memory_bytes=MOST_MEMORY_BYTES):
                return read(*arguments, **options)
        except (OutOfTime, *HOSTILE) as error:
            self.left_out = _out_of_bounds(error) or self.left_out
            return None


def _out_of_bounds(error: BaseException | None) -> str | None:
    """Which limit ended it, if any; mutagen may have made another error of that."""
    while error is not None:
        if type(error) in _OUT_OF_BOUNDS:
            return _OUT_OF_BOUNDS[type(error)]
        error = error.__context__
    return None


def _texts(value: str) -> Iterator[str]:
    """The values in one text: NUL separates them in ID3v2.4 and, by accident, elsewhere."""
    start = str(value)[:LONGEST_VALUE]
    whole = start.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    for part in whole.split("\0"):
        text = re.sub(r"[\x00-\x1f\x7f-\x9f\ufeff]+", " ", part[: 4 * LONGEST_TEXT]).strip()
        if text:
            yield text[:LONGEST_TEXT].rstrip()


def _tags(fields: Fields) -> Tags:
    def values(field: str) -> Sequence[str]:
        return next((fields[name] for name in _NAMES[field] if name in fields), ())

    def first(field: str) -> str | None:
        return next(iter(values(field)), None)

    artist, *further_artists = _artists(*values("artist"), *values("artists")) or (None,)
    album_artist, *further_album_artists = _artists(*values("album_artist")) or (None,)
    return Tags(
        artist=artist,
        album_artist=album_artist,
        album=first("album"),
        title=first("title"),
        track_number=_number(first("track")),
        disc_number=_number(first("disc")),
        date=_date(first("date")),
        genres=split_genres(values("genre")),
        musicbrainz_recording_id=_musicbrainz_id(first("recording_id")),
        musicbrainz_track_id=_musicbrainz_id(first("track_id")),
        musicbrainz_album_id=_musicbrainz_id(first("album_id")),
        musicbrainz_artist_id=_musicbrainz_id(first("artist_id")),
        bpm=_bpm(first("bpm")),
        key=first("key"),
        replaygain_track_gain_db=_gain(first("replaygain"), first("r128")),
        moods=tuple(values("mood"))[:MOST_GENRES],
        further_artists=tuple(further_artists),
        further_album_artists=tuple(further_album_artists),
    )


def split_genres(values: Sequence[str]) -> tuple[str, ...]:
    """Single genres, in order, each once: ``Rock; Pop/Jazz`` holds three, ``Funk / Soul`` one."""
    parts = [part for value in values for part in re.split(r"[;|\\]", value)]
    once: dict[str, str] = {}
    for name in (name for part in parts for name in _split(part) if name):
        once.setdefault(name.casefold(), name)
    return tuple(once.values())[:MOST_GENRES]


def _split(part: str) -> list[str]:
    name = part.strip()
    if name.casefold() in WHOLE_GENRES:
        return [name]
    return [piece.strip() for piece in re.split("[,/]", name)]


def _artists(*names: str) -> tuple[str, ...]:
    """In the file's order, each once."""
    return tuple(dict.fromkeys(names))[:MOST_ARTISTS]


def _number(text: str | None) -> int | None:
    """``3``, ``03/12`` or ``3 of 12``; counting begins at one."""
    found = re.match(r"\s*0*([1-9][0-9]{0,3})(?![0-9])", text or "")
    return int(found[1]) if found else None


def _date(text: str | None) -> str | None:
    return text if text and re.search("[1-9]", text) else None


def _musicbrainz_id(text: str | None) -> str | None:
    """The first id in the text, in its canonical form; several artists have several ids."""
    found = re.search(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", (text or "").lower())
    return found[0] if found else None


def _bpm(text: str | None) -> float | None:
    bpm = _decimal(text)
    return bpm if bpm is not None and 0 < bpm <= FASTEST_BPM else None


def _gain(replaygain: str | None, r128: str | None) -> float | None:
    """In dB against the reference of ReplayGain; R128 gains are in 1/256 dB."""
    gain, quality = _decimal(replaygain), _decimal(r128)
    if gain is None and quality is not None:
        gain = quality / 256 + R128_TO_REPLAYGAIN_DB
    return gain if gain is not None and abs(gain) <= LOUDEST_GAIN_DB else None


def _decimal(text: str | None) -> float | None:
    """The number a text starts with, whatever its unit, decimal comma or sign."""
    found = re.match(r"[+-]?[0-9]{0,9}\.?[0-9]+", (text or "").replace(",", ".").replace("−", "-"))
    return float(found[0]) if found else None
