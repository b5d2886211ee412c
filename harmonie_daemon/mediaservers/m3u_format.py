"""The text of an extended M3U file, and names that every file system accepts."""

from __future__ import annotations

import os.path
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Literal

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import Track, display_path
from harmonie_daemon.mediaservers.path_mapping import renamed

Extension = Literal["m3u8", "m3u"]
LONGEST_STEM_BYTES = 200
"""File systems allow 255 bytes; this leaves room for a number, the suffix and sync tools."""
_MARK = "#HARMONIE:"
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')
_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class M3uStyle:
    """How the files are made, which depends on who reads them."""

    extension: Extension = "m3u8"
    absolute: bool = False
    """Whether paths that no mapping changes begin at our root; else they are relative."""
    mappings: tuple[tuple[str, str], ...] = ()
    """A folder of ours and how the player names it; an empty name stands for the player's own
    root, below which paths are relative. The longest folder that fits counts."""
    file_mode: int = 0o644
    """Folders that we make may in addition be entered by whoever may read the files."""

    @property
    def folder_mode(self) -> int:
        """The permissions of a folder that we make."""
        return self.file_mode | (self.file_mode & 0o444) >> 2


PLAIN = M3uStyle()
"""What most players read, wherever the file lies."""


def render(
    playlist: SavedPlaylist,
    tracks: Sequence[Track],
    directory: str,
    style: M3uStyle = PLAIN,
) -> bytes:
    """UTF-8 without a byte order mark, LF.

    Paths are as the style says; relative ones count from ``directory`` (a real path). The second
    line names the playlist's key, by which we know the file for ours again. Every track must be
    ``writable``.
    """
    base = None if style.absolute else directory
    lines = ["#EXTM3U", mark(playlist.key), f"#PLAYLIST:{_one_line(playlist.name)}"]
    if description := _one_line(playlist.description):
        lines.append(f"# {description}")
    for track in tracks:
        lines += [_information(track), _entry(track.file.path, base, style.mappings)]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def mark(key: str) -> str:
    """The comment that marks a file as the one of this playlist."""
    return _MARK + _one_line(key)


def is_marked(content: bytes, key: str) -> bool:
    """Whether the file was written by us for this playlist."""
    return mark(key).encode("utf-8", "replace") in content.splitlines()[:3]


def entries_of(content: bytes) -> tuple[str, ...]:
    """The paths in a file of ours, each once, in order."""
    lines = content.decode("utf-8", "replace").split("\n")
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def writable(track: Track) -> bool:
    """Whether the path can stand on a line of UTF-8 text."""
    path = track.file.path
    return not any("\ud800" <= letter <= "\udfff" or letter in "\r\n" for letter in path)


def printable(track: Track) -> str:
    """The path on one line, whatever is in it: control characters are escaped."""
    path = display_path(track.file.path)
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], path)


def safe_stem(name: str) -> str:
    """A file name (without suffix) for a playlist name, the same for the same name always."""
    stem = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name))
    stem = stem.encode("utf-8", "replace")[:LONGEST_STEM_BYTES].decode("utf-8", "ignore")
    stem = stem.strip().lstrip(".").rstrip(". ").strip()
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return stem or "playlist"


def free_name(stem: str, extension: Extension, is_taken: Callable[[str], bool]) -> str:
    """``stem.m3u8``, or the first of ``stem (2).m3u8``, … that is not taken."""
    numbered = (f"{stem} ({number})" for number in count(2))
    candidates = (f"{name}.{extension}" for name in chain([stem], numbered))
    return next(name for name in candidates if not is_taken(name))


def name_key(name: str) -> str:
    """Equal for names that a case-insensitive or normalising file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _information(track: Track) -> str:
    """``#EXTINF:seconds,artist - title``."""
    title = track.tags.title or os.path.splitext(os.path.basename(track.file.path))[0]  # noqa: PTH119, PTH122
    label = f"{track.tags.artist} - {title}" if track.tags.artist else title
    return f"#EXTINF:{max(0, round(track.duration_s))},{_one_line(label)}"


def _entry(path: str, base: str | None, mappings: Sequence[tuple[str, str]]) -> str:
    """The path as the player is to read it, from a folder on or from the root.

    One that begins like a comment or with a blank is led in by ``./``.
    """
    entry = renamed(path, mappings)
    if entry is None:
        entry = path if base is None else os.path.relpath(path, base)
    return f"./{entry}" if entry[0] in "# \t" else entry


def _one_line(text: str) -> str:
    return _LINE_BREAKS.sub(" ", text).strip()
