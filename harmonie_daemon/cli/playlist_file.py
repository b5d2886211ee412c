"""A playlist as an ``.m3u8`` file that any player opens."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from harmonie_daemon.cli.client import Json
from harmonie_daemon.cli.exits import CommandError
from harmonie_daemon.cli.output import label

STANDARD_OUTPUT = "-"


def write(items: Sequence[Json], target: str) -> None:
    """Write the playlist with absolute paths; raises ``CommandError`` if the file cannot be."""
    text = "\n".join(["#EXTM3U", *_lines(items), ""])
    if target == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}") from error


def _lines(items: Sequence[Json]) -> Iterator[str]:
    for item in items:
        if _fits_on_a_line(item["path"]):
            yield f"#EXTINF:-1,{' '.join(label(item).split())}"
            yield item["path"]
        else:
            shown = ascii(item["path"])
            print(f"harmonie: {shown} is left out: no line of text holds it", file=sys.stderr)


def _fits_on_a_line(path: str) -> bool:
    """Bytes that are no UTF-8 have become U+FFFD, by which no file is found."""
    return "\n" not in path and "\r" not in path and "\ufffd" not in path
