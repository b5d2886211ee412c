"""What a player does with notes: pitch, loudness, length, controllers, and blocks that join."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from harmonie_daemon.compose.articulation import MOST_VOICES, strikes_of
from harmonie_daemon.compose.clock import FrameClock
from harmonie_daemon.compose.instrument import ToneCache, instrument_for
from harmonie_daemon.compose.score import Bend, Control, ScorePart, TablaStroke, Tempo, Voice
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound
from harmonie_daemon.compose.synth import PartSound
from harmonie_daemon.domain.brief import Stem
from tests.compose.sound.heard import SECOND, font, make_part

CLOCK = FrameClock((Tempo(0, 500_000),), SAMPLE_RATE)


def sound_of(part: ScorePart, seconds: float, *, blocks: int = 1) -> Sound:
    voice = PartSound(part, instrument_for(part, font(), ToneCache()), CLOCK)
    frames = round(seconds * SAMPLE_RATE / blocks)
    return np.concatenate([voice.block(frames) for _ in range(blocks)])


def hertz(sound: Sound) -> float:
    """The strongest tone."""
    mono = sound.mean(axis=1) * np.hanning(len(sound))
    spectrum = np.abs(np.fft.rfft(mono, 8 * len(mono)))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / (8 * len(mono))


def level_db(sound: Sound) -> float:
    return float(10 * np.log10(np.square(sound).mean() + 1e-12))


def seconds(sound: Sound, start: float, end: float) -> Sound:
    return sound[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]


@pytest.mark.parametrize("program", [11, 52, 73, 80])
@pytest.mark.parametrize("pitch", [57, 64, 72])
def test_a_program_sounds_at_the_pitch_that_is_written(program: int, pitch: int) -> None:
    sound = sound_of(make_part((0, 1, pitch, 100), program=program), 1.0)
    wanted = 440 * 2 ** ((pitch - 69) / 12)
    cents = 1200 * np.log2(hertz(seconds(sound, 0.1, 1)) / wanted)
    octave = round(cents / 1200)
    assert octave in (0, 1)
    assert abs(cents - 1200 * octave) < 25


def test_a_harder_note_is_louder() -> None:
    levels = [
        level_db(sound_of(make_part((0, 0.5, 64, velocity)), 0.5)) for velocity in (30, 60, 90, 120)
    ]
    assert all(louder - softer > 4 for softer, louder in pairwise(levels))


def test_a_note_that_is_let_go_fades_instead_of_ending_with_a_click() -> None:
    sound = sound_of(make_part((0, 0.5, 64, 100), program=48), 2.0)
    levels = [level_db(seconds(sound, at, at + 0.05)) for at in (0.45, 0.6, 0.9, 1.4)]
    assert levels[0] > levels[1] > levels[2] > levels[3] > -120
    assert levels[0] - levels[1] < 20


def test_a_block_goes_on_where_the_last_one_ended() -> None:
    part = make_part((0.1, 1.7, 60, 90), (0.9, 2.0, 67, 80), (2.6, 0.3, 72, 110), pan=0.4)
    whole = sound_of(part, 4.0)
    assert np.abs(sound_of(part, 4.0, blocks=8) - whole).max() < 1e-5


def test_expression_and_volume_make_a_part_softer() -> None:
    part = make_part((0, 2, 64, 100), program=48)
    usual = level_db(sound_of(part, 2.0))
    for number in (7, 11):
        softer = replace(part, controls=(Control(0, number, 40),))
        assert 10 < usual - level_db(sound_of(softer, 2.0)) < 25


def test_a_swell_is_heard() -> None:
    swell = tuple(Control(step * SECOND // 8, 11, 30 + 6 * step) for step in range(16))
    sound = sound_of(make_part((0, 2, 64, 100), program=48, controls=swell), 2.0)
    assert level_db(seconds(sound, 1.7, 2)) - level_db(seconds(sound, 0.1, 0.4)) > 8


def test_pan_places_a_part() -> None:
    left = sound_of(make_part((0, 1, 64, 100), pan=-0.8), 1.0)
    assert level_db(left[:, :1]) - level_db(left[:, 1:]) > 10


def test_a_bend_moves_the_pitch_and_ends_with_its_note() -> None:
    bends = (Bend(0, 2.0), Bend(SECOND, 0.0))
    part = make_part((0, 1, 64, 100), (1, 1, 64, 100), program=80, bends=bends)
    sound = sound_of(part, 2.0)
    bent, plain = hertz(seconds(sound, 0.1, 0.95)), hertz(seconds(sound, 1.2, 1.95))
    assert 1200 * np.log2(bent / plain) == pytest.approx(200, abs=10)


def test_the_pedal_holds_what_was_let_go() -> None:
    part = make_part((0, 0.3, 64, 100), program=48)
    pedal = replace(part, controls=(Control(0, 64, 127), Control(2 * SECOND, 64, 0)))
    assert level_db(seconds(sound_of(part, 2.0), 1.5, 1.9)) < -60
    assert level_db(seconds(sound_of(pedal, 2.0), 1.5, 1.9)) > -40


def test_drums_ring_out_and_a_closed_hat_ends_an_open_one() -> None:
    cymbal = make_part((0, 0.05, 49, 110), is_drums=True, program=0, stem=Stem.PERCUSSION)
    assert level_db(seconds(sound_of(cymbal, 2.0), 0.5, 1)) > -50
    hats = make_part((0, 0.05, 46, 110), is_drums=True, program=0, stem=Stem.PERCUSSION)
    choked = make_part(
        (0, 0.05, 46, 110), (0.2, 0.05, 42, 1), is_drums=True, program=0, stem=Stem.PERCUSSION
    )
    rings = level_db(seconds(sound_of(hats, 1.0), 0.3, 0.6))
    assert rings - level_db(seconds(sound_of(choked, 1.0), 0.3, 0.6)) > 20


def test_a_note_longer_than_any_tone_keeps_sounding_in_bounded_memory() -> None:
    sound = sound_of(make_part((0, 50, 48, 100), program=89), 52.0, blocks=13)
    levels = [level_db(seconds(sound, at, at + 1)) for at in range(1, 49)]
    assert max(levels) - min(levels) < 9


def test_a_plucked_note_is_not_struck_again_to_go_on() -> None:
    sound = sound_of(make_part((0, 50, 60, 100), program=24), 50.0, blocks=10)
    assert level_db(seconds(sound, 0, 1)) > -40
    assert level_db(seconds(sound, 18, 40)) < -100


def test_silence_is_no_denormal_number() -> None:
    sound = sound_of(make_part((0, 0.1, 60, 100)), 8.0)
    silence = np.abs(seconds(sound, 6, 8))
    assert not ((silence > 0) & (silence < np.finfo(np.float32).tiny)).any()


def test_no_part_has_a_constant_in_it() -> None:
    for program in (38, 81, 87):
        sound = sound_of(make_part((0, 3, 40, 100), program=program), 4.0)
        assert np.abs(sound.mean(axis=0)).max() < 1e-3


@pytest.mark.parametrize("stroke", list(TablaStroke))
def test_tabla_strokes_ring_and_end(stroke: TablaStroke) -> None:
    part = make_part((0, 0.4, int(stroke), 100), voice=Voice.TABLA, is_drums=True)
    sound = sound_of(part, 4.0)
    assert np.abs(sound).max() > 0.1
    assert level_db(seconds(sound, 3.5, 4)) < -80


def test_the_left_drum_glides_down() -> None:
    part = make_part((0, 1, int(TablaStroke.GE), 110), voice=Voice.TABLA, is_drums=True)
    sound = sound_of(part, 1.0)
    assert hertz(seconds(sound, 0.01, 0.1)) > 1.1 * hertz(seconds(sound, 0.35, 0.7))


def test_a_tanpura_sounds_its_pitch_and_blooms() -> None:
    sound = sound_of(make_part((0, 4, 48, 70), voice=Voice.TANPURA), 4.0)
    spectrum = np.abs(np.fft.rfft(sound[: 2 * SAMPLE_RATE].mean(axis=1)))
    near = spectrum[200:330]  # half hertz a step: 100 to 165
    assert (200 + int(np.argmax(near))) / 2 == pytest.approx(130.8, abs=1)
    brightness = [
        float((spectrum * np.arange(len(spectrum))).sum() / spectrum.sum())
        for spectrum in (
            np.abs(np.fft.rfft(seconds(sound, at, at + 0.2).mean(axis=1))) for at in (0.1, 1.2)
        )
    ]
    assert brightness[0] < brightness[1]


@pytest.mark.parametrize("is_drums", [False, True])
def test_thousands_of_held_notes_cost_no_more_than_a_synthesisers_voices(is_drums: bool) -> None:
    notes = [(number / 100, 600.0, number % 128, 90) for number in range(3_000)]
    notes += [(40.0, 600.0, number % 128, 90) for number in range(3_000)]
    strikes = strikes_of(make_part(*notes, is_drums=is_drums), CLOCK)
    changes = sorted(
        (at, change)
        for strike in strikes
        if not strike.continues  # those overlap the tone before while it fades
        for at, change in ((strike.start, 1), (strike.end, -1))
    )
    most = running = 0
    for _, change in changes:
        running += change
        most = max(most, running)
    assert most == MOST_VOICES
    assert len(strikes) < 3_000 + MOST_VOICES * 40
