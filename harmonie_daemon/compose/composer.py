"""From a brief to a score."""

from __future__ import annotations

from random import Random

from harmonie_daemon.compose.chance import chance_for
from harmonie_daemon.compose.palettes import PartRole, Player, seated
from harmonie_daemon.compose.score import Note, Score, ScorePart, ScoreSection, Tempo
from harmonie_daemon.domain.brief import Brief, MusicalKey

_US_PER_MINUTE = 60_000_000
_BEAT = 960


def compose(brief: Brief, seed: int) -> Score:
    """The piece that a brief and a seed (64 bits) stand for; always the same one."""
    chance = chance_for(seed, brief.genre)
    bpm = brief.bpm or 100.0
    us_per_beat = round(_US_PER_MINUTE / bpm)
    key = brief.key or MusicalKey(chance.randrange(12), "major")
    end = brief.duration_ms * 1000 * _BEAT // us_per_beat

    def at(ms: int) -> int:
        return round(ms * 1000 * _BEAT / us_per_beat)

    sections = tuple(
        ScoreSection(
            one.emotion,
            at(one.start_ms),
            at(one.start_ms + one.length_ms) - at(one.start_ms),
            one.start_ms,
            one.length_ms,
        )
        for one in brief.sections
    )
    roots = chance.choice([(0, 7, 9, 5), (0, 9, 5, 7), (9, 5, 0, 7)])
    parts = tuple(
        ScorePart(
            name=player.name,
            stem=player.stem,
            notes=_notes(player, key.tonic, roots, end, chance),
            program=player.program,
            is_drums=player.is_drums,
            voice=player.voice,
            pan=player.pan,
            level_db=player.level_db,
        )
        for player in seated(brief, chance)
    )
    return Score(
        title=brief.title,
        parts=parts,
        tempos=(Tempo(0, us_per_beat),),
        duration_ms=brief.duration_ms,
        sections=sections,
        key=key,
        looping=brief.looping,
    )


def _notes(
    player: Player, tonic: int, roots: tuple[int, ...], end: int, chance: Random
) -> tuple[Note, ...]:
    notes = []
    for bar, start in enumerate(range(0, end, 4 * _BEAT)):
        root = (tonic + roots[bar % 4]) % 12
        chord = [root, (root + (3 if roots[bar % 4] == 9 else 4)) % 12, (root + 7) % 12]
        if player.role in (PartRole.DRUMS, PartRole.TALA):
            hits = [(0, 36), (2, 38), (1, 42), (3, 42)] if player.is_drums else [(0, player.low)]
            wanted = [(beat, 1, pitch) for beat, pitch in hits]
        elif player.role in (PartRole.CHORDS, PartRole.DRONE):
            wanted = [(0, 4, player.low + (pitch - player.low) % 12) for pitch in chord]
        elif player.role is PartRole.BASS:
            wanted = [(beat, 1, player.low + (root - player.low) % 12) for beat in range(4)]
        else:
            wanted = [
                (beat, 1, player.low + (chance.choice(chord) - player.low) % 12)
                for beat in range(4)
            ]
        for beat, length, pitch in wanted:
            at = start + beat * _BEAT
            if at < end:
                notes.append(Note(at, min(length * _BEAT, end - at), pitch, 80))
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))
