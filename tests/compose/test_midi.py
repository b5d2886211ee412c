from __future__ import annotations

import io

import mido

from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.midi import read_midi, write_midi
from harmonie_daemon.compose.prompt import parse_prompt


def test_what_is_written_is_read_again() -> None:
    score = compose(parse_prompt("something calm"), 7)
    data = write_midi(score)
    again = read_midi(data)
    assert [part.name for part in again.parts] == [part.name for part in score.parts]
    assert [sorted(p.notes, key=repr) for p in again.parts] == [
        sorted(p.notes, key=repr) for p in score.parts
    ]
    assert again.duration_ms == score.duration_ms
    assert again.tempos == score.tempos
    assert again.key == score.key
    assert mido.MidiFile(file=io.BytesIO(data)).length * 1000 - score.duration_ms < 1
