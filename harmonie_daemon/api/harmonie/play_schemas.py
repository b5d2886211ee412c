"""What players tell, and what is told of plays."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, RootModel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from harmonie_daemon.domain.listening import (
    LONGEST_LISTENER,
    PlayOutcome,
    PlaySource,
)
from harmonie_daemon.store.track_lookup import LONGEST_NAME, LONGEST_PATH_BYTES
from harmonie_daemon.web.validation import WHOLE_TEXT, BodyId

MOST_TOLD = 1_000
"""Plays of one request."""
MOST_TOLD_BYTES = 512 * 1024
"""Half a kilobyte for each of them."""
LONGEST_PLAY_S = 86_400.0
_Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
_Seconds = Annotated[float, Field(ge=0, le=LONGEST_PLAY_S, allow_inf_nan=False)]
_Time = Annotated[float, Field(allow_inf_nan=False)]


class ToldPlay(BaseModel):
    """One play, as a player tells it."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "listener": "alice",
                    "path": "/music/Artist/Album/01 Title.flac",
                    "started_at": 1764072000.0,
                    "heard_s": 181.4,
                }
            ]
        },
    )

    listener: str = Field(
        min_length=1,
        max_length=LONGEST_LISTENER,
        description="Whoever listens, by the name that media servers have, too.",
    )
    track_id: BodyId | None = Field(None, description="Ours; else say path, or artist and title.")
    path: Annotated[str, Field(min_length=1, max_length=LONGEST_PATH_BYTES)] | None = None
    artist: _Name | None = None
    title: _Name | None = None
    album: _Name | None = None
    started_at: _Time = Field(description="Unix time in seconds.")
    heard_s: _Seconds | None = Field(
        None, description="Seconds of sound. Left out: up to `position_s`, or all of it."
    )
    position_s: _Seconds | None = Field(
        None, description="Where it was left. Left out: where `heard_s` leads to."
    )
    outcome: Annotated[PlayOutcome, Field(strict=False)] | None = Field(
        None, description="If the player knows better than the rules."
    )


class ToldPlays(RootModel[dict[str, Any] | list[Any]]):
    """One play, or a list of them; each is looked at by itself."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """What each of them should be."""
        one = handler(ToldPlay.__pydantic_core_schema__)
        several = {"type": "array", "maxItems": MOST_TOLD, "items": one}
        return {"anyOf": [one, several], "description": cls.__doc__}


class RefusedPlay(BaseModel):
    """One that was not taken."""

    index: int = Field(description="Its place in the list, from 0.")
    detail: str = Field(description="One sentence that says what to change.")


class PlaysTaken(BaseModel):
    """What came of it."""

    new: int = Field(description="Plays that nobody had told of before.")
    known: int = Field(
        description="Plays that were known already, or are of somebody of whom nothing is kept."
    )
    refused: list[RefusedPlay]


class KeptPlay(BaseModel):
    """One play."""

    listener: str
    track_id: int
    path: str
    artist: str | None
    title: str | None
    started_at: float = Field(description="Unix time.")
    ended_at: float
    heard_s: float = Field(description="0 where only a counter of a server tells of it.")
    outcome: PlayOutcome
    source: PlaySource


class ListenerCounts(BaseModel):
    """One listener in numbers."""

    listener: str
    counted: int = Field(description="Half was heard, and the end.")
    skipped: int = Field(description="Left within half a minute, or a fifth.")
    partial: int = Field(description="Neither.")
    tracks: int = Field(description="Different ones.")
    heard_s: float
    last_played_at: float
    own_playlists: int = Field(
        description="Of theirs at media servers, as far as it is known what they hold now."
    )


class PlayList(BaseModel):
    """Plays, the latest first."""

    items: list[KeptPlay]
    listeners: list[ListenerCounts] = Field(
        description="What is played in all of the time that was asked for, not only in `items`."
    )


class PlaysQuery(BaseModel):
    """Which plays."""

    listener: str | None = Field(None, max_length=LONGEST_LISTENER, description="Left out: all.")
    since: _Time = Field(0.0, description="Unix time.")
    until: _Time | None = Field(None, description="Unix time; left out: now.")
    limit: Annotated[int, Field(ge=0, le=1_000), WHOLE_TEXT] = 100


class ListenerQuery(BaseModel):
    """Whom it is about."""

    listener: str = Field(max_length=LONGEST_LISTENER)


class Forgotten(BaseModel):
    """What is gone."""

    plays: int


class TakenInAgain(BaseModel):
    """Whether there was anything to take in again."""

    known: bool
