"""A listener's taste, and artists of the library that fit it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from harmonie_daemon.discovery.answers import EntityKind, Hit, track_name
from harmonie_daemon.discovery.discovery import Discovery
from harmonie_daemon.discovery.evidence import TrackEvidence
from harmonie_daemon.discovery.popularity import popularity, source
from harmonie_daemon.discovery.tastes import (
    Experience,
    InteractionKind,
    Taste,
    Weights,
    taste_of,
    weights_of,
)
from harmonie_daemon.domain.listening import PlayOutcome
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.seeded import centroid
from harmonie_daemon.similarity.columns import UNKNOWN
from harmonie_daemon.similarity.id_sets import shared
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks

SAID = 2.0
"""What a genre, a mood, an activity or an interest weighs that somebody names."""
EXAMPLES = 25
"""Tracks that stand for what somebody names."""
MOST_ENTITIES = 1000
"""Different names among the interactions that are looked for, those first that occur most."""
LOOKED_BACK_S = 365 * 86_400.0
MOST_PLAYS = 5_000
"""The latest of the year that are looked at, where no interactions are given."""
LOOKED_THROUGH = 300
"""The nearest tracks, among whose artists those that fit are found."""
AGAINST = 0.5
"""How much what is disliked counts beside what is liked, in the sound that is looked for."""
LEAST_LENGTH = 1e-6
_KINDS = {PlayOutcome.COUNTED: InteractionKind.PLAY, PlayOutcome.SKIPPED: InteractionKind.SKIP}


@dataclass(frozen=True, slots=True)
class Interaction:
    """What somebody did with something that has a name."""

    entity: str
    kind: InteractionKind
    at: float | None = None
    """Unix time."""


@dataclass(frozen=True, slots=True)
class ProfileWish:
    """What is known of somebody; without interactions it is what was played here."""

    interactions: tuple[Interaction, ...] = ()
    said: tuple[str, ...] = ()
    """Genres, moods, activities and interests."""
    listener: str | None = None
    """Whose plays count where there are no interactions; ``None``: everybody's."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An artist who was not met yet, or a track where no artist is left."""

    name: str
    reason: str
    similarity: float
    """0 to 1: the cosine with what is liked."""
    track_id: TrackId


@dataclass(frozen=True, slots=True)
class TasteProfile:
    """What somebody likes, as far as this library tells."""

    taste: Taste
    suggestions: tuple[Suggestion, ...]
    positive: int
    """Interactions that were welcome: likes and plays of what is known here."""
    negative: int
    unknown: tuple[str, ...]
    """Names that nothing in the library goes by, and words that mean nothing here."""
    not_looked_for: int
    """Further names among the interactions, beyond the thousand that are looked for."""
    by_plays: bool
    """Whether the interactions are plays that were counted here."""
    popularity_source: str
    said: Mapping[str, tuple[Hit, ...]] = field(default_factory=dict)
    """By what was said the tracks that stand for it."""


class Profiler:
    """Makes profiles; ``clock`` gives Unix time."""

    def __init__(
        self,
        tracks: Tracks,
        spaces: Spaces,
        discovery: Discovery,
        plays: Plays,
        clock: Callable[[], float],
    ) -> None:
        self._tracks, self._spaces = tracks, spaces
        self._discovery, self._plays, self._clock = discovery, plays, clock

    async def profile(self, wish: ProfileWish, limit: int) -> TasteProfile:
        """The profile, with up to ``limit`` suggestions.

        Raises ``ParameterError`` for a name that cannot be a listener's, ``NotReadyError`` while
        the library is being loaded.
        """
        unknown: list[str] = []
        if wish.interactions:
            met = await self._met(wish.interactions, unknown)
        else:
            met = await self._played(wish.listener)
        said: dict[str, tuple[Hit, ...]] = {}
        for text in dict.fromkeys(wish.said):
            found = await self._discovery.discover(text, limit=EXAMPLES)
            said[text] = found.hits
            if not (found.understood.clauses or found.hits):
                unknown.append(text)
        examples = [one for hits in said.values() for one in _as_experiences(hits)]
        names = len({one.entity for one in wish.interactions})
        counts = await self._discovery.plays()
        space, evidence = await self._spaces.current(), await self._discovery.evidence.current()
        taste, heard, named = await self._spaces.compute(
            _tasted, met, examples, evidence, space, counts
        )
        near = await self._spaces.compute(_near, heard, named, evidence, space, limit)
        return TasteProfile(
            taste=taste,
            suggestions=await self._suggestions(near),
            positive=sum(one.weight > 0 for one in met),
            negative=sum(one.weight < 0 for one in met),
            unknown=tuple(unknown),
            not_looked_for=max(0, names - MOST_ENTITIES),
            by_plays=bool(met) and not wish.interactions,
            popularity_source=source(counts),
            said=said,
        )

    async def _met(
        self, interactions: Sequence[Interaction], unknown: list[str]
    ) -> list[Experience]:
        names = Counter(one.entity for one in interactions)
        most = [name for name, _ in names.most_common(MOST_ENTITIES)]
        found = await self._discovery.entities.find(most)
        unknown += [name for name in most if name not in found]
        return [
            Experience(
                found[one.entity].ids,
                one.kind.weight,
                one.at,
                is_meeting=found[one.entity].kind is not EntityKind.GENRE,
            )
            for one in interactions
            if one.entity in found
        ]

    async def _played(self, listener: str | None) -> list[Experience]:
        now = self._clock()
        plays = await self._plays.between(now - LOOKED_BACK_S, now, listener, MOST_PLAYS)
        return [
            Experience((play.track_id,), _KINDS[play.outcome].weight, play.started_at)
            for play in plays
            if play.outcome in _KINDS
        ]

    async def _suggestions(
        self, near: Sequence[tuple[TrackId, float, bool]]
    ) -> tuple[Suggestion, ...]:
        tracks = await self._tracks.get_many([track_id for track_id, _, _ in near])
        facts = {track_id: (score, is_artist) for track_id, score, is_artist in near}
        made = []
        for track in tracks:
            score, is_artist = facts[track.id]
            title = track_name(track)
            artist = track.tags.artist or track.tags.album_artist
            name = artist if is_artist and artist else title
            most = f", most of all “{title}”" if name != title else ""
            reason = f"sounds like what you like (cosine {score:.2f}){most}"
            made.append(Suggestion(name, reason, round(score, 4), track.id))
        return tuple(made)


def _as_experiences(hits: Sequence[Hit]) -> list[Experience]:
    """What is said is shared by its examples, the better ones more."""
    total = sum(hit.relevance for hit in hits)
    return [
        Experience((hit.track_id,), SAID * hit.relevance / total, is_meeting=False) for hit in hits
    ]


def _tasted(
    met: Sequence[Experience],
    said: Sequence[Experience],
    evidence: TrackEvidence,
    space: Space,
    counts: Mapping[TrackId, int],
) -> tuple[Taste, Weights, Weights]:
    """The taste, and the weights of what was met and of what is said. Array work."""
    weights, named = weights_of(met, evidence), weights_of(said, evidence)
    ranks = np.array(popularity(counts, evidence.ids.tolist()), np.float64)
    return taste_of(met, weights, named, evidence, space.columns, ranks), weights, named


def _near(
    met: Weights, said: Weights, evidence: TrackEvidence, space: Space, limit: int
) -> list[tuple[TrackId, float, bool]]:
    """The nearest track of each artist who was not met, with its cosine; then other tracks.

    Array work.
    """
    weights = met + said
    known = shared(space.index.ids, evidence.ids[weights != 0])
    if not len(known):
        return []
    told = weights[evidence.positions(known)]
    pulls = np.where(told < 0, AGAINST * told, told).astype(np.float32)
    summed = pulls @ space.index.vectors(known)
    if float(np.linalg.norm(summed)) < LEAST_LENGTH:
        return []
    anchor = centroid(summed[None, :], np.ones(1, np.float32))
    heard = evidence.ids[met != 0]
    hits = space.index.search(anchor, LOOKED_THROUGH, exclude=heard)
    return _an_artist_each(hits.ids, hits.scores.tolist(), heard, space, limit)


def _an_artist_each(
    ids: IdArray, scores: Sequence[float], heard: IdArray, space: Space, limit: int
) -> list[tuple[TrackId, float, bool]]:
    columns = space.columns
    seen: set[int] = set()
    for code in set(columns.take(heard).artist.tolist()):
        seen.update(columns.books.artists.members(code))
    artists: list[tuple[TrackId, float, bool]] = []
    others: list[tuple[TrackId, float, bool]] = []
    for id_, code, score in zip(
        ids.tolist(), columns.in_order(ids).artist.tolist(), scores, strict=True
    ):
        members = columns.books.artists.members(code)
        is_new = code != UNKNOWN and not seen.intersection(members)
        seen.update(members)
        (artists if is_new else others).append((TrackId(id_), max(0.0, score), is_new))
    return [*artists, *others][:limit]
