"""Comparing names the way people do: Björk is BJÖRK, however it was typed."""

from __future__ import annotations

import unicodedata

KEY_VERSION = 1
"""Bump when ``text_key`` changes, so that stored keys are made anew."""


def text_key(text: str | None) -> str | None:
    """The comparison key of a name: NFKC, case-folded, stripped; ``None`` for a blank one."""
    if text is None:
        return None
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    return folded or None
