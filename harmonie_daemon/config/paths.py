"""Settings about paths that others see: pairs of names for a folder, permissions of files."""

from __future__ import annotations

import re


def split_pairs(pairs: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """``OURS=THEIRS`` as (ours, theirs)."""
    split = (pair.partition("=") for pair in pairs)
    return tuple((ours.strip(), theirs.strip()) for ours, _, theirs in split)


def check_pairs(pairs: tuple[str, ...]) -> tuple[str, ...]:
    """Both sides are given."""
    if not all(ours and theirs for ours, theirs in split_pairs(pairs)):
        raise ValueError("each must read OURS=THEIRS, as in /music=/data/music")
    return pairs


def check_folder_names(pairs: tuple[str, ...]) -> tuple[str, ...]:
    """The left side is a folder of this machine; the right one may be empty."""
    for pair, (ours, theirs) in zip(pairs, split_pairs(pairs), strict=True):
        if "=" not in pair or not ours.startswith("/") or re.search(r"[\r\n]", theirs):
            raise ValueError(
                "each must read FOLDER=NAME, as in /music=smb://nas/music, or FOLDER= for paths "
                "relative to it"
            )
    return pairs


def check_file_mode(mode: str) -> str:
    """Octal digits; the owner reads and writes, nobody else gets more than that."""
    if not re.fullmatch(r"0?6[046][046]", mode):
        raise ValueError(
            "must be the permissions of a file that its owner may write: 0644 for everybody to "
            "read, 0664 for a group to write, 0640 or 0600 for fewer"
        )
    return mode
