"""Legal programs, written for these tests: each idiom of the dialect at least once."""

from __future__ import annotations

from pathlib import Path

TEXT = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
PROGRAMS = {
    name: code.strip() + "\n"
    for name, _, code in (part.partition("\n") for part in ("\n" + TEXT).split("\n## ")[1:])
}
