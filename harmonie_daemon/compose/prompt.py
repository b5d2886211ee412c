"""From free text to a brief."""

from __future__ import annotations

from harmonie_daemon.domain.brief import Brief, BriefSection, Emotion, Genre, TempoWord
from harmonie_daemon.domain.errors import BriefError

LONGEST_PROMPT = 2000
"""Characters."""
_DEFAULT_MS = 60_000


def parse_prompt(text: str) -> Brief:
    """What a text asks for; whatever it does not say has a default.

    Raises:
        BriefError: the text is empty or too long.
    """
    words = " ".join(_readable(text).split())
    if not words:
        raise BriefError("the prompt is empty; say what is to be composed")
    if len(words) > LONGEST_PROMPT:
        raise BriefError(f"the prompt is over {LONGEST_PROMPT} characters; shorten it")
    section = BriefSection(Emotion.CALM, 0, _DEFAULT_MS)
    return Brief(Genre.POP, TempoWord.MEDIUM, (section,), title=words[:60])


def _readable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)
