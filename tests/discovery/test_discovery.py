"""From words to tracks, in a small library."""

from __future__ import annotations

import pytest

from harmonie_daemon.analysis.mood_cues import USUAL
from harmonie_daemon.discovery.answers import EntityKind
from harmonie_daemon.discovery.popularity import NOBODY_LISTENED, SOURCE
from harmonie_daemon.domain.errors import EntityNotFoundError
from harmonie_daemon.domain.track import Scale, StyleScore, Tags, TrackId
from tests.discovery.shelf_of_music import MusicShelf

DEATH_METAL = StyleScore("Rock", "Death Metal", 0.83)
HOUSE = StyleScore("Electronic", "House", 1.0)


async def test_a_style_and_a_tempo(shelf: MusicShelf) -> None:
    await shelf.add("slow.flac", styles=[DEATH_METAL], bpm=70.0, bpm_confidence=3.0)
    await shelf.add("fast.flac", styles=[DEATH_METAL], bpm=182.0, bpm_confidence=3.0)
    await shelf.add("house.flac", styles=[HOUSE], bpm=182.0, bpm_confidence=3.0)
    found = await shelf.discovery.discover("fast death metal", limit=3)
    assert [hit.name for hit in found.hits][:2] == ["fast.flac", "slow.flac"]
    assert found.hits[0].reasons == ("style Death Metal 0.83", "182 BPM")
    assert found.hits[0].genres == ("Death Metal",)
    assert found.total >= 2


async def test_what_is_refused_comes_last(shelf: MusicShelf) -> None:
    await shelf.add("metal.flac", styles=[DEATH_METAL], bpm=150.0, bpm_confidence=3.0)
    await shelf.add("house.flac", styles=[HOUSE], bpm=140.0, bpm_confidence=3.0)
    assert await shelf.names("fast, no metal", 1) == ["house.flac"]
    assert await shelf.names("fast, no house", 1) == ["metal.flac"]


async def test_tracks_without_a_label_are_found_by_their_sound(shelf: MusicShelf) -> None:
    for number in range(4):
        await shelf.add(f"metal{number}.flac", sound=0, styles=[DEATH_METAL])
    for number in range(8):
        await shelf.add(f"other{number}.flac", sound=1 + number % 3, styles=[HOUSE])
    await shelf.add("unknown.flac", sound=0)
    await shelf.add("elsewhere.flac", sound=5)
    found = await shelf.discovery.discover("death metal", limit=20)
    names = [hit.name for hit in found.hits]
    assert names[4] == "unknown.flac"
    assert "elsewhere.flac" not in names[:5]
    assert found.hits[4].reasons[0].startswith("sounds like death metal")


async def test_a_name_and_what_is_like_it(shelf: MusicShelf) -> None:
    for number in range(3):
        await shelf.add(f"mine{number}.flac", sound=0, tags=Tags(artist="Motörhead"))
        await shelf.add(f"far{number}.flac", sound=3, tags=Tags(artist="Enya"))
    await shelf.add("alike.flac", sound=0, tags=Tags(artist="Saxon", title="Princess"))
    assert set(await shelf.names("something by motorhead", 3)) == {
        "mine0.flac",
        "mine1.flac",
        "mine2.flac",
    }
    assert "Princess" not in await shelf.names("more like Princess", 7)
    assert set(await shelf.names("more like Princess", 3)) == {
        "mine0.flac",
        "mine1.flac",
        "mine2.flac",
    }


async def test_years(shelf: MusicShelf) -> None:
    await shelf.add("a.flac", tags=Tags(date="2006-03-01"), styles=[HOUSE])
    await shelf.add("b.flac", tags=Tags(date="1/2/1987"), styles=[HOUSE])
    assert await shelf.names("house from the 80s", 1) == ["b.flac"]
    found = await shelf.discovery.discover("from 2006", limit=1)
    assert [(hit.name, hit.reasons) for hit in found.hits] == [("a.flac", ("from 2006",))]


async def test_more_or_less_of_something_than_a_track_has(shelf: MusicShelf) -> None:
    """The model is neither calm nor wild, slow nor fast among those of its sound."""
    for number in range(30):
        await shelf.add(f"far{number}.flac", sound=1 + number % 3)
    for number in range(-3, 4):
        features = {name: usual.centre + number * usual.spread for name, usual in USUAL.items()}
        tags = Tags(title="Ace" if number == 0 else f"{number:+}")
        bpm = 120.0 + 10 * number
        await shelf.add(
            f"{number}.flac", sound=0, tags=tags, features=features, bpm=bpm, bpm_confidence=3.0
        )
    calmer = await shelf.discovery.discover("like Ace but less energetic", limit=2)
    assert {hit.name for hit in calmer.hits} == {"-2", "-3"}
    assert any(reason.startswith("less energetic (0.") for reason in calmer.hits[0].reasons)
    calm = (await shelf.discovery.discover("like Ace but calmer", limit=9)).hits
    [reasons] = [hit.reasons for hit in calm if hit.name == "-3"]
    assert [reason.split(" (")[0] for reason in reasons] == ["sounds like ace", "less energy"], (
        "and not more relaxed, which it is not"
    )
    assert set(await shelf.names("like Ace but more energetic", 2)) == {"+2", "+3"}
    slower = (await shelf.discovery.discover("like Ace but slower", limit=2)).hits
    said = {hit.name: [one for one in hit.reasons if "BPM" in one] for hit in slower}
    assert said == {"-2": ["slower, 100 BPM"], "-3": ["slower, 90 BPM"]}
    assert set(await shelf.names("like Ace but faster", 2)) == {"+2", "+3"}


async def test_calmer_is_calmer_than_the_model_and_not_calm(shelf: MusicShelf) -> None:
    for number in range(30):
        await shelf.add(f"far{number}.flac", sound=1 + number % 3)
    for number in (-3, -2, -1, 1, 3):
        features = {name: usual.centre + number * usual.spread for name, usual in USUAL.items()}
        sound = 0 if number > 0 else 4
        title = "Ace" if number == 3 else f"{number:+}"
        await shelf.add(f"{number}.flac", sound=sound, tags=Tags(title=title), features=features)
    await shelf.add("bare.flac", sound=0, tags=Tags(title="Bare"))
    found = await shelf.discovery.discover("like Ace but less energetic", limit=1)
    assert [(hit.name, hit.relevance > 0.9) for hit in found.hits] == [("+1", True)]
    assert (await shelf.names("like Bare but less energetic", 1)) == ["+1"]


async def test_a_genre_that_nothing_is_labelled_with_counts_like_a_mood(shelf: MusicShelf) -> None:
    for number in range(-3, 4):
        features = {name: usual.centre + number * usual.spread for name, usual in USUAL.items()}
        await shelf.add(f"{number:+}.flac", features=features)
    polka, felt, both = [
        {hit.name: hit.relevance for hit in (await shelf.discovery.discover(text, limit=7)).hits}
        for text in ("polka", "aggressive", "aggressive polka")
    ]
    name = max(both, key=both.__getitem__)
    assert both[name] == pytest.approx((polka[name] + felt[name]) / 2, abs=1e-3)


async def test_lengths(shelf: MusicShelf) -> None:
    await shelf.add("long.flac", styles=[HOUSE], duration_s=754.0)
    await shelf.add("short.flac", styles=[HOUSE], duration_s=125.0)
    found = await shelf.discovery.discover("house under 3 minutes", limit=2)
    assert [hit.name for hit in found.hits] == ["short.flac", "long.flac"]
    assert found.hits[0].reasons == ("style House", "2:05 long")
    assert await shelf.names("tracks over ten minutes") == ["long.flac"]
    assert await shelf.names("house, no short songs", 1) == ["long.flac"]


async def test_keys(shelf: MusicShelf) -> None:
    await shelf.add("none.flac")
    await shelf.add("c.flac", key="C", scale=Scale.MAJOR)
    await shelf.add("a.flac", key="A", scale=Scale.MINOR)
    await shelf.add("fs.flac", key="F#", scale=Scale.MINOR)
    found = await shelf.discovery.discover("in a minor", limit=5)
    assert [(hit.name, hit.relevance, hit.reasons) for hit in found.hits] == [
        ("a.flac", 1.0, ("in A minor",)),
        ("c.flac", 0.3, ()),
    ]
    assert await shelf.names("music in a minor key") == ["a.flac", "fs.flac"]
    assert await shelf.names("in the key of C") == ["c.flac"]
    assert await shelf.names("in g flat minor", 1) == ["fs.flac"]


async def test_an_unknown_key_comes_before_a_wrong_one(shelf: MusicShelf) -> None:
    await shelf.add("fs.flac", styles=[HOUSE], key="F#", scale=Scale.MINOR)
    await shelf.add("none.flac", styles=[HOUSE])
    assert await shelf.names("house in a minor") == ["none.flac", "fs.flac"]


async def test_the_tempo_that_is_asked_for_comes_before_those_near_it(shelf: MusicShelf) -> None:
    for bpm in (115.0, 124.0, 120.5):
        await shelf.add(f"{bpm:.0f}.flac", bpm=bpm, bpm_confidence=3.0)
    assert await shelf.names("120 bpm") == ["120.flac", "124.flac", "115.flac"]


async def test_genre_tags_of_the_library_are_words(shelf: MusicShelf) -> None:
    await shelf.add("zeuhl.flac", unmapped=["Zeuhl"], tags=Tags(genres=("Zeuhl",)))
    await shelf.add("house.flac", styles=[HOUSE])
    found = await shelf.discovery.discover("some ZEUHL please", limit=2)
    assert [(hit.name, hit.reasons) for hit in found.hits] == [("zeuhl.flac", ("genre Zeuhl",))]
    assert found.hits[0].genres == ("Zeuhl",)


async def test_a_mood_and_a_genre_beside_the_text(shelf: MusicShelf) -> None:
    await shelf.add("metal.flac", styles=[DEATH_METAL])
    await shelf.add("house.flac", styles=[HOUSE])
    assert await shelf.names("something", 1, genre="death metal") == ["metal.flac"]
    assert await shelf.names("house", 1, mood="as nobody ever was") == ["house.flac"]


async def test_what_means_nothing_finds_nothing(shelf: MusicShelf) -> None:
    await shelf.add("house.flac", styles=[HOUSE])
    found = await shelf.discovery.discover("of the and", limit=5)
    assert (found.hits, found.total, found.understood.is_empty) == ((), 0, True)


async def test_the_evidence_follows_the_library(shelf: MusicShelf) -> None:
    first = await shelf.add("a.flac", styles=[HOUSE])
    assert await shelf.names("house") == ["a.flac"]
    await shelf.add("b.flac", styles=[HOUSE])
    await shelf.add("a.flac", styles=[DEATH_METAL])
    assert await shelf.names("house") == ["b.flac"]
    await shelf.tracks.remove([first])
    assert await shelf.names("metal") == []
    await shelf.tracks.hide([TrackId(2)])
    assert await shelf.names("house") == []


async def test_a_library_of_nothing(shelf: MusicShelf) -> None:
    assert await shelf.names("fast death metal from 1990 like Motörhead, not calm") == []


async def test_popularity_is_the_rank_by_plays(shelf: MusicShelf) -> None:
    ids = [await shelf.add(f"{n}.flac", styles=[HOUSE]) for n in range(4)]
    found = await shelf.discovery.discover("house", limit=4)
    assert {hit.popularity for hit in found.hits} == {0.0}
    assert found.popularity_source == NOBODY_LISTENED
    shelf.plays.update({ids[0]: 1, ids[1]: 7, ids[2]: 1})
    found = await shelf.discovery.discover("house", limit=4)
    assert [hit.popularity for hit in found.hits] == [2 / 3, 1.0, 2 / 3, 0.0]
    assert found.popularity_source == SOURCE


async def test_pages_go_on_where_the_last_ended(shelf: MusicShelf) -> None:
    for number in range(7):
        await shelf.add(f"{number}.flac", styles=[HOUSE])
    pages = [await shelf.discovery.discover("house", limit=3, offset=at) for at in (0, 3, 6, 9)]
    names = [hit.name for page in pages for hit in page.hits]
    assert names == [f"{number}.flac" for number in range(7)]
    assert {page.total for page in pages} == {7}


async def test_recommendations(shelf: MusicShelf) -> None:
    for artist, sound, style in (
        ("Motörhead", 0, DEATH_METAL),
        ("Saxon", 0, DEATH_METAL),
        ("Enya", 3, HOUSE),
    ):
        for number in range(3):
            tags = Tags(artist=artist, album=f"{artist} live", title=f"{artist} {number}")
            await shelf.add(f"{artist}{number}.flac", sound=sound, tags=tags, styles=[style])
    artist = await shelf.discovery.recommend("motorhead", 5)
    assert (artist.entity, artist.taken_for) == ("Motörhead", EntityKind.ARTIST)
    assert [(one.kind, one.name) for one in artist.items] == [
        (EntityKind.ARTIST, "Saxon"),
        (EntityKind.ARTIST, "Enya"),
    ]
    assert 1 >= artist.items[0].similarity > artist.items[1].similarity >= 0
    genre = await shelf.discovery.recommend("Death Metal", 2)
    assert genre.taken_for is EntityKind.GENRE
    assert {one.name for one in genre.items} == {"Motörhead", "Saxon"}
    album = await shelf.discovery.recommend("saxon live", 3)
    assert album.taken_for is EntityKind.ALBUM
    assert {one.artist for one in album.items} == {"Motörhead"}
    title = await shelf.discovery.recommend("Saxon 1", 10)
    assert title.taken_for is EntityKind.TRACK
    assert "Saxon 1" not in [one.name for one in title.items]
    assert (len(title.items), title.total) == (8, 8)
    dashed = await shelf.discovery.recommend("Enya - Enya 2", 1)
    assert (dashed.entity, dashed.taken_for) == ("Enya 2", EntityKind.TRACK)


@pytest.mark.parametrize("entity", ["Radiohead", "", " ", "x" * 10_000, "\0", "Jazz", "1"])
async def test_what_is_not_in_the_library_is_not_found(shelf: MusicShelf, entity: str) -> None:
    await shelf.add("house.flac", sound=0, styles=[HOUSE], tags=Tags(artist="A"))
    with pytest.raises(EntityNotFoundError):
        await shelf.discovery.recommend(entity, 3)
