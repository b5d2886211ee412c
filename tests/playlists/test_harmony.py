"""The Camelot wheel as printed on every DJ's wall."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.domain.track import PITCH_CLASSES, Scale
from harmonie_daemon.playlists.harmony import camelot, compatible
from harmonie_daemon.similarity.columns import UNKNOWN, key_code

MAJOR = {
    "B": "1B", "F#": "2B", "C#": "3B", "Ab": "4B", "Eb": "5B", "Bb": "6B",
    "F": "7B", "C": "8B", "G": "9B", "D": "10B", "A": "11B", "E": "12B",
}  # fmt: skip
MINOR = {
    "Ab": "1A", "Eb": "2A", "Bb": "3A", "F": "4A", "C": "5A", "G": "6A",
    "D": "7A", "A": "8A", "E": "9A", "B": "10A", "F#": "11A", "C#": "12A",
}  # fmt: skip


@pytest.mark.parametrize("key", PITCH_CLASSES)
def test_every_key_has_its_place_on_the_wheel(key: str) -> None:
    assert camelot(key_code(key, Scale.MAJOR)) == MAJOR[key]
    assert camelot(key_code(key, Scale.MINOR)) == MINOR[key]


def test_from_8a_lead_8a_7a_9a_and_8b() -> None:
    keys = np.arange(24, dtype=np.int8)
    allowed = {camelot(int(key)) for key in keys[compatible(key_code("A", Scale.MINOR), keys)]}
    assert allowed == {"8A", "7A", "9A", "8B"}


def test_the_wheel_closes_between_12_and_1() -> None:
    keys = np.arange(24, dtype=np.int8)
    allowed = {camelot(int(key)) for key in keys[compatible(key_code("E", Scale.MAJOR), keys)]}
    assert allowed == {"12B", "11B", "1B", "12A"}


def test_an_unknown_key_follows_nothing_and_forbids_nothing_known() -> None:
    keys = np.array([0, UNKNOWN, 23], np.int8)
    assert compatible(0, keys).tolist() == [True, False, False]
    assert compatible(UNKNOWN, keys).tolist() == [True, False, True]
