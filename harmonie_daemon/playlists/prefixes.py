"""Playlists that a person asks for by a name: ``[RADIO n=30] Sunday``; pure.

From a name to a wish, from what stands in the playlist to the seeds that are the person's own. The
words and their bounds are facts of the Jellyfin plugin jellyfin-harmonie, whose users have such
playlists already.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LONGEST_BRACKET = 200
"""Characters of a name in which the bracket must end; the rest of a name is not even looked at."""
LONGEST_LABEL = 200
MOST_TOKENS = 20
MOST_TRACKS = 500


class PrefixKind(StrEnum):
    """What may stand in the bracket."""

    RADIO = "RADIO"
    """What sounds like the first few tracks of the list."""
    DRIFT = "DRIFT"
    """A walk that begins at the first track of the list."""
    MIX = "MIX"
    """What sounds like what was heard lately."""
    STYLE = "STYLE"
    GENRE = "GENRE"
    """Tracks of the style or the genre that the label names."""

    @property
    def has_seeds(self) -> bool:
        """Whether tracks of the list are the person's own, from which the others follow."""
        return self in (PrefixKind.RADIO, PrefixKind.DRIFT)


@dataclass(frozen=True, slots=True)
class PlaylistWish:
    """What a name asks for."""

    kind: PrefixKind
    label: str
    """What stands behind the bracket; the filter of STYLE and GENRE."""
    n: int
    """Tracks that are added below the seeds, 1 to 500."""
    days: int = 7
    """MIX: how far back listening counts, 1 to 365."""
    top: int | None = None
    """MIX: of so many tracks that were played most, instead of those heard last; 1 to 100."""
    drift: bool = False
    """MIX: a walk instead of what is near."""
    style_min: float = 0.6
    """STYLE, GENRE: how sure a style must be, 0 to 1."""
    variation: float | None = None
    """0 (always the nearest) to 1 (adventurous); ``None``: as the settings say."""

    @property
    def is_redone_when_edited(self) -> bool:
        """Whether what a person changes in the list says anything: a MIX is of listening alone."""
        return self.kind is not PrefixKind.MIX


_LENGTHS = {PrefixKind.STYLE: 100, PrefixKind.GENRE: 100}
DEFAULT_LENGTH = 20
TOP_SEEDS = 10
"""Of a bare ``top``."""


def wish_of(name: str) -> PlaylistWish | None:
    """What this name of a playlist asks for; ``None`` where it is a name like any other.

    Words in the bracket that mean nothing, or are out of their bounds, count as not written.
    """
    head = name[: LONGEST_BRACKET + 1].lstrip()
    if not head.startswith("["):
        return None
    inside, bracket, _ = head[1:].partition("]")
    words = inside.split()
    if not bracket or not words or words[0].upper() not in PrefixKind.__members__:
        return None
    kind = PrefixKind[words[0].upper()]
    begin = name.index("]") + 1
    label = " ".join(name[begin : begin + LONGEST_LABEL].split())
    if kind in _LENGTHS and not label:
        return None
    given: dict[str, Any] = {}
    for word in words[1 : MOST_TOKENS + 1]:
        given.update(_said(word, kind))
    return PlaylistWish(kind, label, **{"n": _LENGTHS.get(kind, DEFAULT_LENGTH), **given})


def _said(word: str, kind: PrefixKind) -> Mapping[str, Any]:
    """The field of a wish that this word sets, if it sets any."""
    name, equals, text = word.partition("=")
    token = _TOKENS.get(name.lower())
    if token is None or kind not in token.kinds:
        return {}
    if not equals:
        return {} if token.bare is None else {token.name: token.bare}
    value = token.read(text)
    return {} if value is None else {token.name: value}


def _whole(low: int, high: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(high))
        return int(text) if is_number and low <= int(text) <= high else None

    return read


def _share(text: str) -> float | None:
    try:
        value = float(text[:20])
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= 1 else None


def _nothing(text: str) -> None:
    """For words that take no value."""


@dataclass(frozen=True, slots=True)
class _Token:
    name: str
    read: Callable[[str], Any]
    kinds: Collection[PrefixKind] = field(default_factory=lambda: tuple(PrefixKind))
    bare: Any = None
    """What the word alone says; ``None``: nothing."""


_STYLES = (PrefixKind.STYLE, PrefixKind.GENRE)
_MIX = (PrefixKind.MIX,)
_TOKENS = {
    token.name: token
    for token in (
        _Token("n", _whole(1, MOST_TRACKS)),
        _Token("days", _whole(1, 365), _MIX),
        _Token("top", _whole(1, 100), _MIX, bare=TOP_SEEDS),
        _Token("drift", _nothing, _MIX, bare=True),
        _Token("style_min", _share, _STYLES),
        _Token("variation", _share),
    )
}


def seeds_of(
    contents: Sequence[str],
    *,
    most: int,
    former: Sequence[str] = (),
    added: Collection[str] = (),
) -> tuple[str, ...]:
    """Which of a list's tracks are the person's seeds: at most ``most``, in the list's order.

    A list that was never ours begins with them. Later they are what stands above the last of the
    ``former`` seeds, that one included, and what was put in elsewhere, which is neither among the
    ``former`` nor among those that we ``added``: players append. Where none of the former is left,
    it is as many from the top as there were, one at least.
    """
    once = list(dict.fromkeys(contents))
    if not former:
        return tuple(one for one in once if one not in added)[:most] or tuple(once[:most])
    known = set(former)
    last = max((at for at, one in enumerate(once) if one in known), default=len(former) - 1)
    head, rest = once[: last + 1], once[last + 1 :]
    put_in = [one for one in rest if one not in added]
    return tuple([*head, *put_in][:most])


def weights(count: int) -> tuple[float, ...]:
    """How much each of so many seeds counts: the first ``count`` times as much as the last."""
    return tuple(float(count - place) for place in range(count))
