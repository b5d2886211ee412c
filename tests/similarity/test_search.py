"""Neighbours under filters."""

from __future__ import annotations

import pytest

from harmonie_daemon.domain.errors import TrackNotFoundError
from harmonie_daemon.domain.filters import Range, TrackFilter
from harmonie_daemon.domain.track import TrackId
from tests.playlists.factories import unit_rows
from tests.playlists.made_library import DIM, MadeLibrary


async def test_neighbours_are_of_the_same_sound(library: MadeLibrary) -> None:
    ids = await library.fill(160)
    found = await library.search.similar(ids[0], limit=10)
    assert found.query_id == ids[0]
    assert len(found.matches) == 10
    assert ids[0] not in [match.track_id for match in found.matches]
    same = [match for match in found.matches if ids.index(match.track_id) // 10 % 8 == 0]
    assert len(same) == 10
    scores = [match.score for match in found.matches]
    assert scores == sorted(scores, reverse=True)


async def test_the_query_itself_comes_on_request(library: MadeLibrary) -> None:
    ids = await library.fill(20)
    found = await library.search.similar(ids[3], limit=5, include_self=True)
    assert found.matches[0].track_id == ids[3]
    assert found.matches[0].score == pytest.approx(1.0)
    assert len(found.matches) == 5


async def test_only_what_passes_the_filter_is_answered(library: MadeLibrary) -> None:
    ids = await library.fill(60)
    gate = TrackFilter(ranges={"bpm": Range(100, 120)})
    found = await library.search.similar(ids[0], limit=500, filter=gate)
    passing = set((await library.tracks.matching_ids(gate)).tolist()) - {ids[0]}
    assert {match.track_id for match in found.matches} == passing


async def test_a_track_without_embedding_has_no_neighbours_and_is_none(
    library: MadeLibrary,
) -> None:
    ids = await library.fill(20)
    short = await library.add("short.flac", None)
    assert (await library.search.similar(short)).matches == ()
    found = await library.search.similar(ids[0], limit=500)
    assert short not in {match.track_id for match in found.matches}


async def test_the_querys_own_model_answers(library: MadeLibrary) -> None:
    await library.fill(20)
    rows = unit_rows(2, DIM)
    one = await library.add("x.flac", rows[0], model="other")
    two = await library.add("y.flac", rows[1], model="other")
    found = await library.search.similar(one, limit=50)
    assert [match.track_id for match in found.matches] == [two]


async def test_an_unknown_track_is_not_found(library: MadeLibrary) -> None:
    with pytest.raises(TrackNotFoundError):
        await library.search.similar(TrackId(99))
