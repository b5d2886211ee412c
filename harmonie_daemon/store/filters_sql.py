"""A ``TrackFilter`` as the WHERE of a statement over ``tracks``.

What the genres and styles of a filter mean (names compare by ``text_key``, rows below
``style_min`` do not count):

- genres alone: a style row of one of the genres; styles alone: a row of one of the styles, in
  whatever genre; both: a row with one of the labels ``genre---style`` (each genre with each style).
- ``style_mode=all``: those same rows must bring every genre asked for, and every style asked for.
  With both given, each style must come in one of the genres and each genre with one of the styles;
  not every one of the labels is needed.

A number that is missing passes no range, nor does a tempo heard with too little confidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.domain.filter_fields import FILTER_FIELDS
from harmonie_daemon.domain.filters import Range, StyleMode, TrackFilter
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.store.driver import text_array
from harmonie_daemon.store.keys import clean_text

# Looked up for each track that passes the rest: as lists they would be the whole library each time.
_HAS_ROW = "EXISTS (SELECT 1 FROM {table} WHERE track_id = tracks.id AND {conditions})"
_HAS_VECTOR = """EXISTS (
  SELECT 1 FROM embeddings
  WHERE track_id = tracks.id AND has_vector = 1
    AND model_id = (SELECT id FROM models WHERE name = ?)
)"""
_ROWS = """tracks.id IN (
  SELECT track_styles.track_id FROM styles
  CROSS JOIN track_styles ON track_styles.style_id = styles.id
  WHERE track_styles.probability >= ?"""
_OF_GENRES = "AND styles.genre_key IN (SELECT value FROM carray(?))"
_OF_STYLES = "AND styles.style_key IN (SELECT value FROM carray(?))"
_EVERY = "GROUP BY track_styles.track_id HAVING true"
_EVERY_GENRE = "AND count(DISTINCT styles.genre_key) = ?"
_EVERY_STYLE = "AND count(DISTINCT styles.style_key) = ?"


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL with the values for its question marks."""

    text: str
    values: tuple[Any, ...] = ()


OPEN = Condition("true")
"""Lets everything pass."""


def condition(filter_: TrackFilter, model: str | None = None) -> Condition:
    """What goes after WHERE; ``true`` for an open filter.

    ``model`` restricts to tracks with a vector of it.
    """
    parts = [
        *_model(model),
        *_ranges(filter_.ranges),
        *_tonality(filter_),
        *_styles(filter_),
    ]
    return _joined(parts) if parts else OPEN


def _joined(parts: Sequence[Condition], between: str = " AND ") -> Condition:
    return Condition(
        between.join(part.text for part in parts),
        tuple(value for part in parts for value in part.values),
    )


def _model(name: str | None) -> Iterator[Condition]:
    if name is not None:
        yield Condition(_HAS_VECTOR, (name,))


def _ranges(wanted: Mapping[str, Range]) -> Iterator[Condition]:
    """Columns of ``tracks`` as they are; those of another table in one look at its row."""
    tables: dict[str, list[Condition]] = {}
    for field in FILTER_FIELDS:
        if field.name in wanted:
            table, _, _ = field.column.partition(".")
            parts = tables.setdefault(table, [])
            parts.extend(_range(field.column, wanted[field.name]))
            if field.least is not None:
                parts.append(_known(*field.least))
    yield from tables.pop("tracks", ())
    for table, parts in tables.items():
        rows = _joined(parts)
        yield Condition(_HAS_ROW.format(table=table, conditions=rows.text), rows.values)


def _range(column: str, wanted: Range) -> Iterator[Condition]:
    if wanted.low is not None:
        yield Condition(f"{column} >= ?", (float(wanted.low),))
    if wanted.high is not None:
        yield Condition(f"{column} <= ?", (float(wanted.high),))


def _known(column: str, least: float) -> Condition:
    return Condition(f"({column} IS NULL OR {column} >= ?)", (least,))


def _tonality(filter_: TrackFilter) -> Iterator[Condition]:
    if filter_.keys:
        keys = text_array(filter_.keys)
        yield Condition("tracks.key IN (SELECT value FROM carray(?))", (keys,))
    if filter_.scale is not None:
        yield Condition("tracks.scale = ?", (filter_.scale.value,))


def _styles(filter_: TrackFilter) -> Iterator[Condition]:
    genres, styles = _keys(filter_.genres), _keys(filter_.styles)
    if not genres and not styles:
        return
    parts = [Condition(_ROWS, (float(filter_.style_min),))]
    if genres:
        parts.append(Condition(_OF_GENRES, (text_array(genres),)))
    if styles:
        parts.append(Condition(_OF_STYLES, (text_array(styles),)))
    if filter_.style_mode is StyleMode.ALL:
        parts.append(Condition(_EVERY))
        if genres:
            parts.append(Condition(_EVERY_GENRE, (len(genres),)))
        if styles:
            parts.append(Condition(_EVERY_STYLE, (len(styles),)))
    rows = _joined(parts, "\n  ")
    yield Condition(rows.text + ")", rows.values)


def _keys(names: Sequence[str]) -> tuple[str, ...]:
    """Each name's key once; a blank name becomes one that no row has."""
    return tuple(
        dict.fromkeys(text_key(clean_text(name)) or "\N{REPLACEMENT CHARACTER}" for name in names)
    )
