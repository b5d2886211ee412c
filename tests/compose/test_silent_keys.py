from __future__ import annotations

import pytest

from harmonie_daemon.compose.desk import Desk
from harmonie_daemon.compose.palettes import SEATS
from harmonie_daemon.compose.renderer import usual_soundfont
from harmonie_daemon.compose.score import Note, Score, ScorePart, Tempo, Voice
from harmonie_daemon.compose.soundfont import SoundFont, play_tone
from harmonie_daemon.domain.brief import Genre, Stem


@pytest.fixture(scope="module")
def font() -> SoundFont:
    return SoundFont.open(usual_soundfont())


def test_a_key_without_sound_in_the_soundfont_is_silent(font: SoundFont) -> None:
    """As E4 of its alto saxophone."""
    part = ScorePart("melody-sax", Stem.MELODY, (Note(0, 960, 64, 90),), program=65)
    played = Desk(Score("", (part,), (Tempo(0, 500_000),), 1000), font).play()
    assert len(played.sound) == 44_100


def test_a_tone_shorter_than_its_attack_is_no_fault(font: SoundFont) -> None:
    zones = font.zones(50, is_drums=False)
    assert len(play_tone(font, zones, 60, 90, 500).sound) <= 500


@pytest.mark.parametrize("genre", Genre)
def test_what_the_composer_writes_sounds_on_every_key(font: SoundFont, genre: Genre) -> None:
    for player in (one for seat in SEATS[genre] for one in seat):
        if player.is_drums or player.voice is not Voice.SOUNDFONT:
            continue
        zones = font.zones(player.program, is_drums=False)
        for pitch in range(player.low, player.high + 1):
            assert any(zone.plays(pitch, 90) for zone in zones), (player.name, pitch)
