"""Every attack on the evaluator alone; ``test_studio`` sends them through the jail."""

from __future__ import annotations

import re

import pytest

from harmonie_daemon.compose.midi import read_midi
from harmonie_daemon.compose.musicpy_code.child import evaluated
from harmonie_daemon.compose.musicpy_code.verdict import Ending
from harmonie_daemon.domain.errors import MidiError
from tests.data.musicpy_attacks import ATTACKS, LOOK_HARMFUL, Attack


def refusal(code: str) -> tuple[int | None, str]:
    """The line and the reason, of the evaluator or of the reader behind it."""
    verdict = evaluated(code)
    if verdict.ending is Ending.FAULT:
        return verdict.line, verdict.words
    with pytest.raises(MidiError) as caught:
        read_midi(verdict.body)
    return verdict.line, str(caught.value)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused_with_its_line_and_a_reason(attack: Attack) -> None:
    line, reason = refusal(attack.code)
    assert re.search(attack.reason, reason), reason
    assert line == attack.line


@pytest.mark.parametrize("code", LOOK_HARMFUL.values(), ids=LOOK_HARMFUL)
def test_what_only_looks_harmful_makes_music(code: str) -> None:
    verdict = evaluated(code)
    assert verdict.ending is Ending.MUSIC, verdict.words
    assert read_midi(verdict.body).parts
