"""The filter language in its two forms, each made from ``domain/filter_fields.py``.

Its grammar is ``domain/filters.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, create_model

from harmonie_daemon.domain.filter_fields import FILTER_FIELDS, FILTER_NAMES, FilterField, Form
from harmonie_daemon.domain.filters import (
    LONGEST_TEXT,
    MOST_VALUES,
    StyleMode,
    TrackFilter,
    filter_from_values,
)
from harmonie_daemon.web.validation import FIRST_ONLY

# Said in the document only: breaking one of these is a grammar error (400), which
# domain/filters.py words better than a schema can.
_NUMBER = r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"
RANGE_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": rf"^\s*({_NUMBER}(\s*\.\.(\s*{_NUMBER})?)?|\.\.\s*{_NUMBER})\s*$",
    "maxLength": LONGEST_TEXT,
}
KEY_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": r"^\s*[A-Ga-g][#b♯♭]?\s*$",
}
LABEL_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": r"^(?![\s\S]*---)[\s\S]*\S",
    "maxLength": LONGEST_TEXT,
}
SCALE_SCHEMA: dict[str, Any] = {
    "type": "string",
    "enum": ["major", "minor"],
    "x-component": "Scale",
}

RangeText = Annotated[str, WithJsonSchema(RANGE_SCHEMA)]
ScaleText = Annotated[str, WithJsonSchema(SCALE_SCHEMA)]
ScaleName = Annotated[Literal["major", "minor"], WithJsonSchema(SCALE_SCHEMA)]
GenreText = Annotated[str, WithJsonSchema({**LABEL_SCHEMA, "examples": ["Electronic"]})]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Probability = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False, description="Style rows below this do not count."),
]


class RangeBounds(BaseModel):
    """Both bounds are included; one may be left out."""

    model_config = ConfigDict(strict=True, extra="forbid", json_schema_extra={"minProperties": 1})

    gte: Finite | None = None
    lte: Finite | None = None


def _kind_of_range(value: object) -> Literal["bounds", "number"]:
    is_bounds = isinstance(value, Mapping | RangeBounds | str | list | bool)
    return "bounds" if is_bounds else "number"


BodyRange = Annotated[
    Annotated[RangeBounds, Tag("bounds")] | Annotated[Finite, Tag("number")],
    Discriminator(_kind_of_range),
]


def _parameter(field: FilterField) -> tuple[Any, Any]:
    """Type and default of a query parameter."""
    match field.form:
        case Form.RANGE:
            said = Field(default=None, description=field.meaning, examples=list(field.examples))
            return RangeText | None, said
        case Form.PITCH_CLASSES | Form.LABELS:
            return _texts(field), Field(default=[], description=field.meaning)
        case Form.SCALE:
            return ScaleText | None, None
        case Form.PROBABILITY:
            return Probability, 0.0
        case Form.STYLE_MODE:
            return StyleMode, Field(default=StyleMode.ANY, description=field.meaning)
    assert_never(field.form)


def _member(field: FilterField) -> tuple[Any, Any]:
    """Type and default of a member of a body."""
    match field.form:
        case Form.RANGE:
            return BodyRange | None, None
        case Form.PITCH_CLASSES | Form.LABELS:
            texts: Any = Annotated[_texts(field), FIRST_ONLY, Field(max_length=MOST_VALUES)]
            return texts | None, None
        case Form.SCALE:
            return ScaleText | None, None
        case Form.PROBABILITY:
            return Probability, 0.0
        case Form.STYLE_MODE:
            return StyleMode, StyleMode.ANY
    assert_never(field.form)


def _texts(field: FilterField) -> Any:
    schema = KEY_SCHEMA if field.form is Form.PITCH_CLASSES else LABEL_SCHEMA
    text = Annotated[str, WithJsonSchema({**schema, "examples": list(field.examples)})]
    return GenericAlias(list, text)


if TYPE_CHECKING:

    class _Parameters(BaseModel): ...

    class _Members(BaseModel): ...

else:
    _Parameters = create_model("_Parameters", **{f.name: _parameter(f) for f in FILTER_FIELDS})
    _Members = create_model("_Members", **{f.name: _member(f) for f in FILTER_FIELDS})


class FilterQuery(_Parameters):
    """The filter as query parameters."""

    def track_filter(self) -> TrackFilter:
        """The gate these parameters describe. Raises ``FilterError``."""
        return _track_filter(self)


class FilterBody(_Members):
    """The filter as a JSON object; a range is ``{"gte": …, "lte": …}`` or one number."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "bpm": {"gte": 120, "lte": 130},
                    "loudness": {"lte": -10},
                    "key": ["A", "B"],
                    "scale": "minor",
                    "genre": ["Electronic"],
                    "style": ["House"],
                    "style_min": 0.5,
                    "style_mode": "any",
                }
            ]
        },
    )

    def track_filter(self) -> TrackFilter:
        """The gate this object describes. Raises ``FilterError``."""
        return _track_filter(self)


def _track_filter(model: BaseModel) -> TrackFilter:
    return filter_from_values(model.model_dump(include=set(FILTER_NAMES), exclude_none=True))
