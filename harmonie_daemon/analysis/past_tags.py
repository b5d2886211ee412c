"""Past the ID3 tags in front of a file: nobody hears them, and FFmpeg reads them without limits.

It unpacks what is compressed (a megabyte to gigabytes) and compares every frame with every other.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import BinaryIO

HEADER_BYTES = 10
MOST_TAGS = 16
"""In a row; taggers that forget to look leave a second one."""
_HAS_FOOTER = 0x10


def ffmpeg_address(path: str) -> str:
    """What to have FFmpeg open: the file, or the part of it behind its ID3 tags.

    Raises ``OSError``.
    """
    with Path(path).open("rb") as file:
        start = _sound_start(file)
    # "end,0" is to the end, and the address of the file is all that follows the colon
    return f"subfile,,start,{start},end,0,,:{path}" if start else path


def _sound_start(file: BinaryIO) -> int:
    start = 0
    for _ in range(MOST_TAGS):
        file.seek(start)
        length = _tag_bytes(file.read(HEADER_BYTES))
        if not length:
            break
        start += length
    return start


def _tag_bytes(header: bytes) -> int:
    """The length of the tag with this header (ID3v2.4 structure §3.1), 0 if it is none."""
    if len(header) < HEADER_BYTES or not header.startswith(b"ID3") or max(header[6:]) > 0x7F:
        return 0
    length = reduce(lambda number, byte: number << 7 | byte, header[6:], 0)
    return HEADER_BYTES + length + (HEADER_BYTES if header[5] & _HAS_FOOTER else 0)
