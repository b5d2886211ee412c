"""Names a person understands, and keys a machine keeps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import Track

_NOT_A_WORD = re.compile(r"[\W_]+")
NAMED_ARTISTS = 2
"""Artists in a name; more do not fit a client's list."""
STYLE_SHARE = 0.5
"""Share of the tracks that must have a style before the name says so."""


def slug(name: str) -> str:
    """The words of a name in lower case, joined by hyphens: ``daily-mix``."""
    return _NOT_A_WORD.sub("-", text_key(name) or "").strip("-") or "playlist"


def label_parts(label: str) -> tuple[str, str]:
    """Genre and style of a ``Genre---Style`` label."""
    genre, _, style = label.partition("---")
    return genre, style


def area_name(tracks: Sequence[Track], number: int) -> str:
    """What to call tracks that sound alike: their style, if they share one, and who plays.

    ``House: Daft Punk, Cassius and others``; albums stand in for missing artists, and where
    the files say nothing at all it is ``Neighbourhood 3``.
    """
    artists = _most_frequent(track.tags.artist or track.tags.album_artist for track in tracks)
    names = artists or _most_frequent(track.tags.album for track in tracks)
    style = _shared_style(tracks)
    if not names:
        return style or f"Neighbourhood {number}"
    return f"{style}: {_enumeration(names)}" if style else _enumeration(names)


def unused(name: str, taken: Iterable[str]) -> str:
    """``name``, or ``name (2)`` and so on if it is taken already, in whatever case."""
    keys = {text_key(other) for other in taken}
    if text_key(name) not in keys:
        return name
    number = 2
    while text_key(f"{name} ({number})") in keys:
        number += 1
    return f"{name} ({number})"


def _most_frequent(names: Iterable[str | None]) -> list[str]:
    """Each name once, the most frequent first, ties in alphabetical order."""
    spelled = [name for name in names if name]
    counts = Counter(text_key(name) for name in spelled)
    spelling = {text_key(name): name.strip() for name in reversed(spelled)}
    ranked = sorted((-count, key) for key, count in counts.items() if key is not None)
    return [spelling[key] for _, key in ranked]


def _shared_style(tracks: Sequence[Track]) -> str | None:
    counts = Counter(track.styles[0].style for track in tracks if track.styles)
    if not counts:
        return None
    style, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return style if count >= STYLE_SHARE * len(tracks) else None


def _enumeration(names: Sequence[str]) -> str:
    named = list(names[:NAMED_ARTISTS])
    if len(names) > NAMED_ARTISTS:
        return f"{', '.join(named)} and others"
    return " and ".join(named)
