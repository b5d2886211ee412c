"""What a mix is: a playlist for a theme."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.domain.track import Track


@dataclass(frozen=True, slots=True)
class MixWish:
    """What a mix is to be; unknown words ask for nothing."""

    theme: str
    activity: str | None = None
    mood: str | None = None
    duration_s: float = 3600.0
    popular: bool = True
    """Whether tracks that are played much may be in it."""
    discoveries: bool = True
    """Whether tracks that were never played may."""

    @property
    def text(self) -> str:
        """All of it as one text; a comma keeps them apart."""
        return f"{self.activity}, {self.theme}" if self.activity else self.theme


@dataclass(frozen=True, slots=True)
class MixTrack:
    """A track of a mix."""

    track: Track
    score: float
    """0 to 1: how well it answers; up to 0.2 of what was added for sounding alike."""
    popularity: float
    is_new: bool
    """Never played here."""


@dataclass(frozen=True, slots=True)
class Mix:
    """A mix, in the order in which it is played."""

    name: str
    description: str
    tracks: tuple[MixTrack, ...]
    notes: tuple[str, ...]
    """What could not be as it was asked for."""
    by_model: bool
    """Whether the language model chose among what answers."""
    popularity_source: str

    @property
    def duration_s(self) -> float:
        """All of it."""
        return sum(one.track.duration_s for one in self.tracks)
