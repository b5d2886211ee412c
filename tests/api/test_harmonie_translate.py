"""From our words to the wire's and back."""

from __future__ import annotations

from dataclasses import replace

from pydantic_core import to_json

from harmonie_daemon.api.harmonie.playlist_schemas import PlaylistRequest
from harmonie_daemon.api.harmonie.schemas import MoodEntry
from harmonie_daemon.api.harmonie.translate import (
    match_entries,
    playlist_answer,
    playlist_request,
    scan_state,
    track_entry,
    track_record,
)
from harmonie_daemon.domain.filters import Range, StyleMode, TrackFilter
from harmonie_daemon.domain.mood import MOOD_LABELS, Mood, MoodSource, TrackMoods
from harmonie_daemon.domain.playlist import (
    BuiltPlaylist,
    Diversity,
    Mode,
    PlaylistItem,
    SeededRequest,
    SeedRef,
    Transitions,
    UnresolvedSeed,
    VibeRequest,
    VibeTarget,
)
from harmonie_daemon.domain.task import ScanPhase, ScanStatus
from harmonie_daemon.domain.track import Scale, Track, TrackId
from tests.factories import make_descriptors, make_file, make_styles, make_tags


def make_known_track(track_id: int = 1, relative_path: str = "A/01.flac") -> Track:
    return Track(
        id=TrackId(track_id),
        file=make_file(relative_path),
        tags=make_tags(),
        duration_s=200.0,
        descriptors=make_descriptors(scale=Scale.MAJOR),
        descriptor_version=1,
        analyzed_at=5.0,
        added_at=4.0,
        styles=make_styles("Rock---Shoegaze", probability=0.25),
    )


def request(json: str) -> SeededRequest | VibeRequest:
    return playlist_request(PlaylistRequest.model_validate_json(json))


def test_names_that_are_not_utf8_become_printable() -> None:
    entry = track_entry(make_known_track(relative_path="caf\udce9.mp3"))
    assert (entry.path, entry.relative_path) == ("/music/caf\ufffd.mp3", "caf\ufffd.mp3")
    assert to_json(entry)


def test_the_record_speaks_seconds_and_bytes() -> None:
    record = track_record(make_known_track(), None)
    assert (record.mtime, record.size, record.loudness) == (1_700_000_000.5, 1_048_576, -9.5)
    assert (record.scale, record.model, record.embedding_dim) == ("major", None, None)
    assert (record.energy, record.valence, record.arousal, record.moods) == (None, None, None, {})


def test_moods_come_with_their_source_and_the_strongest_first() -> None:
    def mood(value: float) -> Mood:
        return Mood(value, MoodSource.GENRES, 0.5)

    labels = {label: mood(0.1) for label in MOOD_LABELS} | {"sad": mood(0.9)}
    moods = TrackMoods(mood(0.2), mood(0.3), mood(0.4), mood(0.5), labels)
    record = track_record(make_known_track(), moods)
    assert record.energy == MoodEntry(value=0.2, source="genres", confidence=0.5)
    assert next(iter(record.moods.items())) == ("sad", 0.9)
    assert set(record.moods) == set(MOOD_LABELS)


def test_an_item_whose_track_has_just_vanished_is_left_out() -> None:
    items = [PlaylistItem(TrackId(2), 0.9), PlaylistItem(TrackId(1), 0.8)]
    assert [entry.track_id for entry in match_entries(items, [make_known_track(1)])] == [1]


def test_a_minimal_request_has_the_defaults_of_the_contract() -> None:
    assert request('{"mode": "similar", "seeds": [42]}') == SeededRequest(
        Mode.SIMILAR,
        n=20,
        seeds=(TrackId(42),),
        diversity=Diversity(artist_cooldown=True, dedupe_titles=True),
        transitions=Transitions(None, False),
        chunk_size=5,
    )
    assert request('{"mode": "vibe"}') == VibeRequest(n=20, shuffle=True)


def test_every_member_of_a_seeded_request_arrives() -> None:
    asked = request(
        """{"mode": "drift", "n": 30, "seeds": [1, 2], "seed_weights": [1, 0.5],
        "seed_refs": [{"path": "p", "weight": 2}, {"title": "t", "artist": "a", "album": "l"}],
        "include_seeds": true, "artist_cooldown": false, "dedupe_titles": false,
        "smooth_transitions": {"bpm_tolerance": 4, "key_compatible": true},
        "variation": 0.5, "rng_seed": 9, "chunk_size": 7,
        "filter": {"bpm": {"gte": 1, "lte": 2}, "loudness": -3, "key": ["Db"], "scale": "minor",
                   "genre": ["g"], "style": ["s"], "style_min": 0.5, "style_mode": "all"}}"""
    )
    assert asked == SeededRequest(
        Mode.DRIFT,
        n=30,
        seeds=(TrackId(1), TrackId(2)),
        seed_weights=(1.0, 0.5),
        seed_refs=(SeedRef(path="p", weight=2.0), SeedRef(artist="a", album="l", title="t")),
        include_seeds=True,
        filter=TrackFilter(
            ranges={"bpm": Range(1, 2), "loudness": Range(-3, -3)},
            keys=("C#",),
            scale=Scale.MINOR,
            genres=("g",),
            styles=("s",),
            style_min=0.5,
            style_mode=StyleMode.ALL,
        ),
        diversity=Diversity(False, False),
        transitions=Transitions(4.0, True),
        variation=0.5,
        rng_seed=9,
        chunk_size=7,
    )


def test_every_member_of_a_vibe_request_arrives() -> None:
    asked = request(
        '{"mode": "vibe", "n": 3, "target": {"bpm": 128, "danceability": 1.5},'
        ' "shuffle": false, "rng_seed": -1, "artist_cooldown": false}'
    )
    assert asked == VibeRequest(
        n=3,
        target=VibeTarget(128.0, 1.5),
        shuffle=False,
        rng_seed=2**64 - 1,
        diversity=Diversity(artist_cooldown=False),
    )


def test_an_unresolved_reference_has_only_what_was_sent() -> None:
    built = BuiltPlaylist((), (UnresolvedSeed(SeedRef(title="t", weight=2.0), "no_embedding"),))
    answer = playlist_answer(built, []).model_dump(mode="json")
    assert answer == {
        "items": [],
        "unresolved_seed_refs": [{"ref": {"title": "t", "weight": 2.0}, "reason": "no_embedding"}],
    }


def test_a_scan_keeps_its_counters_and_names_its_phase() -> None:
    status = replace(
        ScanStatus(state="scanning", phase=ScanPhase.PRUNING), full=3, last_duration_s=1.5
    )
    state = scan_state(status)
    assert (state.phase, state.full, state.last_duration_sec) == ("pruning", 3, 1.5)
