"""Speech: what is taken for it, what is not, and which playlists it stays out of."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from harmonie_daemon.analysis.styles import styles_from_genres, styles_from_probabilities
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.playlist import Recipe, RecipeMode
from harmonie_daemon.domain.track import Analysis, AudioFile, Descriptors, Tags, TrackId
from harmonie_daemon.playlists.recipes import DEFAULT_RECIPES
from harmonie_daemon.playlists.spoken import Speech, is_spoken
from harmonie_daemon.store.records import SpokenClues
from tests.playlists.factories import MODEL, unit_rows
from tests.playlists.made_library import DIM, MadeLibrary

NOON = 1_790_000_000.0
SONG_S, CHAPTER_S = 240.0, 2400.0


def clue(
    path: str = "music/a/1.mp3",
    *genres: str,
    duration_s: float = SONG_S,
    artist: str | None = None,
    album: str | None = None,
    heard: float = 0.0,
) -> SpokenClues:
    return SpokenClues(TrackId(1), path, artist, album, genres, duration_s, heard)


@pytest.mark.parametrize(
    "spoken",
    [
        clue("music/x/1.mp3", "Audiobook"),
        clue("music/x/1.mp3", "AUDIO BOOKS"),
        clue("music/x/1.mp3", "Hörspiel"),
        clue("music/x/1.mp3", "Podcast"),
        clue("music/x/1.mp3", "Speech"),
        clue("music/x/1.mp3", "Spoken & Audio"),
        clue("music/x/1.mp3", "Non-Music---Interview"),
        clue("music/x/1.mp3", "Audiobook;Fantasy"),
        clue("music/x/1.mp3", "Children's", "Audiobook"),
        clue("music/x/1.mp3", "Comedy", duration_s=CHAPTER_S),
        clue("music/x/1.mp3", "Science Fiction", "Fiction", duration_s=CHAPTER_S),
        clue("music/Hörbücher/Tolkien/01.mp3"),
        clue("music/Media/AudioBooks/01.mp3", artist="tolkien", album="the hobbit"),
        clue("audiobooks/Tolkien/01.mp3"),
        clue("music/Podcasts/News/today.mp3", "News"),
        clue("music/Tolkien/The Hobbit.M4B"),
        clue(heard=0.7),
        clue("music/x/1.mp3", "Rock", heard=0.7),
    ],
)
def test_what_says_plainly_that_it_is_speech_is_taken_for_it(spoken: SpokenClues) -> None:
    assert is_spoken(spoken)


@pytest.mark.parametrize(
    "music",
    [
        clue(),
        clue(duration_s=4000.0),
        clue("music/x/1.mp3", "Classical", duration_s=4000.0),
        clue("music/x/1.mp3", "Comedy"),
        clue("music/x/1.mp3", "Comedy", "Rock", duration_s=CHAPTER_S),
        clue("music/x/1.mp3", "Jazz", "Spoken Word"),
        clue("music/x/1.mp3", "Hip Hop;Spoken Word"),
        clue("music/x/1.mp3", "Children's"),
        clue("music/x/1.mp3", "Soundtrack", "Fiction", duration_s=CHAPTER_S),
        clue("music/x/1.mp3", "Religious", duration_s=CHAPTER_S),
        clue("music/x/1.mp3", "Field Recording"),
        clue("music/Podcasts/DJ/set.mp3", "Techno", duration_s=CHAPTER_S),
        clue("music/Audiobooks/Now!/1.mp3", artist="audiobooks"),
        clue("music/Band/Podcast/1.mp3", album="podcast"),
        clue("music/Speech/Hoopla/1.mp3"),
        clue("music/The Audiobooks Sessions/1.mp3"),
        clue("music/x/Audiobook.mp3"),
        clue(heard=0.4),
    ],
)
def test_no_music_is_lost(music: SpokenClues) -> None:
    assert not is_spoken(music)


async def shelf(library: MadeLibrary, music: int, books: int) -> set[TrackId]:
    """Music, and later as much speech as nobody wants; the ids of the speech."""
    await library.fill(music)
    rows = unit_rows(books, DIM, seed=5, clusters=1)
    tags = [Tags(artist="Reader", album="Book", title=f"Chapter {n}") for n in range(books)]
    return {
        await library.add(f"Audiobooks/Book/{n}.mp3", rows[n], tags=tags[n], bpm=100.0)
        for n in range(books)
    }


@pytest.mark.parametrize("recipe", DEFAULT_RECIPES, ids=lambda recipe: recipe.name)
async def test_default_playlists_leave_speech_out_unless_told_otherwise(
    library: MadeLibrary, recipe: Recipe
) -> None:
    books = await shelf(library, 80, 60)
    for day in range(3):
        made = await library.kitchen.make(recipe, now=NOON + 86_400 * day)
        assert made
        assert not books & {track_id for one in made for track_id in one.track_ids}
    told = await library.kitchen.make(replace(recipe, spoken=True, n=100), now=NOON)
    assert books & {track_id for one in told for track_id in one.track_ids}


async def test_what_was_added_before_a_shelf_of_audiobooks_is_still_new(
    library: MadeLibrary,
) -> None:
    await shelf(library, 20, 120)
    newly_added = replace(DEFAULT_RECIPES[1], n=8)
    (playlist,) = await library.kitchen.make(newly_added, now=NOON)
    assert len(playlist.track_ids) == 8


async def test_recipes_of_ones_own_leave_speech_out_too(library: MadeLibrary) -> None:
    books = await shelf(library, 60, 30)
    run = Recipe("Run", RecipeMode.VIBE, 90, "0 5 * * *")
    near = Recipe("Near", RecipeMode.SIMILAR, 90, "0 5 * * *", seeds=("1",))
    story = replace(near, seeds=(str(min(books)),))
    for recipe, is_wanted in ((run, False), (near, False), (story, True)):
        (playlist,) = await library.kitchen.make(recipe, now=NOON)
        assert bool(books & set(playlist.track_ids)) is is_wanted


async def test_a_filter_that_names_speech_wants_it(library: MadeLibrary) -> None:
    await library.fill(20)
    tags = Tags(artist="Reader", album="Book", genres=("Audiobook",))
    rows = unit_rows(10, DIM)
    styles, _ = styles_from_genres(tags.genres)
    for number, row in enumerate(rows):
        await library.add(f"b/{number}.mp3", row, tags=tags, styles=styles)
    for gate in (TrackFilter(genres=("non-music",)), TrackFilter(styles=("Audiobook",))):
        recipe = Recipe("Bedtime", RecipeMode.VIBE, 10, "0 5 * * *", filter=gate)
        assert len((await library.kitchen.make(recipe, now=NOON))[0].track_ids) == 10


async def test_what_the_classifier_heard_counts_at_once(library: MadeLibrary) -> None:
    speech = Speech(library.tracks, library.spaces)
    await library.fill(4)
    assert (await speech.ids()).tolist() == []
    labels = (files("harmonie_daemon.analysis") / "data" / "discogs400.txt").read_text().split("\n")
    probabilities = np.full(400, 0.001, np.float32)
    for style in ("Audiobook", "Monolog", "Spoken Word"):
        probabilities[labels.index(f"Non-Music---{style}")] = 0.2
    row = unit_rows(1, DIM)[0]
    heard = Analysis(180.0, Descriptors(), 1, {MODEL: row}, style_probabilities=probabilities)
    file = AudioFile("/music", "x/1.mp3", 1000, 1)
    styles = styles_from_probabilities(probabilities)
    spoken = await library.tracks.save(file, None, Tags(), heard, styles)
    assert (await speech.ids()).tolist() == [spoken]
