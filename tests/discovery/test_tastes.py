"""The formulas of a taste."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.discovery.evidence import MOOD_NAMES as MOODS
from harmonie_daemon.discovery.evidence import TrackEvidence, evidence_of
from harmonie_daemon.discovery.tastes import (
    HALF_LIFE_S,
    SHARED_BY,
    Experience,
    InteractionKind,
    Taste,
    taste_of,
    weights_of,
)
from harmonie_daemon.domain.track import Facets, TrackId
from harmonie_daemon.similarity.columns import Columns
from harmonie_daemon.store.records import EvidenceRows

ARTISTS = ("ann", "ann", "bob", "cid", None)
HOUSE, TECHNO, DUB = 0, 1, 2
NAMES = ("House", "Techno", "Dub")
STYLES = (HOUSE, HOUSE, TECHNO, DUB, DUB)


def evidence() -> TrackEvidence:
    """Five tracks of three genres, the later the happier."""
    count = len(STYLES)
    moods = np.full((count, len(MOODS)), 0.5, np.float32)
    moods[:, MOODS.index("happy")] = np.linspace(0, 1, count)
    rows = EvidenceRows(
        ids=np.arange(1, count + 1),
        bpm=np.full(count, np.nan, np.float32),
        year=np.zeros(count, np.int16),
        length_s=np.full(count, 180.0, np.float32),
        key=np.full(count, -1, np.int8),
        moods=moods,
        styled=np.arange(1, count + 1),
        style=np.array(STYLES, np.int64),
        probability=np.ones(count, np.float32),
        tags=(),
    )
    return evidence_of(rows, {number: ("Electronic", name) for number, name in enumerate(NAMES)})


def columns() -> Columns:
    """Who plays them."""
    return Columns.of(
        Facets(TrackId(n), artist, f"t{n}", None, None, None, None, None, 0.0)
        for n, artist in enumerate(ARTISTS, 1)
    )


def taste(*met: Experience, said: tuple[Experience, ...] = ()) -> Taste:
    """The taste of who met these."""
    ranks = np.array([0.0, 0.5, 1.0, 0.0, 0.0])
    known = evidence()
    return taste_of(met, weights_of(met, known), weights_of(said, known), known, columns(), ranks)


def met(*ids: int, kind: str = "play", at: float | None = None) -> Experience:
    """Something met."""
    return Experience(ids, InteractionKind(kind).weight, at)


def test_what_an_interaction_weighs() -> None:
    assert [kind.weight for kind in InteractionKind] == [3.0, -3.0, 1.0, -1.0]
    known = evidence()
    assert weights_of([met(1, 2)], known).tolist() == [0.5, 0.5, 0, 0, 0]
    assert weights_of([met(1), met(1, kind="skip")], known).tolist() == [0.0] * 5
    old, new = met(1, at=0.0), met(3, at=HALF_LIFE_S)
    assert weights_of([old, new], known).tolist() == [0.5, 0, 1.0, 0, 0]
    assert weights_of([met(999)], known).tolist() == [0.0] * 5


def test_an_artist_of_many_tracks_counts_once_by_a_few_of_them() -> None:
    known = evidence()
    weights = weights_of([Experience(tuple(range(1, 100_001)), 1.0)], known)
    assert weights.sum() <= 1.0
    assert np.count_nonzero(weights) <= SHARED_BY


def test_genres_by_weight_and_diversity_by_chance() -> None:
    one = taste(met(1), met(2))
    assert (one.genres, one.diversity) == (("House",), 0.0)
    two = taste(met(1), met(3))
    assert (set(two.genres), two.diversity) == ({"House", "Techno"}, 0.5)
    uneven = taste(met(1, kind="like"), met(3))
    assert uneven.genre_shares == {"House": 0.75, "Techno": 0.25}
    assert uneven.diversity == pytest.approx(1 - 0.75**2 - 0.25**2)
    disliked = taste(met(1), met(3, kind="dislike"))
    assert disliked.genres == ("House",)


def test_what_is_only_said_counts_for_genres_and_moods_alone() -> None:
    found = taste(said=(Experience((5,), 2.0, is_meeting=False),))
    assert (found.genres, found.moods) == (("Dub",), ("happy",))
    assert (found.openness, found.popularity) == (0.5, 0.0)


def test_moods_are_those_that_what_is_liked_has_more_of_than_the_library() -> None:
    assert taste(met(5)).moods == ("happy",)
    assert taste(met(1)).moods == ()


def test_openness_is_the_share_of_artists_not_met_before() -> None:
    assert taste().openness == 0.5
    assert taste(met(1, at=1), met(3, at=2), met(4, at=3)).openness == 4 / 5
    assert taste(met(1, at=1), met(2, at=2), met(1, at=3)).openness == 2 / 5
    skipped_first = taste(met(1, kind="skip", at=1), met(2, at=2))
    assert skipped_first.openness == 1 / 3
    assert taste(met(2, at=2), met(1, kind="skip", at=3)).openness == 2 / 3
    assert taste(met(5)).openness == 0.5  # by nobody


def test_popularity_is_the_mean_rank_by_weight() -> None:
    assert taste(met(3)).popularity == 1.0
    assert taste(met(3, kind="like"), met(1)).popularity == 0.75
    assert taste(met(3, kind="dislike"), met(2)).popularity == 0.5
