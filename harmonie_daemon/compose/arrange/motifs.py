"""Motifs: a rhythm and a contour, drawn once for a piece and kept through all of its sections."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harmonie_daemon.compose.arrange.rhythm import onsets
from harmonie_daemon.domain.brief import Genre

RHYTHMS: dict[Genre, tuple[str, ...]] = {
    Genre.INDIAN: (
        "x---x-x-x---x---",
        "x-----x-x-x-x---",
        "x---x---x-x-x-x-",
        "x-x-x---x-------",
        "x-------x---x-x-",
        "x---x-x-x-x-x---",
    ),
    Genre.POP: (
        "x-x-x---x-x-x---",
        "x---x-x---x-x---",
        "x-x-x-x-x-----..",
        "..x-x-x-x---x---",
        "x--x--x-x---x-x-",
        "x-----x-x-x-x-..",
        "x-x---x-x---x-x-",
    ),
    Genre.AMBIENT: (
        "x-----x-----x---",
        "x-------x---x---",
        "x---x-------x---",
        "..x---x---x-----",
        "x-----x---------",
    ),
    Genre.INDIE: (
        "x---x---x-x-x---",
        "x-x-x---x-x---..",
        "x---x-x-x---x-..",
        "..x-x-x-x-x-x-..",
        "x-----x-x-----x-",
        "x-x-x-x---x-x---",
    ),
    Genre.RNB: (
        "x--x----x-x-..x-",
        "..x--x--x--x----",
        "x-x--x----x--x--",
        "x----x-x--x-----",
        "..xx-x--x----x-.",
    ),
    Genre.CINEMATIC: (
        "x-------x---x---",
        "x-----x-x-------",
        "x---x---x-------",
        "x-----x-x---x---",
        "x---x-x-x---x---",
    ),
    Genre.HIPHOP: (
        "x--x--x---x-....",
        "..x-x-x-x---....",
        "x---..x-x-x---..",
        "x-x--x--x-......",
        "....x-x--x--x---",
    ),
    Genre.ELECTRONIC: (
        "x--x--x-x--x--x-",
        "x-x-..x-x-x-..x-",
        "x--x--x---x-x-x-",
        "x---x-xxx---x-x-",
        "xx-x-xx-x-x-x---",
        "..x-x-x-..x-x-xx",
    ),
}
_SHAPES = {
    "arch": (1.0, 0.6, -0.6, -1.0),
    "valley": (-1.0, -0.5, 0.6, 1.0),
    "rise": (0.6, 0.7, 0.6, -0.4),
    "fall": (-0.6, -0.6, -0.5, 0.4),
    "turn": (0.8, -0.8, 0.8, -0.8),
}
_MOST_STEPS = 7
"""From the lowest to the highest note of a motif, in steps of the scale."""


@dataclass(frozen=True, slots=True)
class Motif:
    """A bar of melody without pitches: rhythm and steps of the scale from note to note."""

    rhythm: str
    steps: tuple[int, ...]
    """One less than there are notes."""
    start: int | None = None
    """The pitch class that it begins on, where it is a quotation."""

    def inverted(self) -> Motif:
        """Upside down."""
        return Motif(self.rhythm, tuple(-step for step in self.steps))

    def fragment(self) -> Motif:
        """Its first half, twice."""
        half = self.rhythm[: len(self.rhythm) // 2]
        kept = len(onsets(half))
        head = self.steps[: max(0, kept - 1)]
        joint = (-sum(head) + 1,) if kept else ()
        return Motif(half + half, head + joint + head)

    def augmented(self) -> tuple[Motif, Motif]:
        """Twice as slow, over two bars."""
        wide = "".join(sign + ("." if sign == "." else "-") for sign in self.rhythm)
        size = len(self.rhythm)
        first = len(onsets(wide[:size]))
        second = "." * (len(wide[size:]) - len(wide[size:].lstrip("-")))
        halves = wide[:size], second + wide[size:].lstrip("-")
        return (
            Motif(halves[0], self.steps[: max(0, first - 1)]),
            Motif(halves[1], self.steps[first:]),
        )


def drawn_motif(genre: Genre, beats: int, chance: Random, like: Motif | None = None) -> Motif:
    """A motif of a genre; ``like`` gives its rhythm to an answer with a contour of its own."""
    rhythm = chance.choice(RHYTHMS[genre])[: 4 * beats]
    rhythm = _changed(rhythm, chance)
    if like is not None and chance.random() < 0.5:
        rhythm = like.rhythm
    if like is not None:
        rhythm = _breathing(rhythm)
    count = len(onsets(rhythm))
    if count < 2:
        rhythm = ("x-------x-------")[: 4 * beats]
        count = 2
    return Motif(rhythm, _contour(count - 1, chance))


def _changed(rhythm: str, chance: Random) -> str:
    """One onset moved to its neighbour's place, or one more: no cell is ever worn out."""
    if chance.random() < 0.5:
        return rhythm
    places = [at for at in range(2, len(rhythm), 2) if rhythm[at] == "-"]
    if not places:
        return rhythm
    at = chance.choice(places)
    return f"{rhythm[:at]}x{rhythm[at + 1 :]}"


def _breathing(rhythm: str) -> str:
    """With half a beat of silence at its end."""
    kept = rhythm[:-2].rstrip("x")
    return kept + "." * (len(rhythm) - len(kept))


def _contour(size: int, chance: Random) -> tuple[int, ...]:
    """Steps that follow a shape; a leap is answered by a step the other way."""
    shape = _SHAPES[chance.choice(list(_SHAPES))]
    steps: list[int] = []
    place = low = high = 0
    for at in range(size):
        drift = shape[min(3, 4 * at // max(1, size))]
        upwards = chance.random() < 0.5 + 0.4 * drift
        size_of_step = chance.choices((0, 1, 2, 3, 4), (1, 8, 4, 1.5, 1))[0]
        step = size_of_step if upwards else -size_of_step
        if steps and abs(steps[-1]) >= 3:
            step = -1 if steps[-1] > 0 else 1
        if max(high, place + step) - min(low, place + step) > _MOST_STEPS:
            step = -step
        if at == size - 1 and place + step == 0 and all(one == 0 for one in steps):
            step = 1
        steps.append(step)
        place += step
        low, high = min(low, place), max(high, place)
    return tuple(steps)
