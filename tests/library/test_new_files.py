"""Names for new files."""

from __future__ import annotations

import pytest

from harmonie_daemon.library.new_files import safe_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("a/b\\c:d*e?f", "a b c d e f"),
        ("...", "Piece"),
        ("", "Piece"),
        ("CON", "Piece CON"),
        ("com1.song", "Piece com1.song"),
        (".hidden", "hidden"),
        ("tab\tnul\0bell\a", "tab nul bell"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("ü" * 300, "ü" * 60),
        ("Song. ", "Song"),
    ],
)
def test_titles_become_names_that_every_file_system_takes(title: str, name: str) -> None:
    assert safe_name(title) == name
