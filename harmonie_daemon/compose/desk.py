"""The mixing desk: parts with their gains and sends, streamed into whole pieces of sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harmonie_daemon.compose.balance import part_gains
from harmonie_daemon.compose.clock import FrameClock
from harmonie_daemon.compose.instrument import ToneCache, instrument_for
from harmonie_daemon.compose.loudness import HOP
from harmonie_daemon.compose.master import fade_end, hop_peaks
from harmonie_daemon.compose.reverb import ROOM_FRAMES, Reverb
from harmonie_daemon.compose.score import Score, ScorePart
from harmonie_daemon.compose.soundfont import SoundFont
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound
from harmonie_daemon.compose.synth import LONGEST_RELEASE, PartSound
from harmonie_daemon.domain.brief import Stem

LONGEST_BLOCK = 10 * SAMPLE_RATE
SENDS = {Stem.PERCUSSION: 0.1, Stem.BASS: 0.04, Stem.CHORDS: 0.22, Stem.MELODY: 0.2}
_WIDE_SEND = 0.34
_WIDE_PROGRAMS = (*range(48, 56), *range(88, 96))
"""Strings, choirs and pads: sounds that stand in a large room."""


@dataclass(frozen=True, slots=True)
class Played:
    """A whole piece of sound before mastering."""

    sound: Sound
    part_peaks: NDArray[np.float32]
    """In each hop the highest of any part alone: parts may be louder than their sum."""


class Desk:
    """Plays a score, or one part of it as it is in the mix."""

    def __init__(self, score: Score, font: SoundFont) -> None:
        self._score = score
        self._clock = FrameClock(score.tempos, SAMPLE_RATE)
        cache = ToneCache()
        self._instruments = [
            instrument_for(part, font, cache, key=score.key) for part in score.parts
        ]
        self._gains = part_gains(score.parts, self._instruments, self._clock)
        self.frames = frames_of(score.duration_ms)

    def play(
        self, only: int | None = None, heard: Callable[[float], None] = lambda _: None
    ) -> Played:
        """All parts, or ``only`` the one of this number; before mastering.

        Stems sum to the mix. ``heard`` is told how much is done, 0 to 1.
        """
        chosen = range(len(self._score.parts)) if only is None else (only,)
        voices = [
            (self._voice(number), _send(self._score.parts[number]))
            for number in chosen
            if self._score.parts[number].notes
        ]
        total = self.frames + (ROOM_FRAMES + LONGEST_RELEASE if self._score.looping else 0)
        sound = np.zeros((total, 2), np.float32)
        count = -(-total // LONGEST_BLOCK)
        block = -(-total // (count * HOP)) * HOP
        reverb, peaks = Reverb(), []
        for start in range(0, total, block):
            mixed, loudest = _mixed(voices, reverb, block)
            sound[start : start + block] = mixed[: total - start]
            peaks.append(loudest)
            heard(min(1.0, (start + block) / total))
        if self._score.looping:
            sound = self._wrapped(sound)
        else:
            fade_end(sound)
        return Played(sound, np.concatenate(peaks)[: -(-self.frames // HOP)])

    def _voice(self, number: int) -> PartSound:
        return PartSound(
            self._score.parts[number],
            self._instruments[number],
            self._clock,
            gain=self._gains[number],
        )

    def _wrapped(self, sound: Sound) -> Sound:
        """What rings on after the end sounds again at the beginning."""
        whole = sound[: self.frames]
        for start in range(self.frames, len(sound), self.frames):
            tail = sound[start : start + self.frames]
            whole[: len(tail)] += tail
        return whole


def frames_of(milliseconds: int) -> int:
    """As many frames as last so long; 44.1 a millisecond."""
    return round(milliseconds * SAMPLE_RATE / 1000)


def _mixed(
    voices: list[tuple[PartSound, float]], reverb: Reverb, frames: int
) -> tuple[Sound, NDArray[np.float32]]:
    """The next frames, and the peaks of the loudest part in each hop."""
    mixed = np.zeros((frames, 2), np.float32)
    sent = np.zeros(frames, np.float32)
    loudest = np.zeros(frames // HOP, np.float32)
    for voice, send in voices:
        dry = voice.block(frames)
        mixed += dry
        sent += np.float32(send / 2) * (dry[:, 0] + dry[:, 1])
        np.maximum(loudest, hop_peaks(dry), out=loudest)
    mixed += reverb.wet(sent)
    return mixed, loudest


def _send(part: ScorePart) -> float:
    is_wide = not part.is_drums and part.program in _WIDE_PROGRAMS
    return _WIDE_SEND if is_wide else SENDS[part.stem]
