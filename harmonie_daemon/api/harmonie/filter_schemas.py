"""The filter language in its two forms; its grammar is ``domain/filters.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from harmonie_daemon.domain.filters import (
    FILTER_NAMES,
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
    "examples": ["A", "C#", "Eb"],
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
KeyText = Annotated[str, WithJsonSchema(KEY_SCHEMA)]
ScaleText = Annotated[str, WithJsonSchema(SCALE_SCHEMA)]
ScaleName = Annotated[Literal["major", "minor"], WithJsonSchema(SCALE_SCHEMA)]
GenreText = Annotated[str, WithJsonSchema({**LABEL_SCHEMA, "examples": ["Electronic"]})]
StyleText = Annotated[str, WithJsonSchema({**LABEL_SCHEMA, "examples": ["House"]})]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Probability = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False, description="Style rows below this do not count."),
]


class FilterQuery(BaseModel):
    """The filter as query parameters."""

    bpm: RangeText | None = Field(
        default=None, description="Tempo in BPM.", examples=["120..130", "120..", "..130", "128"]
    )
    danceability: RangeText | None = Field(
        default=None, description="0 to about 3.", examples=["1.2.."]
    )
    loudness: RangeText | None = Field(
        default=None, description="ReplayGain in dB.", examples=["..-10"]
    )
    key: list[KeyText] = Field(default=[], description="Pitch class; repeat for or.")
    scale: ScaleText | None = None
    genre: list[GenreText] = Field(default=[], description="Discogs genre; repeat for or.")
    style: list[StyleText] = Field(default=[], description="Discogs style; repeat for or.")
    style_min: Probability = 0.0
    style_mode: StyleMode = Field(
        default=StyleMode.ANY, description="Whether any or all of the genres and styles must match."
    )

    def track_filter(self) -> TrackFilter:
        """The gate these parameters describe. Raises ``FilterError``."""
        return _track_filter(self)


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


Text = TypeVar("Text", bound=str)
BodyTexts = Annotated[list[Text], FIRST_ONLY, Field(max_length=MOST_VALUES)]


class FilterBody(BaseModel):
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

    bpm: BodyRange | None = None
    danceability: BodyRange | None = None
    loudness: BodyRange | None = None
    key: BodyTexts[KeyText] | None = None
    scale: ScaleText | None = None
    genre: BodyTexts[GenreText] | None = None
    style: BodyTexts[StyleText] | None = None
    style_min: Probability = 0.0
    style_mode: StyleMode = StyleMode.ANY

    def track_filter(self) -> TrackFilter:
        """The gate this object describes. Raises ``FilterError``."""
        return _track_filter(self)


def _track_filter(model: BaseModel) -> TrackFilter:
    return filter_from_values(model.model_dump(include=set(FILTER_NAMES), exclude_none=True))
