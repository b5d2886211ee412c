"""Which instrument stands under which of the document's four names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harmonie_daemon.compose.palettes import SEATS
from harmonie_daemon.domain.brief import Genre, Stem

_SPARE = (Stem.BASS, Stem.CHORDS, Stem.MELODY, Stem.PERCUSSION)
"""Names that may have to be lent, drums last."""


def by_stem(genre: Genre, instruments: Sequence[str]) -> Mapping[Stem, str]:
    """From stem to ``role-instrument``; four instruments have four names.

    Indian music has no bass and ambient no percussion, but a second melody: that takes the name
    which is left, so that whoever plays all four hears the whole piece.
    """
    named: dict[Stem, str] = {}
    left: list[str] = []
    for instrument in instruments:
        stem = _usual(genre, instrument)
        if stem is None or stem in named:
            left.append(instrument)
        else:
            named[stem] = instrument
    free = [stem for stem in _SPARE if stem not in named]
    named.update(zip(free, left, strict=False))
    return {stem: named[stem] for stem in Stem if stem in named}


def _usual(genre: Genre, instrument: str) -> Stem | None:
    """By its name, else by the role that the name begins with."""
    players = [player for seat in SEATS[genre] for player in seat]
    role, _, _ = instrument.partition("-")
    alike = [player for player in players if player.name == instrument] or [
        player for player in players if player.name.startswith(f"{role}-")
    ]
    if alike:
        return alike[0].stem
    return Stem(role) if role in set(Stem) else None
