"""The filter grammar: text or JSON in, one ``TrackFilter`` out.

URL parameters, playlist bodies, recipes and the command line all end here. A range reads
``120..130``, ``120..``, ``..130`` or ``128``; both bounds are included.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harmonie_daemon.domain.errors import FilterError
from harmonie_daemon.domain.filter_fields import FILTER_FIELDS, FILTER_NAMES, Form
from harmonie_daemon.domain.track import PITCH_CLASSES, Scale

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ENHARMONIC = {
    "DB": "C#", "D#": "Eb", "GB": "F#", "G#": "Ab", "A#": "Bb",
    "B#": "C", "CB": "B", "E#": "F", "FB": "E",
}  # fmt: skip
LABEL_SEPARATOR = "---"
LONGEST_TEXT = 200
"""Characters of a range, a key or a label; the longest Discogs style has 27."""
MOST_VALUES = 500
"""Keys, genres or styles of one filter; Discogs has 400 styles."""
MOST_SHOWN = 60
"""Characters of a wrong value that its message repeats."""


class StyleMode(StrEnum):
    """Whether one of the requested genres and styles is enough."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from ``low`` to ``high``, both included; ``None`` leaves a side open."""

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise FilterError("a range needs at least one bound, as in 120..130, 120.. or ..130")
        for bound in (self.low, self.high):
            if bound is not None and not math.isfinite(bound):
                raise FilterError("the bounds of a range must be finite numbers")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise FilterError(
                f"the lower bound {self.low:g} of the range lies above its upper bound "
                f"{self.high:g}; write the smaller number first"
            )

    def __contains__(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class TrackFilter:
    """A hard gate on tracks; the default lets everything pass."""

    ranges: Mapping[str, Range] = field(default_factory=dict, hash=False)
    """By the name of the filter."""
    keys: tuple[str, ...] = ()
    """Pitch classes as ``PITCH_CLASSES`` spells them; any of them will do."""
    scale: Scale | None = None
    genres: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    style_min: float = 0.0
    """Style rows below this probability do not count."""
    style_mode: StyleMode = StyleMode.ANY

    @property
    def is_open(self) -> bool:
        """Whether every track passes (``style_min`` alone gates nothing)."""
        return not (self.ranges or self.keys or self.scale or self.genres or self.styles)


def parse_range(text: str, name: str = "range") -> Range:
    """Read ``120..130``, ``120..``, ``..130`` or ``128`` (negative numbers too).

    Raises ``FilterError`` naming ``name`` when the text is none of these.
    """
    low, dots, high = (side.strip() for side in _short(text, name).partition(".."))
    if not dots:
        high = low
    if not (low or high) or any(side and not _NUMBER.fullmatch(side) for side in (low, high)):
        raise FilterError(
            f"{name}={_shown(text)} is not a range; write 120..130, 120.., ..130 or 128"
        )
    return Range(float(low) if low else None, float(high) if high else None)


def parse_pitch_class(text: str) -> str:
    """The canonical spelling of a pitch class (``db`` is ``C#``). Raises ``FilterError``."""
    folded = _short(text, "key").strip().replace("♯", "#").replace("♭", "b").upper()
    spelled = _ENHARMONIC.get(folded, folded.capitalize())
    if spelled not in PITCH_CLASSES:
        raise FilterError(
            f"key={_shown(text)} is not a pitch class; use one of {', '.join(PITCH_CLASSES)}"
        )
    return spelled


def parse_scale(text: str) -> Scale:
    """``major`` or ``minor``, in any case. Raises ``FilterError``."""
    try:
        return Scale(text.strip().lower())
    except ValueError:
        raise FilterError(f"scale={_shown(text)} is not a scale; use major or minor") from None


def parse_label_part(text: str, name: str) -> str:
    """One side of a ``Genre---Style`` label. Raises ``FilterError`` for a whole label or blank."""
    part = _short(text, name).strip()
    if LABEL_SEPARATOR in part:
        raise FilterError(
            f"{name}={_shown(text)} must not contain {LABEL_SEPARATOR!r}; "
            "pass genre and style separately for an exact label"
        )
    if not part:
        raise FilterError(f"{name} must not be blank")
    return part


def filter_from_values(values: Mapping[str, object]) -> TrackFilter:
    """A filter from a table of names to text, numbers, lists, or ``{gte, lte}`` tables.

    This is the form of recipes and of the command line; the URL and the body of a playlist
    request come here too. Raises ``FilterError`` naming the member that is wrong.
    """
    require_filter_names(values)
    scale = values.get("scale")
    return TrackFilter(
        ranges=_ranges(values),
        keys=tuple(parse_pitch_class(key) for key in _texts(values.get("key"), "key")),
        scale=None if scale is None else parse_scale(str(scale)),
        genres=tuple(parse_label_part(g, "genre") for g in _texts(values.get("genre"), "genre")),
        styles=tuple(parse_label_part(s, "style") for s in _texts(values.get("style"), "style")),
        style_min=_probability(values.get("style_min", 0.0)),
        style_mode=_style_mode(values.get("style_mode", StyleMode.ANY)),
    )


def require_filter_names(names: Iterable[str]) -> None:
    """Raises ``FilterError`` for a name that is no filter: a misspelt one would gate nothing."""
    for name in names:
        if name not in FILTER_NAMES:
            raise FilterError(f"{_shown(name)} is not a filter; use {', '.join(FILTER_NAMES)}")


def _ranges(values: Mapping[str, object]) -> dict[str, Range]:
    names = [row.name for row in FILTER_FIELDS if row.form is Form.RANGE]
    given = [(name, values.get(name)) for name in names]
    return {name: _range_from(value, name) for name, value in given if value is not None}


def _range_from(value: object, name: str) -> Range:
    match value:
        case bool():
            raise FilterError(f"{name}={value!r} is not a range; write 120..130 or a number")
        case int() | float():
            return Range(_float(value), _float(value))
        case str():
            return parse_range(value, name)
        case Mapping() if value and set(value) <= {"gte", "lte"}:
            low, high = (_number(value.get(side), f"{name}.{side}") for side in ("gte", "lte"))
            return Range(low, high)
    raise FilterError(f"{name}={_shown(value)} is not a range; write '120..130' or {{gte, lte}}")


def _number(value: object, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FilterError(f"{name}={_shown(value)} is not a number")
    return _float(value)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _texts(value: object, name: str) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case str():
            return (value,)
        case list() | tuple() if len(value) > MOST_VALUES:
            raise FilterError(f"{name} has {len(value)} values; give at most {MOST_VALUES}")
        case list() | tuple() if all(isinstance(item, str) for item in value):
            return tuple(value)
    raise FilterError(f"{name}={_shown(value)} must be a text or a list of texts")


def _probability(value: object) -> float:
    number = math.nan
    if isinstance(value, str) and len(value) <= LONGEST_TEXT and _NUMBER.fullmatch(value.strip()):
        number = float(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = _float(value)
    if not 0.0 <= number <= 1.0:
        raise FilterError(f"style_min={_shown(value)} must be a number from 0 to 1")
    return number


def _style_mode(value: object) -> StyleMode:
    try:
        return StyleMode(str(value).strip().lower())
    except ValueError:
        raise FilterError(f"style_mode={_shown(value)} must be any or all") from None


def _short(text: str, name: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise FilterError(f"{name} has {len(text)} characters; write at most {LONGEST_TEXT}")
    return text


def _shown(value: object) -> str:
    try:
        shown = repr(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return "a very long number"
    return shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]}…"
