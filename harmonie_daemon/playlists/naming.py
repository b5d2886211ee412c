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
NAMED_SHARE = 0.8
"""Share of the tracks up to which a name owns to there being others."""
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
    artists = [track.tags.artist or track.tags.album_artist for track in tracks]
    albums = [track.tags.album for track in tracks]
    players = enumeration(artists) or enumeration(albums)
    style = shared_style(tracks)
    if style and players:
        return f"{style}: {players}"
    return style or players or f"Neighbourhood {number}"


def somebodys(listener: str, what: str) -> str:
    """``alice's On Repeat``: whoever sees the lists of several people can tell them apart."""
    return f"{listener}'s {what}"


def unused(name: str, taken: Iterable[str]) -> str:
    """``name``, or ``name (2)`` and so on if it is taken already, in whatever case."""
    keys = {text_key(other) for other in taken}
    if text_key(name) not in keys:
        return name
    number = 2
    while text_key(f"{name} ({number})") in keys:
        number += 1
    return f"{name} ({number})"


def shared_style(tracks: Sequence[Track]) -> str | None:
    """The style that half of the tracks have first of all, if there is one."""
    counts = Counter(track.styles[0].style for track in tracks if track.styles)
    if not counts:
        return None
    style, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return style if count >= STYLE_SHARE * len(tracks) else None


def enumeration(names: Sequence[str | None]) -> str:
    """The most frequent names, ``and others`` if many tracks are left unnamed; may be blank."""
    keys = [text_key(name) for name in names]
    counts = Counter(key for key in keys if key is not None)
    ranked = sorted(counts, key=lambda key: (-counts[key], key))[:NAMED_ARTISTS]
    spelling = dict(zip(reversed(keys), reversed(names), strict=True))
    named = [(spelling[key] or "").strip() for key in ranked]
    covered = sum(counts[key] for key in ranked)
    if named and covered <= NAMED_SHARE * len(names):
        return f"{', '.join(named)} and others"
    return " and ".join(named)
