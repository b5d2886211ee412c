"""What makes a genre play like itself: pace, metre, richness of chords, swing, how it ends."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.domain.brief import Genre, TempoWord


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of a genre."""

    genre: Genre
    bpm: tuple[float, float, float]
    """Slow, medium, fast."""
    has_beat: bool = True
    """Whether drums play in all but its introductions and breaks."""
    metres: tuple[int, ...] = (4,)
    """Beats a bar that pieces are in, drawn from."""
    intro_bars: int = 2
    thirds: tuple[int, ...] = (0,)
    """How many thirds go on top of triads, drawn for each piece: 1 is sevenths, 2 ninths."""
    voices: int = 4
    """Of the accompanying chord."""
    swings: tuple[float, ...] = (0.5,)
    """Where the second half of each half beat falls, drawn from; 0.5 is straight."""
    bars_per_chord: tuple[int, ...] = (1,)
    slows_down: bool = True
    """Whether it ends with a ritardando; machines do not."""
    timing_ms: float = 8.0
    """Standard deviation of when a note is played."""
    late_ms: tuple[float, float, float] = (0.0, 4.0, 0.0)
    """How late drums (but the kick), bass and melody are on the whole."""

    def bpm_of(self, tempo: TempoWord) -> float:
        """Beats per minute for a word."""
        return self.bpm[list(TempoWord).index(tempo)]


STYLES: dict[Genre, Style] = {
    style.genre: style
    for style in (
        Style(Genre.INDIAN, (60, 84, 120), metres=(4, 4, 3), intro_bars=4, timing_ms=6),
        Style(Genre.POP, (78, 104, 126), thirds=(0, 0, 1), timing_ms=6),
        Style(
            Genre.AMBIENT,
            (54, 66, 84),
            has_beat=False,
            metres=(4, 4, 3),
            thirds=(1, 2),
            bars_per_chord=(1, 2),
            timing_ms=12,
        ),
        Style(Genre.INDIE, (80, 112, 138), metres=(4, 4, 4, 3), thirds=(0,), voices=5),
        Style(
            Genre.RNB,
            (62, 78, 98),
            thirds=(2, 1),
            swings=(0.54, 0.58, 0.5),
            late_ms=(8, 8, 10),
        ),
        Style(
            Genre.CINEMATIC,
            (60, 84, 124),
            has_beat=False,
            metres=(4, 4, 3),
            bars_per_chord=(1, 1, 2),
            timing_ms=10,
        ),
        Style(
            Genre.HIPHOP,
            (70, 86, 98),
            thirds=(1, 2),
            swings=(0.56, 0.6, 0.5),
            slows_down=False,
            late_ms=(6, 4, 8),
        ),
        Style(
            Genre.ELECTRONIC,
            (96, 120, 132),
            intro_bars=4,
            bars_per_chord=(1, 1, 2),
            slows_down=False,
            timing_ms=1.5,
            late_ms=(0, 0, 0),
        ),
    )
}
