"""Filters of the stand-in's listings: by plays, favourites and when an item was saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tests.mediaservers.fake_query import Query, refuse
from tests.mediaservers.fake_state import State


def passing(
    query: Query,
    state: State,
    user_id: str | None,
    ids: Sequence[str],
) -> list[str]:
    """Those of the ids that pass the filters of the query about plays and about saving."""
    wanted = {
        "is_favorite": _switch(query, "isFavorite", "IsFavorite"),
        "is_played": _switch(query, "isPlayed", "IsPlayed"),
    }
    since = query.one("minDateLastSaved")
    least = None if since is None else _instant(since)
    if least is None and not any(value is not None for value in wanted.values()):
        return list(ids)
    return [
        one
        for one in ids
        if (least is None or (one in state.items and state.items[one].saved_at >= least))
        and all(
            value is None
            or (user_id is not None and getattr(state.listening.of(user_id, one), name) is value)
            for name, value in wanted.items()
        )
    ]


def _switch(query: Query, parameter: str, filter_name: str) -> bool | None:
    text = query.one(parameter)
    if text is not None:
        return text.lower() == "true"
    return True if filter_name in query.list("filters") else None


def _instant(text: str) -> float:
    """.NET's seven digits of a second are one too many for Python."""
    try:
        return datetime.fromisoformat(text[:26].rstrip("Z")).replace(tzinfo=UTC).timestamp()
    except ValueError:
        refuse(400)
