"""Qloo's words and ours: which kinds of things there are, and what is read of its answers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from harmonie_daemon.providers.troubles import shortened

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class TasteKind(StrEnum):
    """What something is, as Qloo calls it."""

    ARTIST = "artist"
    MOVIE = "movie"
    BOOK = "book"
    PLACE = "place"
    BRAND = "brand"

    @property
    def urn(self) -> str:
        """On the wire."""
        return f"urn:entity:{self.value}"


@dataclass(frozen=True, slots=True)
class QlooEntity:
    """Something that Qloo knows."""

    id: str
    name: str
    popularity: float | None = None
    """0 to 1, among things of its kind."""
    affinity: float | None = None
    """0 to 1: how well it goes with what was asked about; only of insights."""


@dataclass(frozen=True, slots=True)
class QlooEntities:
    """An answer, best first."""

    entities: tuple[QlooEntity, ...]


def read_search(body: bytes, most: int) -> QlooEntities:
    """Of ``/search``. Raises ``ValueError`` for what is none."""
    return _read(_member(_json(body), "results"), most)


def read_insights(body: bytes, most: int) -> QlooEntities:
    """Of ``/v2/insights``. Raises ``ValueError`` for what is none."""
    return _read(_member(_member(_json(body), "results"), "entities"), most)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("it is nested without end") from None


def _member(value: Any, name: str) -> Any:
    if not isinstance(value, dict) or name not in value:
        raise ValueError(f"{name} is missing")
    return value[name]


def _read(values: Any, most: int) -> QlooEntities:
    match values:
        case list():
            return QlooEntities(tuple(_entities(values))[:most])
        case _:
            raise ValueError("there is no list")


def _entities(values: list[Any]) -> Iterator[QlooEntity]:
    """Those that have a name; whatever else they have may be missing."""
    for value in values:
        if not isinstance(value, dict):
            continue
        match value.get("entity_id"), value.get("name"):
            case str(given), str(name) if _ID.fullmatch(given) and name.strip():
                query = value.get("query")
                affinity = query.get("affinity") if isinstance(query, dict) else None
                yield QlooEntity(
                    given, shortened(name), _share(value.get("popularity")), _share(affinity)
                )


def _share(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not math.isfinite(value):
        return None
    return float(min(1, max(0, value)))
