"""What media servers know of the library, in words for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_REASONS = {
    "unknown_folder": "the server shows nothing below this folder: is it in one of its libraries, "
    "or does a path mapping lack?",
    "not_there": "it shows other files of this folder, but not these: has it scanned them?",
    "no_tags": "their paths are unknown there, and they have no artist and title",
    "differs": "it has one of the same artist and title, but another recording",
    "ambiguous": "it has several of the same artist and title, and nothing tells which",
}


def server_lines(servers: list[Json]) -> Iterator[str]:
    """One line a server, then one for each reason why tracks are unknown there."""
    for server in servers:
        known = sum(sum(root["matched"].values()) for root in server["roots"])
        tracks = sum(root["tracks"] for root in server["roots"])
        if server["listed_at"] is None:
            yield f"{server['target']}: is still being listed, {server['items']} tracks so far"
            continue
        yield f"{server['target']}: {known} of {tracks} tracks are known there"
        for root in server["roots"]:
            for reason, count in sorted(root["unmatched"].items()):
                yield f"  {root['root']}: {count} unknown; {_REASONS.get(reason, reason)}"
            for path in root["examples"][:1]:
                yield f"    such as {path}"
