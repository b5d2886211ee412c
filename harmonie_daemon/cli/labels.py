"""Saying which genre or style of a filter nothing in the library has."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from harmonie_daemon.cli.client import Client
from harmonie_daemon.domain.filter_fields import FILTER_FIELDS_BY_NAME, Form
from harmonie_daemon.domain.filters import LABEL_SEPARATOR
from harmonie_daemon.domain.text import text_key

ALIKE = 0.6
"""How near a name must be to one that exists to be taken for a misspelling of it, of 1."""


async def why_nothing_passes(daemon: Client, wanted: Sequence[tuple[str, str]]) -> str:
    """Why nothing was found under filters (name, value), in a sentence."""
    for name, value in wanted:
        if FILTER_FIELDS_BY_NAME[name].form is Form.LABELS:
            bearers = await daemon.get("/api/v1/tracks", {name: value, "limit": "1"})
            if not bearers["total"]:
                return f"no track has the {name} {value!r}{await _hint(daemon, name, value)}"
    return "no other track passes the filter" if wanted else "there is no track to answer with"


async def _hint(daemon: Client, name: str, value: str) -> str:
    rows = (await daemon.get(f"/api/v1/{name}s"))["items"]
    names = [str(row[name]).rpartition(LABEL_SEPARATOR)[2] for row in rows]
    known = {key: text for text in names if (key := text_key(text))}
    near = difflib.get_close_matches(text_key(value) or "", list(known), cutoff=ALIKE)
    if near:
        return f"; there is {', '.join(repr(known[key]) for key in near)}"
    return f"; /api/v1/{name}s lists those there are" if known else f"; no {name} is known yet"
