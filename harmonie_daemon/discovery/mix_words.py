"""What a mix is called, and what is said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harmonie_daemon.discovery.answers import genres_of
from harmonie_daemon.discovery.mix import MixTrack

LONGEST_TITLE = 80
NAMED_GENRES = 3


def title_of(theme: str) -> str:
    """The theme as a title: ``Sunday Morning Coffee``."""
    words = [word[:1].upper() + word[1:] for word in theme.split()]
    title = " ".join(words)
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def describe(theme: str, tracks: Sequence[MixTrack]) -> str:
    """What was measured in the tracks, in a sentence."""
    if not tracks:
        return f"Nothing in the library answers to “{theme}”."
    counted = Counter(genre for one in tracks for genre in genres_of(one.track)[:1])
    genres = " and ".join(genre for genre, _ in counted.most_common(NAMED_GENRES))
    heard = [one.track.descriptors.known_bpm for one in tracks]
    known = sorted(tempo for tempo in heard if tempo is not None)
    new = sum(one.is_new for one in tracks)
    parts = [f"{len(tracks)} {'track' if len(tracks) == 1 else 'tracks'} for “{theme}”"]
    if genres:
        parts.append(f"mostly {genres}")
    if known:
        tempos = dict.fromkeys(f"{tempo:.0f}" for tempo in (known[0], known[-1]))
        parts.append(f"{' to '.join(tempos)} beats a minute")
    return f"{', '.join(parts)}; {len(tracks) - new} known here, {new} never played."
