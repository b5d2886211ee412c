"""Playlists for a theme."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harmonie_daemon.api.beatteller.deps import BeattellerCall
from harmonie_daemon.api.beatteller.paging import number_or_text
from harmonie_daemon.api.beatteller.sources import MUSIC, SOURCES_TEXT, Source
from harmonie_daemon.api.beatteller.texts import PlainInput, Word
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.discovery.answers import genres_of, track_name
from harmonie_daemon.discovery.mix import Mix, MixTrack, MixWish
from harmonie_daemon.web.endpoint import Nothing
from harmonie_daemon.web.validation import WHOLE_TEXT

USUAL_MINUTES = 60
LENGTH = "library: as decoded"
MOST_MINUTES = 720
Minutes = Annotated[
    int, Field(ge=1, le=MOST_MINUTES), WHOLE_TEXT, number_or_text(MOST_MINUTES)
]  # fmt: skip


class ThemeBody(BaseModel):
    """What a playlist is to be; unknown words ask for nothing."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "theme": "Sunday morning coffee",
                    "activity": "relaxation",
                    "duration_minutes": 60,
                    "mood": "calm",
                    "include_popular": True,
                    "include_discovery": True,
                }
            ]
        },
    )

    theme: PlainInput = Field(
        description="Blank, as the frontend sends it where nothing was typed, it is the activity, "
        "or else the mood."
    )
    activity: Word | None = Field(
        default=None, description="workout, study, party, relaxation, commute, work, …"
    )
    duration_minutes: Minutes | None = Field(default=None, description="60, if it is left out.")
    mood: Word | None = None
    include_popular: bool | None = Field(
        default=None, description="Tracks that are played much here; yes."
    )
    include_discovery: bool | None = Field(
        default=None, description="Tracks that were never played here; yes."
    )
    save: bool = Field(
        default=False,
        description="Ours: keep it, in the place of an earlier one of this theme, and bring it to "
        "every target.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.named:
            raise ValueError("theme: must say something")
        return self

    @property
    def named(self) -> str:
        """The theme, by which the playlist is called and kept."""
        said = (self.theme, self.activity or "", self.mood or "")
        return next((text.strip() for text in said if text.strip()), "")


class ThemeTrack(BaseModel):
    """A track of the library in its place."""

    name: str
    artist: str | None
    duration_seconds: int
    position: int = Field(description="From 1.")
    estimated_duration: int = Field(description="The same seconds, as the frontend reads it.")
    playlist_score: float = Field(ge=0, le=1, description="How well it answers.")
    category: Literal["Music"] = MUSIC
    types: list[str] = Field(description="What it is: a track.")
    genre_tags: list[str]
    popularity: float = Field(ge=0, le=1)
    is_new: bool = Field(description="Ours: whether it was never played here.")
    track_id: int


class ThemePlaylist(BaseModel):
    """A playlist in the order in which it is to be played."""

    name: str
    description: str
    total_duration_minutes: int
    track_count: int
    tracks: list[ThemeTrack]
    total_tracks: int
    total_duration_seconds: int
    created_at: str = Field(examples=[EXAMPLE])
    key: str | None = Field(description="Ours: what it is kept as; null if it is not.")


class GenerationMetadata(BaseModel):
    """What was asked for."""

    theme: str
    activity: str | None
    mood: str | None
    notes: list[str] = Field(description="Ours: what could not be as it was asked for.")


class ThemeCriteria(BaseModel):
    """As the frontend reads it."""

    theme: str
    activity: str | None
    mood: str | None
    target_duration_minutes: int
    include_popular: bool
    include_discovery: bool


class ThemeAnswer(BaseModel):
    """The playlist."""

    success: bool = True
    playlist: ThemePlaylist
    generation_metadata: GenerationMetadata
    criteria: ThemeCriteria
    source: Source = Field(
        description="`gemini` where it chose among tracks of the library, else `library`."
    )
    sources: dict[str, str] = Field(description=SOURCES_TEXT)


async def generate_playlist(call: BeattellerCall[Nothing, Nothing, ThemeBody]) -> ThemeAnswer:
    """Half of it known and half of it new, where both are wanted."""
    body, deps = call.body, call.deps
    minutes = body.duration_minutes or USUAL_MINUTES
    wish = MixWish(
        theme=body.named,
        activity=body.activity,
        mood=body.mood,
        duration_s=60.0 * minutes,
        popular=body.include_popular is not False,
        discoveries=body.include_discovery is not False,
    )
    mix = await deps.mixer.mix(wish)
    key = None
    if body.save and mix.tracks:
        key = await deps.kept_mixes.keep(body.named, mix)
        deps.push()
    return ThemeAnswer(
        playlist=_playlist(mix, iso(deps.clock()), key),
        generation_metadata=GenerationMetadata(
            theme=body.theme, activity=body.activity, mood=body.mood, notes=list(mix.notes)
        ),
        criteria=ThemeCriteria(
            theme=body.theme,
            activity=body.activity,
            mood=body.mood,
            target_duration_minutes=minutes,
            include_popular=wish.popular,
            include_discovery=wish.discoveries,
        ),
        source="gemini" if mix.by_model else "library",
        sources={
            "duration_seconds": LENGTH,
            "estimated_duration": LENGTH,
            "playlist_score": "library: how well it answers",
            "popularity": f"listening: {mix.popularity_source}",
        },
    )


def _playlist(mix: Mix, now: str, key: str | None) -> ThemePlaylist:
    seconds = round(mix.duration_s)
    return ThemePlaylist(
        name=mix.name,
        description=mix.description,
        total_duration_minutes=round(seconds / 60),
        track_count=len(mix.tracks),
        tracks=[_track(one, position) for position, one in enumerate(mix.tracks, 1)],
        total_tracks=len(mix.tracks),
        total_duration_seconds=seconds,
        created_at=now,
        key=key,
    )


def _track(one: MixTrack, position: int) -> ThemeTrack:
    track = one.track
    seconds = round(track.duration_s)
    return ThemeTrack(
        name=track_name(track),
        artist=track.tags.artist or track.tags.album_artist,
        duration_seconds=seconds,
        position=position,
        estimated_duration=seconds,
        playlist_score=round(min(1.0, one.score), 4),
        types=["track"],
        genre_tags=list(genres_of(track)),
        popularity=one.popularity,
        is_new=one.is_new,
        track_id=track.id,
    )
