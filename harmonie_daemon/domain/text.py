"""Comparing names the way people do: Björk is BJÖRK, however it was typed."""

from __future__ import annotations

import re
import unicodedata

KEY_VERSION = 2
"""Bump when ``text_key`` or ``folded_key`` changes, so that stored keys are made anew."""

_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bb\u02bc\u2032\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)
"""Quotes, apostrophes and dashes as a keyboard has them."""
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)
"""Letters that Unicode does not take apart, as they are typed where the keyboard lacks them."""
_ACCENTS = re.compile("[\u0300-\u036f]+")
"""Of Latin, Greek and Cyrillic; marks of other scripts tell words apart."""


def text_key(text: str | None) -> str | None:
    """The comparison key of a name: NFKC, case-folded, stripped; ``None`` for a blank one."""
    if text is None:
        return None
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    return folded or None


def folded_key(text: str | None) -> str | None:
    """``text_key`` without accents and typography: ``Motörhead`` is ``motorhead``."""
    key = None if text is None else text_key(text.translate(_TYPOGRAPHY))
    if key is None:
        return None
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", key.translate(_LETTERS)))
    return unicodedata.normalize("NFC", bare).strip() or None
