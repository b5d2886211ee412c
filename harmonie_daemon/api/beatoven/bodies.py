"""What is asked for: the parameters of a track and its sections, in the words of the document.

Numbers may come as text, words in any case. Members nobody knows are ignored, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from harmonie_daemon.compose.prompt import LONGEST_PROMPT
from harmonie_daemon.domain.brief import LONGEST_MS, SHORTEST_MS, Emotion, Genre, TempoWord
from harmonie_daemon.domain.composition import LARGEST_SEED
from harmonie_daemon.tasks.composing.limits import LONGEST_TITLE
from harmonie_daemon.web.validation import FIRST_ONLY, PRINTABLE, WHOLE_TEXT

MOST_SECTIONS = 20
SHORTEST_SECTION_MS = 1_000


def _among(words: type[StrEnum]) -> Callable[[str], str]:
    """The text as it was sent, if it is one of ``words`` in any case."""

    def check(text: str) -> str:
        if text.strip().lower() not in set(words):
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return check


def _word(words: type[StrEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [word.value for word in words]})


def _number_or_text(least: int, most: int) -> WithJsonSchema:
    number = {"type": "integer", "minimum": least, "maximum": most}
    return WithJsonSchema({"anyOf": [number, {"type": "string", "pattern": "^[0-9]{1,19}$"}]})


GenreWord = Annotated[str, AfterValidator(_among(Genre)), _word(Genre)]
EmotionWord = Annotated[str, AfterValidator(_among(Emotion)), _word(Emotion)]
TempoName = Annotated[str, AfterValidator(_among(TempoWord)), _word(TempoWord)]
PromptText = Annotated[str, Field(max_length=LONGEST_PROMPT), PRINTABLE]
TitleText = Annotated[str, Field(max_length=LONGEST_TITLE), PRINTABLE]
StartMs = Annotated[
    int, Field(ge=0, le=LONGEST_MS), WHOLE_TEXT, _number_or_text(0, LONGEST_MS)
]  # fmt: skip
LengthMs = Annotated[
    int,
    Field(ge=SHORTEST_SECTION_MS, le=LONGEST_MS),
    WHOLE_TEXT,
    _number_or_text(SHORTEST_SECTION_MS, LONGEST_MS),
]
DurationMs = Annotated[
    int,
    Field(ge=SHORTEST_MS, le=LONGEST_MS),
    WHOLE_TEXT,
    _number_or_text(SHORTEST_MS, LONGEST_MS),
]
SeedNumber = Annotated[
    int, Field(ge=0, le=LARGEST_SEED), WHOLE_TEXT, _number_or_text(0, LARGEST_SEED)
]  # fmt: skip


class SectionRequest(BaseModel):
    """A stretch of time with one emotion."""

    model_config = ConfigDict(strict=True)

    emotion: EmotionWord
    start: StartMs = Field(description="Milliseconds from the beginning of the track.")
    length: LengthMs = Field(description="Milliseconds.")


SectionRequests = Annotated[list[SectionRequest], FIRST_ONLY, Field(max_length=MOST_SECTIONS)]


class TrackRequest(BaseModel):
    """What a track is to be; whatever is left out is settled by the prompt or by default."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {"prompt": "Make a 30 second upbeat EDM track for a party"},
                {
                    "duration_ms": 60000,
                    "tempo": "medium",
                    "title": "demo",
                    "genre": "indie",
                    "sections": [{"emotion": "happy", "length": 60000, "start": 0}],
                },
            ]
        },
    )

    prompt: PromptText | None = Field(default=None, description="What to compose, in English.")
    genre: GenreWord | None = None
    duration_ms: DurationMs | None = Field(
        default=None, description="As long as the sections, if there are any."
    )
    tempo: TempoName | None = None
    title: TitleText | None = None
    sections: SectionRequests | None = Field(
        default=None, description="Each begins where the one before it ends, the first at 0."
    )
    seed: SeedNumber | None = Field(
        default=None, description="Ours: the same request and seed give the same music."
    )


class StemsRequest(BaseModel):
    """An empty object."""

    model_config = ConfigDict(strict=True)
