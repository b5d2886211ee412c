"""The pieces that are there already: what their programs play is what is answered."""

from __future__ import annotations

import pytest

from harmonie_daemon.compose.midi import read_midi
from harmonie_daemon.compose.words.brief_text import HEADINGS
from harmonie_daemon.compose.words.examples import example, example_prompts
from harmonie_daemon.compose.words.piece import WordedPiece
from tests.compose.words.write_examples import midi_of

DOCUMENTED = (
    "A chill lo-fi hip hop beat at 80 BPM. Soft, jazzy electric piano seventh chords playing a "
    "relaxed progression, layered over a slow, simple drum beat."
)


def known(prompt: str) -> WordedPiece:
    found = example(prompt)
    assert found is not None
    return found


def test_the_prompt_of_the_document_and_seven_of_ours_are_known() -> None:
    prompts = example_prompts()
    assert len(prompts) == len(set(prompts)) == 8
    assert DOCUMENTED in prompts
    assert example(f"\n {DOCUMENTED} ") is not None
    assert example(DOCUMENTED.lower()) is None
    assert example(DOCUMENTED[:-1]) is None
    assert example("") is None


@pytest.mark.parametrize("prompt", example_prompts())
def test_its_program_plays_its_file(prompt: str) -> None:
    """``python -m tests.compose.words.write_examples`` after a change of a program."""
    piece = known(prompt)
    assert midi_of(piece.code) == piece.midi
    assert read_midi(piece.midi) == piece.score


@pytest.mark.parametrize("prompt", example_prompts())
def test_its_parts_agree_with_each_other_and_with_the_brief(prompt: str) -> None:
    piece = known(prompt)
    headings = [line[4:] for line in piece.brief.splitlines() if line.startswith("### ")]
    assert headings == [*HEADINGS]
    bpm = round(60_000_000 / piece.score.tempos[0].microseconds_per_beat)
    assert f"\n{bpm} BPM" in piece.brief
    assert 40_000 < piece.score.duration_ms < 120_000
    title = piece.brief.splitlines()[1]
    assert f"# {title}: {bpm} BPM" in piece.code
    bars = piece.score.duration_ms / 60_000 * bpm / 4
    for part in piece.score.parts:
        last = max(note.start + note.length for note in part.notes) / 3840
        assert last <= bars + 0.01
    planned = sum(
        int(line.split(": ")[1].split(" bar")[0])
        for line in piece.brief.partition("### Section plan\n")[2].splitlines()
        if line.startswith("- ") and " bar" in line
    )
    assert planned == pytest.approx(bars, abs=1.0)
