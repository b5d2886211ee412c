"""Music without a language model: the composer's own, with its brief and its program."""

from __future__ import annotations

import re
from dataclasses import replace

from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.midi import write_midi
from harmonie_daemon.compose.musicpy_code.transcribing import transcribe
from harmonie_daemon.compose.prompt import LONGEST_PROMPT, parse_prompt
from harmonie_daemon.compose.words.brief_text import brief_text
from harmonie_daemon.compose.words.piece import WordedPiece
from harmonie_daemon.compose.words.wish import Want, Wish
from harmonie_daemon.domain.brief import LONGEST_MS, SHORTEST_MS, Brief, BriefSection

LONGEST_WANT = 200
"""Characters of each that the composer's reader looks at."""
LONGEST_TITLE = 60
_SEED = re.compile(r"^# Composed by Harmonie, seed ([0-9]{1,19})$", re.MULTILINE)
_BARE_NUMBER = re.compile(r"[0-9]{2,3}(?:\.[0-9]+)?")
FIRST = (Want.GENRE, Want.TEMPO, Want.KEY, Want.MOOD, Want.INSTRUMENTS)
"""What is read before the prompt, so that it wins over it; the rest follows."""


def write_locally(wish: Wish, seed: int) -> WordedPiece:
    """A new piece; the same one for the same wish and seed. Takes a moment: for a thread."""
    brief = brief_of(wish)
    score = compose(brief, seed)
    program = transcribe(score)
    first, _, rest = program.partition("\n")
    signed = f"{first}\n\n# Composed by Harmonie, seed {seed}\n{rest}"
    return WordedPiece(brief_text(wish, brief, score), signed, write_midi(score), score)


def brief_of(wish: Wish) -> Brief:
    """What a wish says, in the composer's terms; what it leaves open follows from the rest."""
    return replace(parse_prompt(_as_one_text(wish)), title=title_of(wish))


def brief_of_length(wish: Wish, length_ms: int) -> Brief:
    """A wish in the composer's terms, of a piece that somebody else has written."""
    read = brief_of(wish)
    length_ms = max(SHORTEST_MS, min(LONGEST_MS, length_ms))
    return replace(read, sections=(BriefSection(read.sections[0].emotion, 0, length_ms),))


def seed_in(program: str) -> int | None:
    """The seed of a program that was written here."""
    found = _SEED.search(program[:500])
    return int(found[1]) if found else None


def _as_one_text(wish: Wish) -> str:
    before = [_sentence(want, wish.wants[want]) for want in FIRST if want in wish.wants]
    after = [text for want, text in wish.wants.items() if want not in FIRST]
    parts = [wish.variation, *before, wish.prompt, *after]
    cut = (" ".join(part.split())[:LONGEST_PROMPT] for part in parts if part)
    return ". ".join(cut)[:LONGEST_PROMPT]


def _sentence(want: Want, text: str) -> str:
    short = " ".join(text.split())[:LONGEST_WANT].strip(". ")
    match want:
        case Want.TEMPO if _BARE_NUMBER.fullmatch(short):
            return f"{short} BPM"
        case Want.KEY:
            return f"key of {short}"
        case _:
            return short


def title_of(wish: Wish) -> str:
    """The first sentence of the prompt, cut at a word."""
    words = re.split(r"(?<=[.!?;])\s|\n", wish.prompt.strip(), maxsplit=1)[0].rstrip(".!?; ")
    if len(words) > LONGEST_TITLE:
        words = words[: LONGEST_TITLE + 1].rpartition(" ")[0] or words[:LONGEST_TITLE]
    return words[:1].upper() + words[1:] if words else "A piece"
