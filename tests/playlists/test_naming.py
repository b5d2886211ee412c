"""Names and keys, and which playlist continues which."""

from __future__ import annotations

import pytest

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import AudioFile, Descriptors, StyleScore, Tags, Track, TrackId
from harmonie_daemon.playlists.continuity import jaccard, successors
from harmonie_daemon.playlists.naming import area_name, slug, unused


def make_track(artist: str | None = None, album: str | None = None, style: str = "") -> Track:
    styles = (StyleScore("Electronic", style, 1.0),) if style else ()
    file = AudioFile("/music", "x.flac", 1, 1)
    tags = Tags(artist=artist, album=album)
    return Track(TrackId(1), file, tags, 1.0, Descriptors(), 1, 0.0, 0.0, styles=styles)


def saved(key: str, *ids: int) -> SavedPlaylist:
    return SavedPlaylist(key, "r", key.upper(), tuple(TrackId(one) for one in ids), 0.0)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Daily mix", "daily-mix"),
        ("  Électronic---House_2 ", "électronic-house-2"),
        ("...", "playlist"),
        ("", "playlist"),
    ],
)
def test_a_slug_is_the_words_of_a_name(name: str, key: str) -> None:
    assert slug(name) == key


def test_an_area_is_called_after_its_most_frequent_artists() -> None:
    tracks = [make_track("b"), make_track("B "), make_track("A"), make_track("C"), make_track()]
    assert area_name(tracks, 1) == "b, A and others"
    assert area_name(tracks[:3], 1) == "b and A"
    assert area_name(tracks[:1], 1) == "b"
    assert area_name([*tracks[:2], make_track()], 1) == "b and others"
    assert area_name([*[make_track("b")] * 8, make_track("A"), make_track("C")], 1) == "b and A"


def test_a_style_that_half_the_tracks_have_is_named_first() -> None:
    tracks = [make_track("A", style="House"), make_track("B")]
    assert area_name(tracks, 1) == "House: A and B"
    assert area_name([*tracks, make_track("C")], 1) == "A, B and others"
    assert area_name([make_track(style="House")], 1) == "House"


def test_albums_and_then_a_number_stand_in_for_artists() -> None:
    assert area_name([make_track(album="Hits")], 4) == "Hits"
    assert area_name([make_track()], 4) == "Neighbourhood 4"


def test_a_taken_name_gets_a_number() -> None:
    assert unused("A", ["B"]) == "A"
    assert unused("A", ["a", "A (2)"]) == "A (3)"


def test_lists_continue_the_earlier_one_they_share_most_with() -> None:
    lists = [[TrackId(n) for n in ids] for ids in ([1, 2, 3, 9], [4, 5, 6], [7, 8])]
    earlier = [saved("b", 4, 5, 6, 1), saved("a", 1, 2, 3), saved("c", 7, 70, 71, 72)]
    heirs = successors(lists, earlier)
    assert [heir.key if heir else None for heir in heirs] == ["a", "b", None]
    assert successors([], earlier) == []
    assert successors(lists, []) == [None] * 3


def test_one_earlier_list_has_one_heir_at_most() -> None:
    one = [TrackId(1), TrackId(2)]
    heirs = successors([one, one], [saved("a", 1, 2)])
    assert sorted(heir.key if heir else "" for heir in heirs) == ["", "a"]


def test_the_overlap_of_nothing_is_none() -> None:
    assert jaccard(frozenset(), frozenset()) == 0
