"""Stories of tracks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from harmonie_daemon.api.beatteller.deps import BeattellerCall, BeattellerDeps
from harmonie_daemon.api.beatteller.texts import Name, Word
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.discovery.known_tracks import NamedTrack
from harmonie_daemon.discovery.stories import MOST_TRACKS, WORDS, StoryWish
from harmonie_daemon.discovery.story_model import MODEL, ToldStory
from harmonie_daemon.discovery.story_sounds import StoryTrack
from harmonie_daemon.web.endpoint import Nothing
from harmonie_daemon.web.validation import FIRST_ONLY

MOST_PREFERENCES = 100
USUAL_LENGTH = "medium"


class MusicPreference(BaseModel):
    """A track that the story is to be about."""

    model_config = ConfigDict(strict=True)

    name: Name = Field(description="The title of the track.")
    artist: Name | None = None
    genre: Word | None = Field(default=None, description="What was heard, if it is left out.")


class StoryBody(BaseModel):
    """What a story is to be like; unknown types, themes and lengths fall back."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "music_preferences": [{"name": "Xtal", "artist": "Aphex Twin"}],
                    "user_name": "Alex",
                    "story_type": "journey",
                    "theme": "inspirational",
                    "story_length": "medium",
                }
            ]
        },
    )

    music_preferences: Annotated[
        list[MusicPreference], FIRST_ONLY, Field(min_length=1, max_length=MOST_PREFERENCES)
    ] = Field(
        description=f"The first {MOST_TRACKS} have a scene of their own, as far as there is room."
    )
    user_name: Word = Field(min_length=1)
    story_type: Word | None = Field(
        default=None, description="journey, adventure, reflection, concert or playlist."
    )
    theme: Word | None = Field(
        default=None,
        description="inspirational, mysterious, romantic, nostalgic or adventurous; what the "
        "tracks suggest, if it is left out.",
    )
    story_length: Word | None = Field(default=None, description="short, medium or long.")


class StoryMetadata(BaseModel):
    """The story in numbers."""

    story_type: str = Field(description="The one that is told.")
    theme: str
    word_count: int
    estimated_reading_time: str = Field(examples=["2 minutes"])
    reading_time_minutes: int
    generated_at: str = Field(examples=[EXAMPLE])
    story_length: str


class FeaturedTrack(BaseModel):
    """A track of the story."""

    name: str
    context_in_story: str


class StoryAnswer(BaseModel):
    """A story; its paragraphs are divided by blank lines."""

    success: bool = True
    story: str
    metadata: StoryMetadata
    music_featured: list[FeaturedTrack]
    story_type: str
    theme: str
    source: str = Field(description="Who told it: `local` or `gemini`.")


async def tell_story(call: BeattellerCall[Nothing, Nothing, StoryBody]) -> StoryAnswer:
    """Told over what was measured in those of the tracks that the library has."""
    body, deps = call.body, call.deps
    named = [
        NamedTrack(one.name, one.artist, one.genre) for one in body.music_preferences[:MOST_TRACKS]
    ]
    wish = StoryWish(
        user_name=body.user_name,
        story_type=body.story_type or "",
        theme=body.theme,
        length=body.story_length or USUAL_LENGTH,
        most_words=deps.settings.max_story_words,
    )
    told = await _told(deps, await deps.known_tracks.for_stories(named), wish)
    story = told.story
    minutes = story.reading_minutes
    metadata = StoryMetadata(
        story_type=story.story_type,
        theme=story.theme,
        word_count=story.word_count,
        estimated_reading_time="1 minute" if minutes == 1 else f"{minutes} minutes",
        reading_time_minutes=minutes,
        generated_at=iso(deps.clock()),
        story_length=_length(body.story_length),
    )
    return StoryAnswer(
        story=story.text,
        metadata=metadata,
        music_featured=[
            FeaturedTrack(name=one.title, context_in_story=one.context) for one in story.featured
        ],
        story_type=story.story_type,
        theme=story.theme,
        source=told.source,
    )


class _ToldLocallyError(Exception):
    """The model did not tell a story; ours is not kept in the place of its next one."""

    def __init__(self, told: ToldStory) -> None:
        super().__init__("told without the model")
        self.told = told


async def _told(deps: BeattellerDeps, tracks: tuple[StoryTrack, ...], wish: StoryWish) -> ToldStory:
    """The model's stories are told again for a while; ours cost nothing."""

    async def tell() -> ToldStory:
        told = await deps.storyteller.tell(tracks, wish)
        if told.source != MODEL:
            raise _ToldLocallyError(told)
        return told

    if not deps.storyteller.has_model:
        return await deps.storyteller.tell(tracks, wish)
    key = [asdict(wish), [asdict(track) for track in tracks]]
    try:
        return await deps.caches.stories.answer(key, tell, ToldStory)
    except _ToldLocallyError as error:
        return error.told


def _length(asked: str | None) -> str:
    """The length that is told."""
    wanted = (asked or "").casefold().strip()
    return wanted if wanted in WORDS else USUAL_LENGTH
