"""Which of a server's items our tracks are; each function runs inside one transaction."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Sequence

from harmonie_daemon.domain.catalogue import BY_PLACE, MatchedBy, RootMatching, Unmatched
from harmonie_daemon.domain.track import TrackId, display_path
from harmonie_daemon.store import generations
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array, text_array
from harmonie_daemon.store.rows import fetch, stream

EXAMPLES = 3
"""Paths of unmatched tracks that are named for each library root."""

Match = tuple[TrackId, str | None, MatchedBy | Unmatched]
"""Our track, their item and how it was found; or none, and why not."""

PLACED = tuple(str(how) for how in BY_PLACE)

_SAVE = """
INSERT INTO catalogue_matches (track_id, catalogue_id, item_id, how)
SELECT id, ?, (SELECT id FROM catalogue_items WHERE (catalogue_id, remote_id) = (?, ?)), ?
FROM files WHERE id = ?
ON CONFLICT (track_id, catalogue_id) DO UPDATE SET item_id = excluded.item_id, how = excluded.how
"""
_TRACK_OF = """
SELECT catalogue_matches.track_id FROM main.catalogue_items
JOIN catalogue_matches ON catalogue_matches.item_id = catalogue_items.id
WHERE (catalogue_items.catalogue_id, catalogue_items.remote_id) = (?, ?)
ORDER BY how NOT IN (SELECT value FROM carray(?)), catalogue_matches.track_id LIMIT 1
"""
_REMOTE_IDS = """
SELECT catalogue_matches.track_id, catalogue_items.remote_id FROM catalogue_matches
JOIN catalogue_items ON catalogue_items.id = catalogue_matches.item_id
WHERE catalogue_matches.catalogue_id = ?
  AND catalogue_matches.track_id IN (SELECT value FROM carray(?))
"""
_MATCHED = """
SELECT count(*) FROM catalogue_matches WHERE catalogue_id = ? AND item_id IS NOT NULL
"""
_ALL_TRACKS = "SELECT id FROM tracks ORDER BY id"
_WITHOUT = """
SELECT id FROM tracks
WHERE NOT EXISTS (
  SELECT 1 FROM main.catalogue_matches AS known WHERE known.track_id = tracks.id
  AND known.catalogue_id = ?
) ORDER BY id
"""
_NOT_BY_PLACE = """
SELECT track_id FROM catalogue_matches
WHERE catalogue_id = ? AND how NOT IN (SELECT value FROM carray(?)) ORDER BY track_id
"""
_MISSED = """
SELECT count(*) FROM catalogue_matches
WHERE catalogue_id = ? AND how NOT IN (SELECT value FROM carray(?))
"""
_BY_ROOT = """
SELECT roots.path, catalogue_matches.how, catalogue_matches.item_id IS NULL, count(*)
FROM catalogue_matches
JOIN tracks ON tracks.id = catalogue_matches.track_id
JOIN files ON files.id = tracks.id
JOIN roots ON roots.id = files.root_id
WHERE catalogue_matches.catalogue_id = ?
GROUP BY 1, 2, 3 ORDER BY 1, 2
"""
_EXAMPLES = """
SELECT files.path FROM catalogue_matches
JOIN tracks ON tracks.id = catalogue_matches.track_id
JOIN files ON files.id = tracks.id
JOIN roots ON roots.id = files.root_id
WHERE catalogue_matches.catalogue_id = ? AND catalogue_matches.how IN (SELECT value FROM carray(?))
AND roots.path = ? ORDER BY files.id LIMIT ?
"""


def save(connection: Connection, catalogue: int, matches: Sequence[Match]) -> None:
    """Insert or replace by track; what is no track any more is left out."""
    connection.executemany(
        _SAVE,
        [
            (catalogue, catalogue, remote_id, str(how), int(track))
            for track, remote_id, how in matches
        ],
    )


def track_of(connection: Connection, catalogue: int, remote_id: str) -> TrackId | None:
    """Our track that is this item: of several, one that was recognised by its place."""
    values = (catalogue, remote_id, text_array(PLACED))
    found = fetch(connection, _TRACK_OF, values)
    return TrackId(found[0][0]) if found else None


def remote_ids(
    connection: Connection, catalogue: int, tracks: Collection[TrackId]
) -> dict[TrackId, str]:
    """Their items of those of our tracks that they have."""
    rows = stream(connection, _REMOTE_IDS, (catalogue, id_array(list(tracks))))
    return {TrackId(track): remote_id for track, remote_id in rows}


def matched(connection: Connection, catalogue: int) -> int:
    """How many of our tracks they have."""
    ((count,),) = fetch(connection, _MATCHED, (catalogue,))
    return int(count)


def missed(connection: Connection, catalogue: int) -> int:
    """How many of our tracks no path leads to."""
    ((count,),) = fetch(connection, _MISSED, (catalogue, text_array(PLACED)))
    return int(count)


def all_tracks(connection: Connection) -> list[TrackId]:
    """Every track, ascending."""
    return [TrackId(id_) for (id_,) in fetch(connection, _ALL_TRACKS)]


def to_match(
    connection: Connection, catalogue: int, generation: int | None, *, items_changed: bool
) -> tuple[list[TrackId], int]:
    """The tracks whose match may be another since our library's ``generation``; the one now.

    Where their items have changed too, those that no path leads to are among them.
    """
    now = generations.current(connection)
    changed = None if generation is None else generations.since(connection, generation)
    if changed is None:
        return all_tracks(connection), now
    wanted = set(changed)
    wanted.update(TrackId(id_) for (id_,) in stream(connection, _WITHOUT, (catalogue,)))
    if items_changed:
        values = (catalogue, text_array(PLACED))
        wanted.update(TrackId(id_) for (id_,) in stream(connection, _NOT_BY_PLACE, values))
    return sorted(wanted), now


def by_root(connection: Connection, catalogue: int) -> tuple[RootMatching, ...]:
    """How many tracks of each library root are known there and how, and why others are not."""
    counts: dict[bytes, tuple[Counter[MatchedBy], Counter[Unmatched]]] = {}
    for root, how, is_missing, count in stream(connection, _BY_ROOT, (catalogue,)):
        found, missing = counts.setdefault(root, (Counter(), Counter()))
        if is_missing:
            missing[Unmatched(how)] += count
        else:
            found[MatchedBy(how)] += count
    return tuple(
        RootMatching(
            root=display_path(os.fsdecode(root)),
            tracks=found.total() + missing.total(),
            matched=dict(found),
            unmatched=_in_view_of_the_folder(found, missing),
            examples=_examples(connection, catalogue, root) if missing else (),
        )
        for root, (found, missing) in counts.items()
    )


def _in_view_of_the_folder(
    found: Counter[MatchedBy], missing: Counter[Unmatched]
) -> dict[Unmatched, int]:
    """Where no path of the root is known there, that is why its files are not."""
    knows_folder = any(found[how] for how in BY_PLACE)
    if knows_folder or not missing[Unmatched.NOT_THERE]:
        return dict(missing)
    seen = Counter(missing)
    seen[Unmatched.UNKNOWN_FOLDER] += seen.pop(Unmatched.NOT_THERE)
    return dict(seen)


def _examples(connection: Connection, catalogue: int, root: bytes) -> tuple[str, ...]:
    values = (catalogue, text_array([str(why) for why in Unmatched]), root, EXAMPLES)
    return tuple(
        display_path(os.fsdecode(path)) for (path,) in fetch(connection, _EXAMPLES, values)
    )
