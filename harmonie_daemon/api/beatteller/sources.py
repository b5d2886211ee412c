"""Where what is answered comes from; every answer says it."""

from __future__ import annotations

from typing import Literal

Source = Literal["library", "listening", "local", "gemini", "qloo"]
"""What was heard and tagged, what was played, our own words, or who else was asked."""
LIBRARY: Literal["library"] = "library"
MUSIC: Literal["Music"] = "Music"
"""The category of whatever is music."""
SOURCES_TEXT = "By the names of the numbers: where each comes from."
