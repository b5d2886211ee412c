"""Parts of a finished piece: its sections, and a preview of each from its loudest bar on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from harmonie_daemon.compose.clock import FrameClock
from harmonie_daemon.compose.master import faded
from harmonie_daemon.compose.score import TICKS_PER_BEAT, Score
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound

PREVIEW_FRAMES = 10 * SAMPLE_RATE
_PREVIEW_FADES = {"start": SAMPLE_RATE // 20, "end": 3 * SAMPLE_RATE // 10}
_CUT_FADE = SAMPLE_RATE // 100
"""Where a section is cut out of the piece."""


def section_bounds(score: Score, number: int, frames: int) -> tuple[int, int]:
    """The first frame of a section and the one after its last; sections share their borders."""
    section = score.sections[number]
    start = round(section.start_ms * SAMPLE_RATE / 1000)
    end = round((section.start_ms + section.length_ms) * SAMPLE_RATE / 1000)
    return min(start, frames), min(end, frames)


@contextmanager
def section_of(sound: Sound, score: Score, number: int) -> Iterator[Sound]:
    """A section of a piece, without clicks where it is cut.

    It is no copy: inside the block the piece itself fades at these cuts.
    """
    start, end = section_bounds(score, number, len(sound))
    section = sound[start:end]
    first, last = section[:_CUT_FADE].copy(), section[-_CUT_FADE:].copy()
    if start > 0:
        section[:_CUT_FADE] = faded(first, start=_CUT_FADE, end=0)
    if end < len(sound):
        section[-_CUT_FADE:] = faded(last, start=0, end=_CUT_FADE)
    try:
        yield section
    finally:
        section[:_CUT_FADE], section[-_CUT_FADE:] = first, last


def loudest_start(sound: Sound, score: Score, number: int) -> int:
    """The frame from which a preview of a section is taken: its loudest bar, or as near to it as
    leaves ten seconds, or the whole of a shorter section."""
    start, end = section_bounds(score, number, len(sound))
    section = score.sections[number]
    bar = score.beats_per_bar * TICKS_PER_BEAT
    ticks = list(range(section.start, section.start + max(section.length, 1), bar))
    bars = FrameClock(score.tempos, SAMPLE_RATE).frames(ticks)
    bars = np.append(np.clip(bars, start, end), end)
    energies = [
        float(np.square(sound[first:last]).mean()) if last - first > SAMPLE_RATE // 2 else 0.0
        for first, last in pairwise(bars)
    ]
    loudest = int(bars[int(np.argmax(energies))])
    return max(start, min(loudest, end - PREVIEW_FRAMES))


def preview_of(sound: Sound, score: Score, number: int, start: int) -> Sound:
    """Ten seconds from a frame on, at most to the end of the section."""
    _, end = section_bounds(score, number, len(sound))
    return faded(sound[start : min(end, start + PREVIEW_FRAMES)], **_PREVIEW_FADES)
