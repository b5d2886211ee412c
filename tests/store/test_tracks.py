from __future__ import annotations

import dataclasses
import os

import numpy as np
import pytest

from harmonie_daemon.domain.errors import StoreError, TrackNotFoundError
from harmonie_daemon.domain.filters import Range, TrackFilter
from harmonie_daemon.domain.track import (
    Analysis,
    Descriptors,
    Facets,
    Scale,
    StyleScore,
    Tags,
    Track,
    TrackId,
)
from harmonie_daemon.library.scanner import KnownFile
from harmonie_daemon.library.tag_job import TAGS_VERSION
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.records import (
    GenreCount,
    LibraryCounts,
    MatchKeys,
    ModelInfo,
    OrderBy,
    StyleCount,
)
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from tests.store.factories import (
    DIM,
    MODEL,
    Clock,
    make_analysis,
    make_file,
    make_vector,
    save_track,
)

EVERYTHING = TrackFilter()
FULL_TAGS = Tags(
    artist="Björk",
    album_artist="Various",
    album="Début",
    title="Human Behaviour",
    track_number=1,
    disc_number=2,
    date="1993-07-05",
    genres=("Electronic", "Art Pop"),
    musicbrainz_recording_id="rec",
    musicbrainz_track_id="trk",
    musicbrainz_album_id="alb",
    musicbrainz_artist_id="art",
    bpm=118.0,
    key="8A",
    replaygain_track_gain_db=-7.25,
)
FULL_DESCRIPTORS = Descriptors(
    bpm=118.2,
    bpm_confidence=3.5,
    key="A",
    scale=Scale.MINOR,
    key_strength=0.8,
    danceability=1.2,
    loudness_db=-9.5,
    onset_rate=4.25,
)
HOUSE = StyleScore("Electronic", "House", 0.25)
AMBIENT = StyleScore("Electronic", "Ambient", 0.75)
POP_ROCK = StyleScore("Rock", "Pop Rock", 0.5)


async def test_a_saved_track_comes_back_whole(tracks: Tracks, clock: Clock) -> None:
    file = make_file("Björk/Début/01.flac", size=123, mtime_ns=456)
    analysis = Analysis(252.5, FULL_DESCRIPTORS, 3, {MODEL: make_vector()}, decoded_fraction=0.95)
    track_id = await tracks.save(file, b"f" * 16, FULL_TAGS, analysis, [HOUSE, AMBIENT])
    assert await tracks.get(track_id) == Track(
        id=track_id,
        file=file,
        tags=FULL_TAGS,
        duration_s=252.5,
        descriptors=FULL_DESCRIPTORS,
        descriptor_version=3,
        analyzed_at=clock.now,
        added_at=clock.now,
        model=MODEL,
        embedding_dim=DIM,
        styles=(AMBIENT, HOUSE),
    )


async def test_a_track_without_tags_and_answers_comes_back_empty(tracks: Tracks) -> None:
    track_id = await save_track(tracks, analysis=make_analysis(embeddings={MODEL: None}))
    track = await tracks.get(track_id)
    assert (track.tags, track.descriptors) == (Tags(), Descriptors())
    assert (track.model, track.embedding_dim, track.styles) == (None, None, ())


async def test_saving_a_known_path_keeps_id_and_added_at(tracks: Tracks, clock: Clock) -> None:
    first = await save_track(tracks, tags=Tags(title="Old"), styles=[HOUSE], unmapped=["Skweee"])
    clock.now += 50
    second = await save_track(tracks, tags=Tags(title="New"), styles=[POP_ROCK], size=2_000)
    track = await tracks.get(second)
    assert first == second
    assert (track.added_at, track.analyzed_at) == (1_000.0, 1_050.0)
    assert (track.tags.title, track.styles, track.file.size) == ("New", (POP_ROCK,), 2_000)
    assert await tracks.unmapped_genres(5) == []


async def test_vectors_of_other_models_stay_only_with_an_unchanged_file(
    tracks: Tracks, vectors: Vectors
) -> None:
    both = make_analysis(embeddings={"a": make_vector(1), "b": make_vector(2, dim=5)})
    only_b = make_analysis(embeddings={"b": make_vector(3, dim=5)})
    track_id = await save_track(tracks, analysis=both)
    await save_track(tracks, analysis=only_b)
    assert (await vectors.load("a"))[0].tolist() == [track_id]
    other = make_analysis(embeddings={"b": make_vector(4, dim=5)})
    await save_track(tracks, analysis=other, mtime_ns=5)
    assert (await vectors.load("a"))[0].tolist() == []
    np.testing.assert_array_equal((await vectors.load("b"))[1], [make_vector(4, dim=5)])


async def test_the_model_that_came_last_answers_unless_one_is_asked_for(tracks: Tracks) -> None:
    both = make_analysis(embeddings={"old": make_vector(), "new": make_vector(dim=5)})
    track_id = await save_track(tracks, "a", analysis=both)
    await save_track(tracks, "b", analysis=make_analysis(embeddings={"new": make_vector(dim=5)}))
    track = await tracks.get(track_id)
    assert (track.model, track.embedding_dim) == ("new", 5)
    page = await tracks.list(EVERYTHING, model="old", limit=9, offset=0)
    assert [(item.id, item.model) for item in page.items] == [(track_id, "old")]
    assert page.total == 1


@pytest.mark.parametrize(
    "vector",
    [
        np.full(DIM, np.nan, dtype=np.float32),
        np.zeros(DIM, dtype=np.float32),
        np.full(DIM, np.inf, dtype=np.float32),
        np.ones(DIM, dtype=np.float32),
        make_vector(dim=DIM + 1),
        make_vector().reshape(1, -1),
    ],
)
async def test_a_bad_vector_is_refused_and_nothing_saved(
    tracks: Tracks, vectors: Vectors, vector: np.ndarray
) -> None:
    await save_track(tracks, "good", tags=Tags(title="Good"))
    bad = make_analysis(embeddings={MODEL: vector})
    with pytest.raises(StoreError, match="vector of model"):
        await save_track(tracks, "bad", analysis=bad)
    with pytest.raises(StoreError, match="vector of model"):
        await save_track(tracks, "good", tags=Tags(title="Changed"), analysis=bad)
    assert [known.file.relative_path for known in await tracks.known_files()] == ["good"]
    assert (await tracks.get(TrackId(1))).tags.title == "Good"
    assert await vectors.generation() == 1


async def test_text_that_sqlite_or_json_cannot_carry_is_cleaned(tracks: Tracks) -> None:
    tags = Tags(artist="a\udcffb", title="x\0y", album=" \0 ", genres=("Pop\ud800", "\0"))
    track_id = await save_track(
        tracks,
        tags=tags,
        styles=[StyleScore("Ro\udc80ck", "Pop", 0.5), StyleScore(" ", "Pop", 0.5)],
        unmapped=["\udc80", " "],
    )
    track = await tracks.get(track_id)
    assert track.tags == Tags(artist="a\ufffdb", title="x y", genres=("Pop\ufffd",))
    assert [style.genre for style in track.styles] == ["Ro\ufffdck"]
    assert await tracks.unmapped_genres(5) == [("\ufffd", 1)]


async def test_numbers_that_no_reader_can_hold_are_dropped(tracks: Tracks) -> None:
    tags = Tags(track_number=2**70, disc_number=-1, bpm=float("nan"))
    analysis = make_analysis(bpm=float("inf"), loudness_db=np.float32(0.5))
    track = await tracks.get(await save_track(tracks, tags=tags, analysis=analysis))
    assert track.tags == Tags()
    assert track.descriptors == Descriptors(loudness_db=0.5)


async def test_paths_that_are_not_utf8_survive(tracks: Tracks) -> None:
    root, relative = os.fsdecode(b"/mus\xffic"), os.fsdecode(b"\xe9t\xe9/01 \xff.mp3")
    track_id = await save_track(tracks, relative, root=root)
    path = f"{root}/{relative}"
    assert (await tracks.get(track_id)).file.path == path
    assert (await tracks.known_files())[0].file == make_file(relative, root=root)
    foreign = f"/elsewhere/{relative}"
    assert await tracks.look_up(lambda lookup: lookup.by_path([path])) == {path: track_id}
    assert await tracks.look_up(lambda lookup: lookup.by_suffix([foreign])) == {foreign: track_id}
    assert (await tracks.paths_and_ids())[0].path == path
    await tracks.record_failure(make_file(relative, root=root), None, f"cannot open {path}")
    assert (await tracks.failures())[0][0] == path


async def test_known_files_are_what_the_scanner_compares_with(tracks: Tracks) -> None:
    done = make_file("done.mp3", size=5, mtime_ns=6)
    models = {"a": make_vector(), "b": None}
    analysis = make_analysis(descriptor_version=7, embeddings=models)
    await tracks.save(done, b"print", Tags(), analysis, [])
    broken = make_file("broken.mp3")
    await tracks.record_failure(broken, None, "no audio stream")
    assert await tracks.known_files() == [
        KnownFile(TrackId(1), done, b"print", None, 7, frozenset({"a", "b"}), TAGS_VERSION),
        KnownFile(TrackId(2), broken, None, "no audio stream", None, frozenset()),
    ]


async def test_a_failure_hides_the_track_and_keeps_its_id(
    tracks: Tracks, vectors: Vectors, clock: Clock
) -> None:
    track_id = await save_track(tracks, styles=[HOUSE])
    await tracks.record_failure(make_file(size=7), None, "damaged")
    with pytest.raises(TrackNotFoundError):
        await tracks.get(track_id)
    assert (await tracks.list(EVERYTHING, limit=9, offset=0)).total == 0
    assert (await tracks.known_files())[0].id == track_id
    assert (await vectors.load(MODEL))[0].size == 0
    assert await tracks.genres() == []
    assert (await tracks.counts()).failed == 1
    clock.now += 1
    assert await save_track(tracks) == track_id
    assert (await tracks.get(track_id)).added_at == 1_000.0
    assert await tracks.failures() == []


async def test_failures_come_latest_first_with_printable_reasons(
    tracks: Tracks, clock: Clock
) -> None:
    for name in ("a", "b", "c"):
        clock.now += 1
        await tracks.record_failure(make_file(name), None, f"why \udcff {name}")
    assert await tracks.failures(2) == [("/music/c", "why \ufffd c"), ("/music/b", "why \ufffd b")]


async def test_a_moved_track_keeps_everything_but_its_path(tracks: Tracks) -> None:
    track_id = await save_track(tracks, "old/01.mp3", tags=FULL_TAGS, styles=[HOUSE])
    before = await tracks.get(track_id)
    target = make_file("new/01.mp3", root="/other", size=9, mtime_ns=8)
    await tracks.move_many([(track_id, target)])
    assert await tracks.get(track_id) == dataclasses.replace(before, file=target)
    assert not await tracks.look_up(lambda lookup: lookup.by_path(["/music/old/01.mp3"]))


async def test_moving_onto_a_known_path_replaces_what_was_there(
    tracks: Tracks, vectors: Vectors
) -> None:
    moved = await save_track(tracks, "a")
    replaced = await save_track(tracks, "b")
    await tracks.move_many([(moved, make_file("b"))])
    assert [known.id for known in await tracks.known_files()] == [moved]
    assert await vectors.changes_since(2) == [moved, replaced]


async def test_tracks_can_change_places(tracks: Tracks) -> None:
    a, b, c = [await save_track(tracks, name) for name in ("a", "b", "c")]
    moves = [(a, make_file("b")), (b, make_file("c")), (c, make_file("a"))]
    assert await tracks.move_many(moves) == 0
    places = {known.id: known.file.relative_path for known in await tracks.known_files()}
    assert places == {a: "b", b: "c", c: "a"}


async def test_moves_happen_all_or_not_at_all(tracks: Tracks) -> None:
    a = await save_track(tracks, "a")
    with pytest.raises(TrackNotFoundError):
        await tracks.move_many([(a, make_file("b")), (TrackId(99), make_file("c"))])
    assert (await tracks.get(a)).file == make_file("a")


async def test_known_files_at_or_below_some_paths_are_just_those(tracks: Tracks) -> None:
    names = ("a/1", "a/sub/2", "a0", "a/", "a-b/3", "b/4", "b/5")
    ids = {name: await save_track(tracks, name) for name in names}
    known = await tracks.known_files(["/music/a", "/music/b/4", "/music/a/sub", "/nowhere"])
    assert [one.id for one in known] == sorted(ids[n] for n in ("a/1", "a/sub/2", "a/", "b/4"))
    assert known == [one for one in await tracks.known_files() if one in known]
    assert await tracks.known_files(["/"]) == await tracks.known_files()
    assert await tracks.known_files([]) == []


async def test_moving_an_unknown_track_changes_nothing(tracks: Tracks) -> None:
    track_id = await save_track(tracks, "b")
    with pytest.raises(TrackNotFoundError):
        await tracks.move_many([(TrackId(99), make_file("b"))])
    assert (await tracks.get(track_id)).file == make_file("b")


async def test_removing_takes_along_all_that_hangs_on_a_track(
    db: Database, tracks: Tracks, vectors: Vectors
) -> None:
    models = {"a": make_vector(1), "b": make_vector(2, dim=5), "c": None}
    gone = await save_track(
        tracks, "x", styles=[HOUSE], unmapped=["odd"], analysis=make_analysis(embeddings=models)
    )
    kept = await save_track(tracks, "y")
    assert await tracks.remove([gone, TrackId(77)]) == 1
    assert await tracks.remove([gone]) == 0
    assert await tracks.remove([]) == 0
    assert [known.id for known in await tracks.known_files()] == [kept]
    for table in ("track_styles", "unmapped_genres", "vec_1", "vec_2"):
        count = f"SELECT count(*) FROM {table} WHERE track_id = 1"
        assert await db.read(lambda c, sql=count: c.execute(sql).get) == 0
    assert await vectors.changes_since(2) == [gone]


async def test_ids_are_never_given_twice(tracks: Tracks) -> None:
    first = await save_track(tracks, "a")
    await tracks.remove([first])
    assert await save_track(tracks, "b") > first


async def test_get_many_keeps_the_order_asked_and_leaves_out_the_absent(tracks: Tracks) -> None:
    a, b, c = [await save_track(tracks, name) for name in "abc"]
    found = await tracks.get_many([c, TrackId(99), a, b, a])
    assert [track.id for track in found] == [c, a, b, a]
    assert await tracks.get_many([]) == []


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("id", "bcad"),
        ("path", "abcd"),
        ("bpm", "cdba"),
        ("duration", "dcba"),
        ("analyzed_at", "bcad"),
    ],
)
async def test_listings_are_ordered_with_ties_by_id_and_missing_values_last(
    tracks: Tracks, clock: Clock, order_by: OrderBy, expected: str
) -> None:
    facts = {"b": (None, 30.0), "c": (90.0, 20.0), "a": (None, 40.0), "d": (90.0, 10.0)}
    for name, (bpm, duration_s) in facts.items():
        clock.now += 1
        await save_track(tracks, name, analysis=make_analysis(bpm=bpm, duration_s=duration_s))
    pages = [await tracks.list(EVERYTHING, order_by=order_by, limit=3, offset=o) for o in (0, 3)]
    names = [track.file.relative_path for page in pages for track in page.items]
    assert "".join(names) == expected
    assert [page.total for page in pages] == [4, 4]


async def test_a_page_beyond_the_end_is_empty_but_knows_the_total(tracks: Tracks) -> None:
    await save_track(tracks)
    page = await tracks.list(EVERYTHING, limit=10, offset=50)
    assert (page.items, page.total) == ((), 1)
    assert (await tracks.list(EVERYTHING, limit=0, offset=0)).items == ()


async def test_matching_ids_are_ascending_int64(tracks: Tracks) -> None:
    for name, bpm in (("a", 120.0), ("b", 90.0), ("c", 125.0)):
        await save_track(tracks, name, analysis=make_analysis(bpm=bpm))
    found = await tracks.matching_ids(TrackFilter(ranges={"bpm": Range(100.0)}))
    assert (found.dtype, found.tolist()) == (np.int64, [1, 3])


async def test_several_artists_are_kept_in_their_order(tracks: Tracks) -> None:
    tags = Tags(
        artist="Björk",
        title="Oral",
        further_artists=("ROSALÍA", " ", "Shy Girl"),
        album_artist="Y",
        further_album_artists=("Z",),
    )
    track_id = await save_track(tracks, "a", tags=tags)
    kept = (await tracks.get(track_id)).tags
    assert kept.artists == ("Björk", "ROSALÍA", "Shy Girl")
    assert kept.album_artists == ("Y", "Z")
    assert (await tracks.facets([track_id]))[0].artist_keys == ("björk", "rosalía", "shy girl")
    assert (await tracks.paths_and_ids())[0].artist_keys == {
        "björk",
        "rosalía",
        "shy girl",
        "y",
        "z",
    }
    await save_track(tracks, "a", tags=Tags(artist="Björk", title="Oral"))
    assert (await tracks.get(track_id)).tags.artists == ("Björk",)
    assert (await tracks.facets([track_id]))[0].artist_keys == ("björk",)


async def test_the_folder_of_a_track_counts_where_its_tags_say_nothing(tracks: Tracks) -> None:
    for name in ("top", "game/music/a", "game/music/b"):
        await save_track(tracks, name)
    await save_track(tracks, "game/music/c", tags=Tags(album="OST"))
    folders = [facts.folder for facts in await tracks.facets()]
    assert folders == [None, "game/music", "game/music", None]


async def test_facets_say_what_the_picker_needs(tracks: Tracks, clock: Clock) -> None:
    first = await save_track(
        tracks, "a", tags=FULL_TAGS, analysis=Analysis(1.0, FULL_DESCRIPTORS, 1)
    )
    second = await save_track(tracks, "b")
    await tracks.record_failure(make_file("c"), None, "broken")
    expected = Facets(
        id=first,
        artist_key="björk",
        title_key="human behaviour",
        album_key="début",
        bpm=118.2,
        key="A",
        scale=Scale.MINOR,
        danceability=1.2,
        added_at=clock.now,
        bpm_confidence=3.5,
        loudness_db=-9.5,
        key_strength=0.8,
    )
    assert (await tracks.facets())[0] == expected
    assert [facts.id for facts in await tracks.facets()] == [first, second]
    assert [facts.id for facts in await tracks.facets([second, TrackId(9)])] == [second]
    assert await tracks.facets([]) == []


async def test_the_newest_tracks_come_first(tracks: Tracks, clock: Clock) -> None:
    for name, at in (("a", 3.0), ("b", 9.0), ("c", 9.0), ("d", 1.0)):
        clock.now = at
        await save_track(tracks, name)
    clock.now = 10.0
    await tracks.record_failure(make_file("e"), None, "broken")
    assert await tracks.newest(3) == [3, 2, 1]


async def test_counts_add_up(tracks: Tracks) -> None:
    assert await tracks.counts() == LibraryCounts(0, 0.0, 0)
    await save_track(tracks, "a", analysis=make_analysis(duration_s=10.0))
    silent = make_analysis(duration_s=2.5, embeddings={MODEL: None})
    await save_track(tracks, "b", analysis=silent)
    await tracks.record_failure(make_file("c"), None, "broken")
    assert await tracks.counts() == LibraryCounts(2, 12.5, 1, models=(ModelInfo(MODEL, DIM, 1),))


async def test_genres_and_styles_are_counted_by_rows(tracks: Tracks) -> None:
    await save_track(tracks, "a", styles=[HOUSE, AMBIENT], unmapped=["odd", "odder"])
    await save_track(tracks, "b", styles=[POP_ROCK, AMBIENT], unmapped=["odd"])
    assert await tracks.genres() == [
        GenreCount("Electronic", 3, 2, pytest.approx(1.75 / 3), 0.75),
        GenreCount("Rock", 1, 1, 0.5, 0.5),
    ]
    assert await tracks.genres(0.6) == [GenreCount("Electronic", 2, 1, 0.75, 0.75)]
    assert await tracks.styles(genre="ELECTRONIC") == [
        StyleCount("Electronic---Ambient", 2, 0.75, 0.75),
        StyleCount("Electronic---House", 1, 0.25, 0.25),
    ]
    assert [count.style for count in await tracks.styles(0.4)] == [
        "Electronic---Ambient",
        "Rock---Pop Rock",
    ]
    assert await tracks.styles(genre=" ") == []
    assert await tracks.unmapped_genres(9) == [("odd", 2), ("odder", 1)]
    assert await tracks.unmapped_genres(1) == [("odd", 2)]


async def test_a_label_given_twice_counts_once_with_its_best_probability(tracks: Tracks) -> None:
    twice = [HOUSE, StyleScore("Electronic", "House", 0.5), StyleScore("Electronic", "House", 0.1)]
    track = await tracks.get(await save_track(tracks, styles=twice))
    assert track.styles == (StyleScore("Electronic", "House", 0.5),)


async def test_match_keys_hold_what_other_catalogues_know(tracks: Tracks) -> None:
    track_id = await save_track(tracks, "x/1.mp3", root="/a", tags=FULL_TAGS)
    assert await tracks.paths_and_ids() == [
        MatchKeys(
            id=track_id,
            path="/a/x/1.mp3",
            relative_path="x/1.mp3",
            root="/a",
            artist_key="björk",
            album_artist_key="various",
            album_key="début",
            title_key="human behaviour",
            track_number=1,
            duration_s=180.0,
            musicbrainz_recording_id="rec",
            musicbrainz_track_id="trk",
            musicbrainz_album_id="alb",
            musicbrainz_artist_id="art",
        )
    ]


async def test_what_no_track_can_be_called_is_not_found(tracks: Tracks) -> None:
    await save_track(tracks)
    with pytest.raises(TrackNotFoundError):
        await tracks.get(TrackId(2**80))
    assert [track.id for track in await tracks.get_many([TrackId(2**80), TrackId(1)])] == [1]
    assert (await tracks.list(EVERYTHING, limit=2**80, offset=2**80)).total == 1
