"""Trying a target out: a playlist of our own is made, changed and deleted, as a push does it.

Its row stands before the request, as that of every playlist: if the trial breaks off, the next push
finds that nobody wants the playlist and deletes it.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from harmonie_daemon.domain.checkup import Finding, fine, note, problem
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.delivery import Delivery, Order
from harmonie_daemon.mediaservers.examining import TRIAL_NAME
from harmonie_daemon.mediaservers.push import PushItem
from harmonie_daemon.mediaservers.shelf import Stock
from harmonie_daemon.store.records import RemotePlaylist

KEY = "doctor:trial"
TRACKS = 20
"""Asked for; those that the target does not have are left out."""
Prepare = Callable[[Sequence[PushItem]], Awaitable[tuple[Delivery[Any], Order[Any], Stock]]]
"""What a target does before it delivers."""
More = Callable[[], Awaitable[Sequence[Finding]]]


async def try_target(
    target: str, prepare: Prepare, tracks: Sequence[TrackId], more: More | None = None
) -> list[Finding]:
    """Make, change and delete a playlist of these tracks; raises ``MediaServerError``.

    ``more`` is tried while it stands.
    """
    if not tracks:
        return [note(target, "nothing was tried: no track is known yet")]
    begun = time.monotonic()
    try:
        made = await _put(target, prepare, tracks)
        if isinstance(made, Finding):
            return [made]
        changed = await _put(target, prepare, tracks[::-1])
        if isinstance(changed, Finding):
            return [changed]
        others = [] if more is None else await more()
    finally:
        delivery, _, _ = await prepare([])
        await delivery.let_go(KEY)
    if delivery.problems:
        return [problem(target, f"no playlist can be deleted: {delivery.problems[0]}", _ADVICE)]
    took = time.monotonic() - begun
    found = [fine(target, f"a playlist was made, changed and deleted in {took:.1f} s")]
    if {row.remote_id for row in made} != {row.remote_id for row in changed}:
        found.append(
            note(
                target,
                "a playlist that changes gets a new id there, and players lose their hold on it",
                "log in as the user whose playlists they are: harmonie jellyfin login",
            )
        )
    return [*found, *others]


_ADVICE = "see what is said of the login and of what it may do"


async def _put(
    target: str, prepare: Prepare, tracks: Sequence[TrackId]
) -> list[RemotePlaylist] | Finding:
    """The rows of the playlist as it stands now, or what went wrong."""
    playlist = SavedPlaylist(KEY, "", TRIAL_NAME, tuple(tracks), time.time(), maker="doctor")
    delivery, order, stock = await prepare([PushItem(playlist)])
    for one in order.lists:
        await delivery.put(one, stock)
    problems = [*order.problems, *delivery.problems]
    if problems or not order.lists:
        said = problems[0] if problems else "nobody is there whom a playlist could be for"
        return problem(target, f"no playlist can be kept there: {said}", _ADVICE)
    rows = []
    for one in order.lists:
        for row, contents in await delivery.standing(one.key):
            if tuple(contents) != one.ids:
                return problem(target, "a playlist is not kept there as it was sent", _ADVICE)
            rows.append(row)
    return rows
