"""Audiobooks, podcasts and speeches: what nobody wants between two songs.

A track is taken for speech when something says so plainly, and nothing says that it is music:

- a genre tag (Audiobook, Podcast, Hörspiel, …), or one that music has, too (Comedy, Fiction, …), on
  a track of twenty minutes or more;
- a folder of that name, unless it is called after the track's artist or album;
- the file type of audiobooks;
- the style classifier, where more than half of what it heard is speech.

A genre tag of music outweighs the first three: spoken word over jazz is jazz. Length alone says
nothing, there are symphonies and DJ sets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from harmonie_daemon.analysis.styles import styles_from_genres, tag_key
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.records import IdArray, SpokenClues
from harmonie_daemon.store.tracks import Tracks

LONG_S = 20 * 60.0
MOSTLY = 0.5
"""Summed probability of the spoken styles from which on the classifier is believed."""
AUDIOBOOK_FILES = (".m4b",)
NO_MUSIC = "Non-Music"
SPOKEN_STYLES = frozenset((
    "Audiobook", "Dialogue", "Interview", "Monolog", "Radioplay", "Spoken Word",
))  # fmt: skip
SPOKEN_IF_LONG = frozenset(("Comedy", "Education", "Poetry", "Political", "Story"))
SPOKEN_FOLDERS = frozenset(map(tag_key, (
    "audiobook", "audiobooks", "audio book", "audio books", "spoken word", "books & spoken",
    "hörbuch", "hörbücher", "hoerbuch", "hoerbuecher", "hörspiel", "hörspiele", "hoerspiel",
    "hoerspiele", "livre audio", "livres audio", "audiolivre", "audiolivres", "audiolibro",
    "audiolibros", "audiolibri", "luisterboek", "luisterboeken", "hoorspel", "hoorspelen",
    "ljudbok", "ljudböcker", "lydbog", "lydbøger", "lydbok", "lydbøker", "äänikirja", "äänikirjat",
    "audiokniha", "audioknihy", "аудиокнига", "аудиокниги", "オーディオブック",
    "podcast", "podcasts", "lectures", "sermons", "speeches", "interviews", "radio plays",
    "audio drama", "audio dramas", "audio theatre",
)))  # fmt: skip
SPOKEN_TAGS = SPOKEN_FOLDERS | frozenset(map(tag_key, (
    "spoken", "spoken & audio", "speech", "lecture", "sermon", "interview", "radio play",
    "radio drama", "talk radio",
)))  # fmt: skip
TAGS_IF_LONG = frozenset(map(tag_key, (
    "stand-up", "stand-up comedy", "language course", "fiction", "non-fiction", "literature",
    "biography", "documentary", "stories", "fairy tale", "fairy tales", "märchen", "news", "talk",
)))  # fmt: skip
NEITHER = (NO_MUSIC, "Children's")
"""Genres that do not make a track music."""
CACHED = 10_000
"""Folders and sets of genre tags that are looked at once."""


class Speech:
    """Which tracks of the library are taken for speech; looked up once a generation."""

    def __init__(self, tracks: Tracks, spaces: Spaces) -> None:
        self._tracks = tracks
        self._spaces = spaces
        self._generation = -1
        self._ids: IdArray = np.zeros(0, np.int64)

    async def ids(self) -> IdArray:
        """Their ids, ascending."""
        generation = (await self._spaces.current()).generation
        if generation != self._generation:
            clues = await self._tracks.spoken_clues(SPOKEN_STYLES)
            self._ids = await self._spaces.compute(spoken_ids, clues)
            self._generation = generation
        return self._ids


def spoken_ids(clues: Iterable[SpokenClues]) -> IdArray:
    """The tracks that are taken for speech; of clues with ascending ids, ascending."""
    return np.array([clue.id for clue in clues if is_spoken(clue)], np.int64)


def is_spoken(clue: SpokenClues) -> bool:
    """Whether these clues say that a track is speech."""
    if clue.spoken_probability > MOSTLY:
        return True
    tags = _meaning(clue.genres)
    if tags.is_music:
        return False
    is_long = clue.duration_s >= LONG_S
    return (
        tags.is_speech
        or (tags.is_speech_if_long and is_long)
        or clue.path.lower().endswith(AUDIOBOOK_FILES)
        or not _spoken_folders(clue.path.rpartition("/")[0]).issubset(_names(clue))
    )


def asks_for_speech(gate: TrackFilter) -> bool:
    """Whether a filter names speech, so that it must not be left out."""
    styles = {tag_key(style) for style in gate.styles}
    is_genre = tag_key(NO_MUSIC) in map(tag_key, gate.genres)
    return is_genre or not styles.isdisjoint(map(tag_key, SPOKEN_STYLES | SPOKEN_IF_LONG))


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What genre tags say together."""

    is_music: bool
    is_speech: bool
    is_speech_if_long: bool


@lru_cache(CACHED)
def _meaning(genres: tuple[str, ...]) -> _Meaning:
    scores, others = styles_from_genres(genres)
    styles = {score.style for score in scores if score.genre in NEITHER}
    words = {tag_key(word) for word in others}
    return _Meaning(
        is_music=any(score.genre not in NEITHER for score in scores),
        is_speech=bool(styles & SPOKEN_STYLES or words & SPOKEN_TAGS),
        is_speech_if_long=bool(styles & SPOKEN_IF_LONG or words & TAGS_IF_LONG),
    )


@lru_cache(CACHED)
def _spoken_folders(folder: str) -> frozenset[str]:
    """Which of the folders on the way are called after speech."""
    return frozenset(map(tag_key, folder.split("/"))) & SPOKEN_FOLDERS


def _names(clue: SpokenClues) -> frozenset[str]:
    """What a folder may be called after without saying anything else."""
    return frozenset(tag_key(name) for name in (clue.artist_key, clue.album_key) if name)
