"""Sections and previews, cut out of a finished piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from harmonie_daemon.compose.excerpts import (
    PREVIEW_FRAMES,
    loudest_start,
    preview_of,
    section_bounds,
    section_of,
)
from harmonie_daemon.compose.score import Score, ScoreSection
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound
from harmonie_daemon.domain.brief import Emotion
from tests.compose.sound.heard import SECOND, make_score

LENGTHS_MS = (17_001, 4_333, 20_667)


def score_of_three() -> Score:
    starts = [sum(LENGTHS_MS[:number]) for number in range(3)]
    sections = tuple(
        ScoreSection(
            Emotion.CALM, round(start * SECOND / 1000), round(length * SECOND / 1000), start, length
        )
        for start, length in zip(starts, LENGTHS_MS, strict=True)
    )
    return replace(make_score(seconds=sum(LENGTHS_MS) / 1000), sections=sections)


def steady(score: Score) -> Sound:
    return np.full((round(score.duration_ms * SAMPLE_RATE / 1000), 2), 0.25, np.float32)


def test_sections_cover_the_piece_and_the_piece_is_left_as_it_was() -> None:
    score = score_of_three()
    sound = steady(score)
    bounds = [section_bounds(score, number, len(sound)) for number in range(3)]
    assert bounds[0][0] == 0
    assert bounds[2][1] == len(sound)
    assert [end for _, end in bounds[:2]] == [start for start, _ in bounds[1:]]
    for number in range(3):
        with section_of(sound, score, number) as section:
            assert len(section) == bounds[number][1] - bounds[number][0]
            assert (section[0, 0] == 0) == (number > 0)
            assert (section[-1, 0] == 0) == (number < 2)
        assert (sound == 0.25).all()


def test_a_preview_begins_with_the_loudest_bar_of_its_section() -> None:
    score = score_of_three()
    sound = steady(score)
    sound[4 * SAMPLE_RATE : 6 * SAMPLE_RATE] *= 2  # the third bar of two seconds
    start = loudest_start(sound, score, 0)
    assert start == 4 * SAMPLE_RATE
    preview = preview_of(sound, score, 0, start)
    assert len(preview) == PREVIEW_FRAMES
    assert preview[0, 0] == preview[-1, 0] == 0


def test_a_preview_stays_within_its_section() -> None:
    score = score_of_three()
    sound = steady(score)
    sound[-2 * SAMPLE_RATE :] *= 2
    for number in range(3):
        first, end = section_bounds(score, number, len(sound))
        start = loudest_start(sound, score, number)
        preview = preview_of(sound, score, number, start)
        assert first <= start
        assert start + len(preview) <= end
        assert len(preview) == min(PREVIEW_FRAMES, end - first)
