"""What each genre is played with: four seats, and who may sit on them.

The seats of a genre and their order are fixed, so that clients always meet four instruments; a
piece draws who sits there. Registers are kept apart within a genre, and kinds of sound between
genres: that is what tells them apart by ear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from harmonie_daemon.compose.instruments import (
    DRUM_KITS,
    instrument_name,
    program_range,
    usual_stem,
)
from harmonie_daemon.compose.score import Voice
from harmonie_daemon.domain.brief import Brief, Genre, Stem

_LEAST_REACH = 19
"""Semitones; an instrument that has fewer of a seat's register keeps to its own."""


class PartRole(StrEnum):
    """What a seat plays; decides which arranger writes it."""

    DRUMS = "drums"
    TALA = "tala"
    CHORDS = "chords"
    DRONE = "drone"
    BASS = "bass"
    LEAD = "lead"
    SECOND = "second"
    ANSWER = "answer"


STEMS = {
    PartRole.DRUMS: Stem.PERCUSSION,
    PartRole.TALA: Stem.PERCUSSION,
    PartRole.CHORDS: Stem.CHORDS,
    PartRole.DRONE: Stem.CHORDS,
    PartRole.BASS: Stem.BASS,
    PartRole.LEAD: Stem.MELODY,
    PartRole.SECOND: Stem.CHORDS,
    PartRole.ANSWER: Stem.MELODY,
}


@dataclass(frozen=True, slots=True)
class Player:
    """An instrument on a seat."""

    name: str
    """``role-instrument``."""
    role: PartRole
    program: int
    low: int
    high: int
    """The lowest and highest pitch it is written for here."""
    pan: float = 0.0
    level_db: float = 0.0
    voice: Voice = Voice.SOUNDFONT
    is_drums: bool = False

    @property
    def stem(self) -> Stem:
        """What it sounds with when stems are asked for."""
        return STEMS[self.role]


def _kit(*named: tuple[str, int]) -> tuple[Player, ...]:
    return tuple(
        Player(f"percussion-{name}", PartRole.DRUMS, kit, 27, 87, is_drums=True)
        for name, kit in named
    )


def _band(
    prefix: str,
    role: PartRole,
    low: int,
    high: int,
    *named: tuple[str, int],
    pan: float = 0.0,
    level_db: float = 0.0,
) -> tuple[Player, ...]:
    """Players of one register, each as far as its instrument reaches into it."""
    reaches = [program_range(program) for _, program in named]
    return tuple(
        Player(f"{prefix}-{name}", role, program, max(low, least), min(high, most), pan, level_db)
        for (name, program), (least, most) in zip(named, reaches, strict=True)
    )


SEATS: dict[Genre, tuple[tuple[Player, ...], ...]] = {
    Genre.INDIAN: (
        (Player("percussion-tabla", PartRole.TALA, 0, 27, 87, 0.1, -4.0, Voice.TABLA, True),),
        (Player("drone-tanpura", PartRole.DRONE, 104, 36, 72, -0.3, -3.0, Voice.TANPURA),),
        _band("melody", PartRole.LEAD, 55, 86, ("sarangi", 110), ("bansuri", 77), ("shehnai", 111)),
        _band("melody", PartRole.ANSWER, 48, 79, ("sarod", 106), ("sitar", 104), pan=0.3),
    ),
    Genre.POP: (
        _kit(("kit", 0), ("power", 16)),
        _band("keys", PartRole.CHORDS, 50, 78, ("piano", 1), ("grand", 0), ("electric-grand", 2)),
        _band("bass", PartRole.BASS, 28, 52, ("electric", 33), ("pop", 37)),
        _band("melody", PartRole.LEAD, 62, 86, ("synth", 80), ("calliope", 82), ("polysynth", 90)),
    ),
    Genre.AMBIENT: (
        _band("pad", PartRole.CHORDS, 48, 78, ("warm", 89), ("newage", 88), ("halo", 94)),
        _band("drone", PartRole.BASS, 28, 48, ("sub", 92), ("sweep", 95)),
        _band("keys", PartRole.LEAD, 67, 96, ("celesta", 8), ("crystal", 98), ("musicbox", 10)),
        _band("texture", PartRole.SECOND, 52, 76, ("choir", 52), ("voice", 91), pan=0.4),
    ),
    Genre.INDIE: (
        _kit(("room", 8), ("brush", 40)),
        _band("guitar", PartRole.CHORDS, 45, 76, ("acoustic", 25), ("nylon", 24), pan=-0.3),
        _band("bass", PartRole.BASS, 28, 52, ("picked", 34)),
        _band("melody", PartRole.LEAD, 55, 79, ("guitar", 27), ("jazz-guitar", 26), pan=0.25),
    ),
    Genre.RNB: (
        _kit(("kit", 0), ("jazz", 32)),
        _band("keys", PartRole.CHORDS, 48, 76, ("rhodes", 4), ("dx-piano", 5)),
        _band("bass", PartRole.BASS, 28, 52, ("fingered", 33), ("fretless", 35)),
        _band("melody", PartRole.LEAD, 58, 82, ("vibes", 11), ("tenor-sax", 66), pan=0.2),
    ),
    Genre.CINEMATIC: (
        _band("percussion", PartRole.DRUMS, 36, 57, ("taiko", 116), ("timpani", 47)),
        _band("strings", PartRole.CHORDS, 50, 79, ("ensemble", 48), ("slow", 49), ("tremolo", 44)),
        _band("bass", PartRole.BASS, 28, 50, ("contrabass", 43), ("cello", 42)),
        _band("brass", PartRole.LEAD, 50, 76, ("horn", 60), ("trombone", 57), ("trumpet", 56)),
    ),
    Genre.HIPHOP: (
        _kit(("808", 25)),
        _band("keys", PartRole.CHORDS, 48, 74, ("rhodes", 4), ("grand", 0), ("organ", 17)),
        _band("bass", PartRole.BASS, 24, 48, ("808", 38)),
        _band("melody", PartRole.LEAD, 62, 84, ("flute", 73), ("panflute", 75), ("bells", 14)),
    ),
    Genre.ELECTRONIC: (
        _kit(("909", 24)),
        _band("synth", PartRole.CHORDS, 50, 80, ("pad", 95), ("strings", 50), ("brass", 62)),
        _band("bass", PartRole.BASS, 26, 52, ("synth", 38), ("acid", 39)),
        _band("lead", PartRole.LEAD, 60, 86, ("saw", 81), ("charang", 84), ("fifths", 86)),
    ),
}
"""Each seat with its players; the first one is whom the genre is known for."""


def instruments_of(genre: Genre) -> tuple[str, str, str, str]:
    """The four names that a genre is known for; a composed piece says its own."""
    first, second, third, fourth = (seat[0].name for seat in SEATS[genre])
    return first, second, third, fourth


def seated(brief: Brief, chance: Random) -> tuple[Player, ...]:
    """Who plays: drawn for each seat, unless asked for by program; nobody for a silent stem."""
    wanted = {stem: [program for of, program in brief.programs if of is stem] for stem in Stem}
    players = []
    for seat in SEATS[brief.genre]:
        player = chance.choice(seat)
        if player.stem in brief.without:
            continue
        programs = wanted[player.stem]
        players.append(_instead(player, programs.pop(0)) if programs else player)
    return _renamed(players)


def _instead(player: Player, program: int) -> Player:
    """A player with another instrument, in the part of its range that fits the seat.

    Drums take another kit, or drums with a pitch; what is neither, and a tabla, stays as it is.
    """
    if player.role is PartRole.TALA:
        return player
    if player.is_drums and program in DRUM_KITS:
        return replace(player, program=program)
    if player.role is PartRole.DRUMS and usual_stem(program) is not Stem.PERCUSSION:
        return player
    low, high = program_range(program)
    if min(high, player.high) - max(low, player.low) >= _LEAST_REACH:
        low, high = max(low, player.low), min(high, player.high)
    return replace(
        player,
        name=instrument_name(program, stem=player.stem),
        program=program,
        low=low,
        high=high,
        voice=Voice.SOUNDFONT,
        is_drums=False,
    )


def _renamed(players: Sequence[Player]) -> tuple[Player, ...]:
    """Two of one name become told apart."""
    names = [player.name for player in players]
    return tuple(
        replace(player, name=f"{player.name}-2") if player.name in names[:at] else player
        for at, player in enumerate(players)
    )
