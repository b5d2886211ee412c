"""Listening: who played what, and what counts as having played it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from harmonie_daemon.domain.errors import ParameterError
from harmonie_daemon.domain.track import TrackId

ListenerKey = NewType("ListenerKey", str)
"""What the names of listeners are compared by; see ``listener_key``."""

LONGEST_LISTENER = 100
"""Characters of a name."""
NEAR_END_S = 10.0
"""A play that ended so near the end has ended there."""
NEAR_END_SHARE = 0.9
"""Or so far into the track."""
LEAST_HEARD_SHARE = 0.5
"""Of a track, for its play to count."""
SKIP_S = 30.0
SKIP_SHARE = 0.2
"""Who leaves a track before both of these has skipped it."""
SEEK_S = 10.0
"""A position that is so far from where playing would have led was jumped to; the way there was
not heard."""
ABANDONED_S = 24 * 3600.0
"""A play of which nothing has been seen for so long is over, with what was heard by then."""


class PlayOutcome(StrEnum):
    """What became of a play."""

    COUNTED = "counted"
    """Half of it was heard, and the end."""
    SKIPPED = "skipped"
    """It was left early."""
    PARTIAL = "partial"
    """Neither."""


class PlaySource(StrEnum):
    """Who told us of a play. Of two that saw the same one, the earlier in this list is believed."""

    PLAYER = "player"
    """A player itself, by ``POST /api/v1/plays``."""
    HOOK = "hook"
    """Jellyfin's webhook plugin."""
    SESSIONS = "sessions"
    """Looking at what Jellyfin plays, now and then."""
    JELLYFIN_COUNT = "jellyfin_count"
    """Jellyfin's counter went up; how much was heard is not known."""
    SUBSONIC_COUNT = "subsonic_count"
    """A Subsonic server's counter went up; as above."""

    @property
    def is_count(self) -> bool:
        """Whether only a counter says so: when it was is a guess, what was heard is not known."""
        return self in (PlaySource.JELLYFIN_COUNT, PlaySource.SUBSONIC_COUNT)

    @property
    def rank(self) -> int:
        """0 for who is believed most."""
        return list(PlaySource).index(self)


@dataclass(frozen=True, slots=True)
class Play:
    """One time that somebody played a track, from when it began until it was left."""

    listener: str
    """A user's name, as the server or the player spells it. The same name (``listener_key``) at
    Jellyfin, at a Subsonic server and at a player is one person."""
    track_id: TrackId
    started_at: float
    """Unix time."""
    ended_at: float
    """Unix time, not before ``started_at``."""
    heard_s: float
    """Seconds of sound that were played, without pauses and what was jumped over; 0 where only a
    counter tells of it (``source.is_count``)."""
    outcome: PlayOutcome
    source: PlaySource


@dataclass(frozen=True, slots=True)
class OpenPlay:
    """A play that still goes on, as of the last look at it."""

    session: str
    """Whatever plays one thing at a time: a user's device."""
    listener: str
    track_id: TrackId
    duration_s: float
    started_at: float
    """Unix time, as the two below."""
    seen_at: float
    """When it was last seen."""
    moved_at: float
    """When its position was last seen to change."""
    position_s: float
    heard_s: float
    is_paused: bool = False
    missing_since: float | None = None
    """When the session was first seen to be away."""


@dataclass(frozen=True, slots=True)
class TrackListening:
    """What one listener did with one track in a stretch of time."""

    track_id: TrackId
    plays: int
    """Those that count."""
    skips: int
    completion: float
    """Mean share of the track that was heard, 0 to 1, over the plays of which it is known; 0
    where it is of none."""
    heard_s: float
    """Seconds, of all plays together."""
    last_played_at: float
    """Unix time at which the last of them began, whatever became of it."""
    first_played_at: float
    """Unix time, of the first."""


@dataclass(frozen=True, slots=True)
class ListenerTally:
    """What one listener played in a stretch of time, in numbers."""

    listener: str
    counted: int
    skipped: int
    partial: int
    tracks: int
    """Different ones."""
    heard_s: float
    last_played_at: float
    """Unix time at which the last of them began."""
    own_lists: int = 0
    """Playlists of theirs at media servers of which is known what they hold, at any time."""


@dataclass(frozen=True, slots=True)
class PlayTotal:
    """What a server had counted before we began to listen."""

    plays: int
    last_played_at: float | None
    """Unix time, as of the server's last word."""


def judge(heard_s: float, ended_position_s: float, duration_s: float) -> PlayOutcome:
    """What became of a play of which so much was heard, and that ended at this position.

    It counts if half was heard and it ended within ten seconds of the end, or after nine tenths.
    It was skipped if it did not end there and less than 30 seconds, and than a fifth, was heard.
    """
    left_s = duration_s - ended_position_s
    at_end = left_s <= NEAR_END_S or ended_position_s >= NEAR_END_SHARE * duration_s
    if duration_s <= 0:
        return PlayOutcome.PARTIAL
    if at_end and heard_s >= LEAST_HEARD_SHARE * duration_s:
        return PlayOutcome.COUNTED
    if not at_end and heard_s < min(SKIP_S, SKIP_SHARE * duration_s):
        return PlayOutcome.SKIPPED
    return PlayOutcome.PARTIAL


def listener_key(name: str) -> ListenerKey:
    """What names are compared by: letter case and how accents are encoded make no difference.

    Raises ``ParameterError`` for a blank name, one of more than ``LONGEST_LISTENER`` characters
    and one with control characters.
    """
    key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).strip()
    is_readable = all(character.isprintable() for character in key)
    if not key or len(name) > LONGEST_LISTENER or not is_readable:
        raise ParameterError("listener", name, f"a name of 1 to {LONGEST_LISTENER} characters")
    return ListenerKey(key)
