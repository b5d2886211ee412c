"""Chord progressions that styles and feelings are known for, in roman numerals, a bar each.

Degrees count from the major scale (the sixth of minor is ``bVI``); ``/`` parts a bar in halves.
"""

from __future__ import annotations

from harmonie_daemon.domain.brief import Emotion, Genre

MAJOR: dict[Genre, tuple[str, ...]] = {
    Genre.POP: (
        "I V vi IV",
        "I vi IV V",
        "vi IV I V",
        "I iii IV V",
        "I IV ii V",
        "IV I V vi",
        "I IV vi V",
        "I V IV V",
    ),
    Genre.INDIE: (
        "I IV I V",
        "I iii vi IV",
        "vi I IV V",
        "I ii IV I",
        "IV IV I V",
        "I vi iii IV",
        "I IV vi IV",
        "I V IV IV",
    ),
    Genre.RNB: (
        "ii V I vi",
        "I iii vi IV",
        "IV iii vi I",
        "I vi ii V",
        "iii vi ii V",
        "IV V iii vi",
        "ii iii IV V",
    ),
    Genre.HIPHOP: ("ii V I vi", "I IV I IV", "I vi I vi", "IV iii ii I", "ii V I I", "vi ii V I"),
    Genre.ELECTRONIC: (
        "vi IV I V",
        "I V vi IV",
        "I I vi IV",
        "IV V vi I",
        "IV I V vi",
        "I iii vi IV",
    ),
    Genre.CINEMATIC: (
        "I V vi iii IV I IV V",
        "I iii IV iv",
        "I IV I V",
        "vi IV I V",
        "I bVI IV V",
        "I V vi IV",
        "I vi iii IV",
    ),
    Genre.AMBIENT: ("I IV", "I ii", "I vi", "I iii IV iii", "IV I", "I V IV IV", "Isus2 IV"),
}
MINOR: dict[Genre, tuple[str, ...]] = {
    Genre.POP: (
        "i bVI bIII bVII",
        "i iv bVI V",
        "i bVII bVI bVII",
        "bVI bVII i i",
        "i bIII bVII iv",
        "i bVI iv V",
    ),
    Genre.INDIE: (
        "i bIII bVII iv",
        "i bVII bVI bVII",
        "i iv bIII bVII",
        "i v bVI bIII",
        "i bVI bVII i",
        "i i bVI bVII",
    ),
    Genre.RNB: (
        "i iv bVI V",
        "iv v i i",
        "i bVI iv v",
        "bVI v i bIII",
        "i bIII iv V",
        "iv bVII bIII bVI",
    ),
    Genre.HIPHOP: (
        "i bVI iv v",
        "i iv i iv",
        "i bVI i bVI",
        "bVI v i i",
        "i bVII bVI v",
        "i i iv bVI",
    ),
    Genre.ELECTRONIC: (
        "i bVI bIII bVII",
        "i i bVI bVII",
        "bVI bVII i v",
        "i bIII bVII bVI",
        "i bVII i bVI",
        "iv bVI i bVII",
    ),
    Genre.CINEMATIC: (
        "i bVI bIII bVII",
        "i v bVI iv",
        "i bVI iv V",
        "i iv bVI V",
        "i bIII bVI iv",
        "i bVII bVI V",
    ),
    Genre.AMBIENT: ("i bVI", "i iv", "i bVII", "i bIII bVI bVII", "bVI i", "i v bVI iv"),
}
MODES: dict[str, tuple[str, ...]] = {
    "lydian": ("I I II I", "I iii vi I", "I vi II I", "I II iii I", "I vii iii I"),
    "mixolydian": ("I bVII IV I", "I I bVII I", "I v bVII I", "I IV bVII I"),
    "dorian": ("i i IV i", "i bVII IV i", "i bIII bVII i", "i v bIII i"),
    "phrygian": ("i i bII i", "i bII iv i", "i bVI bII i", "i bII bIII i"),
    "harmonic minor": ("i V i V", "i iv V i", "i bVI iv V", "i iv i V"),
}
"""What a mode is known for; joins the style's own."""
FEELINGS: dict[Emotion, tuple[str, ...]] = {
    Emotion.TRIUMPHANT: ("bVI bVII I I", "I bVII IV I", "I IV V I"),
    Emotion.INSPIRATIONAL: ("I ii iii IV", "IV V vi I"),
    Emotion.SCARY: ("i bII i bV", "i bvi i bII"),
    Emotion.TENSE: ("i i bII V", "i i iv V"),
    Emotion.FEARFUL: ("i bii i V", "i iv bII V"),
    Emotion.DEPRESSING: ("i v bVI iv", "i bVII bVI V"),
    Emotion.ANGRY: ("i bII i bVII", "i i bII i"),
    Emotion.SAD: ("i bVI iv i", "iv i bVI V"),
}

CADENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "major": (("IV", "V"), ("ii", "V"), ("IV", "iv"), ("vi", "V")),
    "mixolydian": (("IV", "bVII"), ("bVI", "bVII"), ("bVII", "IV")),
    "lydian": (("vi", "V"), ("ii", "V"), ("vi", "II")),
    "dorian": (("bVII", "IV"), ("IV", "v"), ("bIII", "bVII")),
    "aeolian": (("bVI", "bVII"), ("iv", "V"), ("bVI", "iv"), ("iv", "v")),
    "phrygian": (("bvii", "bII"), ("bVI", "bII")),
    "harmonic minor": (("iv", "V"), ("bVI", "V")),
}
"""The two chords before the last tonic."""
CADENCE_CHORDS = frozenset(last for pairs in CADENCES.values() for _, last in pairs)
"""What the bar before the last tonic may be."""
HALF_CADENCES = {
    "major": ("V", "IV", "V"),
    "mixolydian": ("bVII", "IV"),
    "lydian": ("V", "II"),
    "dorian": ("IV", "v"),
    "aeolian": ("V", "bVII", "v"),
    "phrygian": ("bII",),
    "harmonic minor": ("V",),
}
"""Where a phrase may pause that another one follows."""
