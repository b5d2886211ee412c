"""Music that is asked for in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from harmonie_daemon.discovery.answers import Discovered, Hit, Recommended, genres_of, track_name
from harmonie_daemon.discovery.entities import Entities
from harmonie_daemon.discovery.evidence import EvidenceKeeper, TrackEvidence
from harmonie_daemon.discovery.nearness import Nearness
from harmonie_daemon.discovery.popularity import PlayCounts, no_plays, popularity, source
from harmonie_daemon.discovery.query import Query, names_in, understand
from harmonie_daemon.discovery.reading import Reading, plainly, read
from harmonie_daemon.discovery.reasons import reasons
from harmonie_daemon.discovery.recommending import Recommender
from harmonie_daemon.discovery.scoring import Judgement, judge
from harmonie_daemon.discovery.spelling import WordCounts, meant_by, respelt, strangers
from harmonie_daemon.discovery.vocabulary import Meaning, Topic
from harmonie_daemon.discovery.wording import Wording
from harmonie_daemon.domain.track import Track, TrackId
from harmonie_daemon.similarity.index import best
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.names import Named
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors

NOTHING = np.zeros(0, np.int64)
LEAST = 0.25
"""Relevance below which a track is no answer."""
FELT = (Topic.MOOD, Topic.ENERGY)
"""What ``Hit.mood_match`` is about."""


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The best tracks of a query, by position in the evidence, best first."""

    positions: npt.NDArray[np.intp]
    total: int
    judgement: Judgement


class Discovery:
    """Free text, or the name of something in the library, to music of the library."""

    def __init__(
        self,
        tracks: Tracks,
        vectors: Vectors,
        spaces: Spaces,
        resolver: Resolver,
        plays: PlayCounts = no_plays,
    ) -> None:
        self._tracks, self._spaces, self.plays = tracks, spaces, plays
        self.evidence = EvidenceKeeper(vectors, spaces)
        self.entities = Entities(tracks, spaces, resolver, self.evidence)
        self._nearness: Nearness | None = None
        self._recommender = Recommender(tracks, spaces, resolver, self.entities, plays)

    async def understand(
        self, text: str, *, mood: str | None = None, genre: str | None = None
    ) -> Query:
        """What a text asks for, and a mood and a genre beside it; unknown ones ask for nothing."""
        evidence = await self.evidence.current()
        query = await self._understand(text, evidence, (mood, genre))
        misspelt = strangers(query.words)
        if not misspelt:
            return query
        library = await self._tracks.strangers(misspelt)
        meant = await self._spaces.compute(_meant, library, query.of_names)
        if not meant:
            return query
        again = await self._understand(respelt(plainly(text), meant), evidence, (mood, genre))
        return replace(again, text=text)

    async def _understand(
        self, text: str, evidence: TrackEvidence, beside: tuple[str | None, str | None]
    ) -> Query:
        reading, names = await self._spaces.compute(_read, text)
        named = await self._tracks.named(names)
        return await self._spaces.compute(_understood, text, reading, named, evidence.tag, beside)

    async def discover(
        self,
        text: str,
        *,
        mood: str | None = None,
        genre: str | None = None,
        limit: int,
        offset: int = 0,
    ) -> Discovered:
        """The tracks that answer best, from ``offset`` on; of a text that means nothing, none.

        Only the first 500 characters of the text are read. Raises ``NotReadyError`` while the
        library is being loaded or its words are being collected.
        """
        query = await self.understand(text, mood=mood, genre=genre)
        counts = await self.plays()
        if query.is_empty:
            return Discovered((), 0, query, source(counts))
        space, evidence = await self._spaces.current(), await self.evidence.current()
        wording = await self._wording(query)
        ranking = await self._spaces.compute(
            self._ranked, query, space, evidence, wording, offset + limit
        )
        shown = ranking.positions[offset:]
        tracks = await self._tracks.get_many([TrackId(int(id_)) for id_ in evidence.ids[shown]])
        hits = await self._spaces.compute(_hits, tracks, ranking, evidence, query, counts)
        return Discovered(hits, ranking.total, query, source(counts))

    async def _wording(self, query: Query) -> Wording:
        names = [clause.names for clause in query.clauses]
        words, found = await self._tracks.with_words(query.words, [some for some in names if some])
        of_clauses = iter(found)
        return Wording(words, [next(of_clauses) if some else NOTHING for some in names])

    def _ranked(
        self, query: Query, space: Space, evidence: TrackEvidence, wording: Wording, count: int
    ) -> _Ranking:
        nearness = self._nearness
        if nearness is None or not nearness.is_of(space.index, evidence.ids):
            self._nearness = nearness = Nearness(space.index, evidence.ids)
        judgement = judge(query, evidence, nearness, wording)
        positions = best(judgement.relevance, count)
        positions = positions[judgement.relevance[positions] >= LEAST]
        return _Ranking(positions, int((judgement.relevance >= LEAST).sum()), judgement)

    async def recommend(self, entity: str, limit: int, offset: int = 0) -> Recommended:
        """What is like a track, an artist, an album or a genre; see ``Recommender``."""
        return await self._recommender.recommend(entity, limit, offset)


def _read(text: str) -> tuple[Reading, list[str]]:
    reading = read(text)
    return reading, names_in(reading)


def _meant(library: Mapping[str, WordCounts], of_names: Collection[str]) -> dict[str, str]:
    """What the misspelt ones of words that no track has are meant for."""
    meant = {
        word: meant_by(word, alike, is_name=word in of_names) for word, alike in library.items()
    }
    return {word: known for word, known in meant.items() if known is not None}


def _understood(
    text: str,
    reading: Reading,
    named: Mapping[str, Named],
    tag: Callable[[str], Meaning | None],
    beside: Sequence[str | None],
) -> Query:
    query = understand(text, reading, named, tag)
    more = [
        clause
        for extra in beside
        if extra
        for clause in understand(extra, read(extra), {}, tag).clauses
        if clause.meaning not in [other.meaning for other in query.clauses]
    ]
    return replace(query, clauses=(*query.clauses, *more))


def _hits(
    tracks: Sequence[Track],
    ranking: _Ranking,
    evidence: TrackEvidence,
    query: Query,
    counts: Mapping[TrackId, int],
) -> tuple[Hit, ...]:
    """As many as a mix looks at, five hundred, with their reasons take a while."""
    popular = popularity(counts, [track.id for track in tracks])
    return tuple(
        _hit(track, ranking, evidence, query, popular[n]) for n, track in enumerate(tracks)
    )


def _hit(
    track: Track, ranking: _Ranking, evidence: TrackEvidence, query: Query, popular: float
) -> Hit:
    position = int(np.searchsorted(evidence.ids, track.id))
    return Hit(
        track_id=track.id,
        name=track_name(track),
        artist=track.tags.artist or track.tags.album_artist,
        album=track.tags.album,
        genres=genres_of(track),
        popularity=popular,
        relevance=round(float(ranking.judgement.relevance[position]), 4),
        reasons=reasons(track, position, ranking.judgement, evidence, query.words),
        mood_match=_mood_match(position, ranking.judgement),
    )


def _mood_match(position: int, judgement: Judgement) -> float | None:
    felt = [
        float(one.scores[position])
        for one in judgement.clauses
        if one.clause.topic in FELT and not one.clause.denied
    ]
    return round(sum(felt) / len(felt), 4) if felt else None
