"""Moods move with the cues of musical expression and with nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from harmonie_daemon.analysis.moods import moods_of
from harmonie_daemon.analysis.pipeline import hear
from harmonie_daemon.domain.mood import MOOD_LABELS, TrackMoods
from harmonie_daemon.domain.track import Tags
from tests.analysis.sounds import RATE, Sound, encode, write
from tests.analysis.stimuli import Performance, render

PLAYERS = tuple(
    Performance(pattern=pattern, tonic=tonic, has_beat=has_beat)
    for pattern, (tonic, has_beat) in enumerate([(57, True), (60, False), (53, True)])
)
TOLERANCE = 0.05
Axis = Literal["arousal", "valence"]


def moods_of_file(path: Path) -> TrackMoods:
    heard = hear(str(path), ())
    moods = moods_of(heard.descriptors, heard.features, Tags())
    assert moods is not None
    return moods


@pytest.fixture(scope="module")
def moods(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Performance], TrackMoods]:
    folder = tmp_path_factory.mktemp("stimuli")

    @cache
    def of(performance: Performance) -> TrackMoods:
        file = write(folder / "sound.wav", render(performance), subtype="FLOAT")
        return moods_of_file(file)

    return of


@pytest.mark.parametrize(
    ("cue", "steps", "axes"),
    [
        ("bpm", (70.0, 100.0, 140.0), ("arousal", "valence")),
        ("gain_db", (-30.0, -18.0, -9.0), ("arousal",)),
        ("is_major", (False, True), ("valence",)),
        ("overtones", (2.2, 1.3), ("arousal", "valence")),
        ("length", (1.0, 0.25), ("arousal", "valence")),
    ],
    ids=["tempo", "level", "mode", "brightness", "articulation"],
)
def test_more_of_a_cue_is_more_of_what_it_stands_for(
    moods: Callable[[Performance], TrackMoods],
    cue: str,
    steps: tuple[float | bool, ...],
    axes: tuple[Axis, ...],
) -> None:
    for axis, player in itertools.product(axes, PLAYERS):
        performances = [replace(player, **{cue: step}) for step in steps]  # type: ignore[arg-type]
        values = [getattr(moods(performance), axis).value for performance in performances]
        assert values == sorted(set(values)), (cue, axis, player)


def test_the_mode_says_more_about_valence_than_about_arousal(
    moods: Callable[[Performance], TrackMoods],
) -> None:
    for player in PLAYERS:
        major, minor = moods(player), moods(replace(player, is_major=False))
        assert major.valence.value - minor.valence.value > 0.1
        assert abs(major.arousal.value - minor.arousal.value) < TOLERANCE


def test_energy_follows_density_and_articulation(
    moods: Callable[[Performance], TrackMoods],
) -> None:
    for player in PLAYERS:
        assert moods(player).energy.value < moods(replace(player, bpm=140.0)).energy.value
        assert moods(player).energy.value < moods(replace(player, length=0.25)).energy.value


def louder(folder: Path, sound: Sound) -> Path:
    return write(folder / "louder.wav", 2 * sound, subtype="FLOAT")


def softer(folder: Path, sound: Sound) -> Path:
    return write(folder / "softer.wav", sound / 2, subtype="FLOAT")


def as_mp3(folder: Path, sound: Sound) -> Path:
    return encode(folder / "sound.mp3", "libmp3lame", sound)


def as_opus(folder: Path, sound: Sound) -> Path:
    return encode(folder / "sound.opus", "libopus", sound, rate=48_000)


def a_second_later(folder: Path, sound: Sound) -> Path:
    return write(folder / "later.wav", sound[RATE:], subtype="FLOAT")


def in_stereo(folder: Path, sound: Sound) -> Path:
    return write(folder / "stereo.wav", np.stack([sound, sound], axis=1), subtype="FLOAT")


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "altered",
    [louder, softer, as_mp3, as_opus, a_second_later, in_stereo],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize(
    "performance",
    [
        PLAYERS[0],
        replace(PLAYERS[1], bpm=70.0, is_major=False, overtones=2.0),
        replace(PLAYERS[2], bpm=140.0, is_major=False, length=0.3, overtones=0.9),
    ],
    ids=["plain", "dark and slow", "bright and fast"],
)
def test_what_does_not_change_the_music_does_not_change_its_moods(
    tmp_path: Path,
    moods: Callable[[Performance], TrackMoods],
    altered: Callable[[Path, Sound], Path],
    performance: Performance,
) -> None:
    original, found = moods(performance), moods_of_file(altered(tmp_path, render(performance)))
    for axis in ("energy", "valence", "arousal", "danceability"):
        assert abs(getattr(found, axis).value - getattr(original, axis).value) < TOLERANCE, axis
    for label in MOOD_LABELS:
        assert abs(found.labels[label].value - original.labels[label].value) < TOLERANCE, label
    assert found.top(1)[0][0] == original.top(1)[0][0]


def test_the_same_file_has_the_same_moods_to_the_last_bit(tmp_path: Path) -> None:
    file = write(tmp_path / "sound.wav", render(PLAYERS[0]))
    first, second = hear(str(file), ()), hear(str(file), ())
    assert first.features == second.features
    assert moods_of_file(file) == moods_of_file(file)
