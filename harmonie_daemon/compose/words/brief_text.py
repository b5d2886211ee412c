"""A brief as people read it: Markdown with the headings that language models are asked for, too."""

from __future__ import annotations

from harmonie_daemon.compose.instruments import program_name
from harmonie_daemon.compose.score import TICKS_PER_BEAT, Score, ScorePart
from harmonie_daemon.compose.words.wish import Want, Wish
from harmonie_daemon.domain.brief import Brief, Stem

HEADINGS = (
    "Title",
    "Style/Genre",
    "Mood",
    "Tempo",
    "Key",
    "Instruments",
    "Musical ideas",
    "Section plan",
    "Arrangement",
)
LONGEST_ASKED = 200
"""Characters of a choice that are repeated."""
_US_PER_MINUTE = 60_000_000
_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_STYLES = {"rnb": "R&B", "hiphop": "Hip Hop"}
_ROLES = {
    Stem.PERCUSSION: "the beat",
    Stem.CHORDS: "the harmony",
    Stem.BASS: "the bass line",
    Stem.MELODY: "the melody",
}


def brief_text(wish: Wish, brief: Brief, score: Score) -> str:
    """What the composer understood and made, heading by heading."""
    texts = (
        brief.title,
        _style(wish, brief),
        _mood(wish, brief),
        _tempo(score),
        _key(score),
        "\n".join(f"- {_instrument(part)}" for part in score.parts if part.notes),
        _ideas(wish, score),
        "\n".join(_sections(score)),
        _arrangement(brief, score),
    )
    return (
        "\n\n".join(f"### {heading}\n{text}" for heading, text in zip(HEADINGS, texts, strict=True))
        + "\n"
    )


def _style(wish: Wish, brief: Brief) -> str:
    style = _STYLES.get(brief.genre.value, brief.genre.value.capitalize())
    asked = _asked(wish, Want.GENRE)
    is_more = asked and asked.casefold() != style.casefold()
    return f"{asked} ({style})." if is_more else f"{style}."


def _asked(wish: Wish, want: Want) -> str:
    """On one line: it must not make headings of its own."""
    return " ".join(wish.wants.get(want, "").split())[:LONGEST_ASKED]


def _mood(wish: Wish, brief: Brief) -> str:
    feelings = list(dict.fromkeys(section.emotion.value for section in brief.sections))
    text = f"{', then '.join(feelings).capitalize()}."
    asked = _asked(wish, Want.MOOD)
    return f"{asked}: {text.lower()}" if asked else text


def _tempo(score: Score) -> str:
    found = [round(_US_PER_MINUTE / one.microseconds_per_beat) for one in score.tempos]
    steady = max(found) - min(found) <= 1
    bpm = f"{found[0]} BPM" if steady else f"{min(found)} to {max(found)} BPM"
    return f"{bpm}, {score.beats_per_bar}/4."


def _key(score: Score) -> str:
    return f"{_TONICS[score.key.tonic]} {score.key.mode}." if score.key else "Free."


def _instrument(part: ScorePart) -> str:
    name = part.name.partition("-")[2] or part.name or program_name(part.program)
    return f"{name.replace('-', ' ').capitalize()}: {_ROLES[part.stem]}"


def _ideas(wish: Wish, score: Score) -> str:
    lines = [
        f"- {_ROLES[part.stem].capitalize()}: {_count(part)}" for part in score.parts if part.notes
    ]
    notes = _asked(wish, Want.NOTES)
    return "\n".join([*lines, f"- Asked for: {notes}"] if notes else lines)


def _count(part: ScorePart) -> str:
    if part.is_drums:
        return f"{len(part.notes)} hits on {len({note.pitch for note in part.notes})} sounds"
    lowest = min(note.pitch for note in part.notes)
    highest = max(note.pitch for note in part.notes)
    return f"{len(part.notes)} notes from {_pitch(lowest)} to {_pitch(highest)}"


def _pitch(pitch: int) -> str:
    return f"{_TONICS[pitch % 12]}{pitch // 12 - 1}"


def _sections(score: Score) -> list[str]:
    bar = score.beats_per_bar * TICKS_PER_BEAT
    return [
        f"- {section.emotion.value.capitalize()}: {max(1, round(section.length / bar))} bars "
        f"({section.length_ms / 1000:.0f} s)"
        for section in score.sections
    ]


def _arrangement(brief: Brief, score: Score) -> str:
    length = f"{score.duration_ms / 1000:.0f} s in all"
    ending = (
        "the last bar leads back into the first" if brief.looping else "it ends on the home chord"
    )
    without = ", ".join(sorted(stem.value for stem in brief.without))
    return f"{length}; {ending}." + (f" Without {without}." if without else "")
