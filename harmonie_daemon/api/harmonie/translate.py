"""Between the wire's words and ours; nothing here waits for anything."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import assert_never

from harmonie_daemon.api.harmonie import playlist_schemas as wire
from harmonie_daemon.api.harmonie.filter_schemas import FilterBody
from harmonie_daemon.api.harmonie.schemas import (
    MatchEntry,
    MoodEntry,
    StyleEntry,
    TrackEntry,
    TrackRecord,
)
from harmonie_daemon.api.harmonie.service_schemas import ScanState
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.mood import MOOD_LABELS, Mood, TrackMoods
from harmonie_daemon.domain.playlist import (
    DEFAULT_CHUNK_SIZE,
    BuiltPlaylist,
    Diversity,
    EnergyCurve,
    Mode,
    PlaylistItem,
    Ranking,
    SeededRequest,
    SeedRef,
    Sequencing,
    Transitions,
    UnresolvedSeed,
    VibeRequest,
    VibeTarget,
)
from harmonie_daemon.domain.task import ScanStatus
from harmonie_daemon.domain.track import Track, TrackId, display_path

NS_PER_S = 1_000_000_000
RNG_SEEDS = 2**64
"""A generator takes seeds from 0 upwards; negative ones get their two's complement."""


def track_entry(track: Track) -> TrackEntry:
    """A track as lists show it."""
    found = track.descriptors
    return TrackEntry(
        id=track.id,
        path=display_path(track.file.path),
        library_root=display_path(track.file.root),
        relative_path=display_path(track.file.relative_path),
        duration=track.duration_s,
        model=track.model,
        artist=track.tags.artist,
        album=track.tags.album,
        title=track.tags.title,
        track_number=track.tags.track_number,
        bpm=found.bpm,
        key=found.key,
        scale=None if found.scale is None else found.scale.value,
        danceability=found.danceability,
        loudness=found.loudness_db,
        styles=_styles(track),
    )


def track_record(track: Track, moods: TrackMoods | None) -> TrackRecord:
    """Everything about a track."""
    entry = track_entry(track)
    return TrackRecord(
        **{field.name: getattr(entry, field.name) for field in fields(entry)},
        size=track.file.size,
        mtime=track.file.mtime_ns / NS_PER_S,
        embedding_dim=track.embedding_dim,
        descriptor_version=track.descriptor_version,
        bpm_confidence=track.descriptors.bpm_confidence,
        tempo_known=track.descriptors.known_bpm is not None,
        key_strength=track.descriptors.key_strength,
        onset_rate=track.descriptors.onset_rate,
        energy=_mood(moods.energy if moods else None),
        valence=_mood(moods.valence if moods else None),
        arousal=_mood(moods.arousal if moods else None),
        moods=dict(moods.top(len(MOOD_LABELS))) if moods else {},
        analyzed_at=track.analyzed_at,
    )


def _mood(mood: Mood | None) -> MoodEntry | None:
    if mood is None:
        return None
    return MoodEntry(value=mood.value, source=mood.source.value, confidence=mood.confidence)


def match_entries(items: Iterable[PlaylistItem], tracks: Sequence[Track]) -> list[MatchEntry]:
    """Items with the facts of their tracks; one whose track has just vanished is left out."""
    by_id = {track.id: track for track in tracks}
    return [
        _match_entry(by_id[item.track_id], item.score) for item in items if item.track_id in by_id
    ]


def playlist_request(
    body: wire.PlaylistRequest, usual: Ranking = Ranking.COSINE
) -> SeededRequest | VibeRequest:
    """The playlist that is asked for; ``usual`` where no ranking is. Raises ``FilterError``."""
    match body.root:
        case wire.SimilarBody() as similar:
            return _seeded_request(similar, Mode.SIMILAR, DEFAULT_CHUNK_SIZE, usual)
        case wire.DriftBody() as drift:
            return _seeded_request(drift, Mode.DRIFT, drift.chunk_size, usual)
        case wire.VibeBody() as vibe:
            return _vibe_request(vibe)
        case other:
            assert_never(other)


def playlist_answer(built: BuiltPlaylist, tracks: Sequence[Track]) -> wire.PlaylistAnswer:
    """The playlist as it is answered."""
    return wire.PlaylistAnswer(
        items=match_entries(built.items, tracks),
        unresolved_seed_refs=[_unresolved(seed) for seed in built.unresolved],
    )


def scan_state(status: ScanStatus) -> ScanState:
    """A scan in this family's words."""
    return ScanState(
        state=status.state,
        phase=None if status.phase is None else status.phase.value,
        started_at=status.started_at,
        finished_at=status.finished_at,
        last_duration_sec=status.last_duration_s,
        last_error=status.last_error,
        discovered=status.discovered,
        to_do=status.to_do,
        full=status.full,
        descriptors_only=status.descriptors_only,
        embeddings_only=status.embeddings_only,
        to_embed=status.to_embed,
        skipped=status.skipped,
        failed=status.failed,
        moved=status.moved,
        removed=status.removed,
        hidden=status.hidden,
        returned=status.returned,
        remaining_sec=None if status.remaining_s is None else math.ceil(status.remaining_s),
        paused=status.paused,
        paused_because=status.paused_because,
        missing_roots=[display_path(root) for root in status.missing_roots],
        unreadable=[[display_path(path), why] for path, why in status.unreadable],
        unreadable_count=status.unreadable_count,
        recent_failures=[[display_path(path), why] for path, why in status.recent_failures],
    )


def _match_entry(track: Track, score: float) -> MatchEntry:
    return MatchEntry(
        track_id=track.id,
        path=display_path(track.file.path),
        score=score,
        library_root=display_path(track.file.root),
        relative_path=display_path(track.file.relative_path),
        artist=track.tags.artist,
        album=track.tags.album,
        title=track.tags.title,
        track_number=track.tags.track_number,
        styles=_styles(track),
    )


def _styles(track: Track) -> list[StyleEntry]:
    return [StyleEntry(style=row.label, probability=row.probability) for row in track.styles]


def _seeded_request(
    body: wire.SeededBody, mode: Mode, chunk_size: int, usual: Ranking
) -> SeededRequest:
    transitions = body.smooth_transitions or wire.SmoothTransitions()
    return SeededRequest(
        mode=mode,
        n=body.n,
        seeds=tuple(TrackId(seed) for seed in body.seeds),
        seed_weights=tuple(body.seed_weights),
        seed_refs=tuple(_seed_ref(ref) for ref in body.seed_refs),
        include_seeds=body.include_seeds,
        filter=_filter(body.filter),
        diversity=_diversity(body),
        transitions=Transitions(transitions.bpm_tolerance, transitions.key_compatible),
        variation=body.variation,
        rng_seed=_rng_seed(body.rng_seed),
        chunk_size=chunk_size,
        ranking=Ranking(body.ranking or usual),
        sequencing=_sequencing(body),
    )


def _vibe_request(body: wire.VibeBody) -> VibeRequest:
    target = body.target or wire.TargetBody()
    return VibeRequest(
        n=body.n,
        filter=_filter(body.filter),
        diversity=_diversity(body),
        target=VibeTarget(target.bpm, target.danceability),
        shuffle=body.shuffle,
        rng_seed=_rng_seed(body.rng_seed),
        sequencing=_sequencing(body),
    )


def _sequencing(body: wire.PlaylistBody) -> Sequencing | None:
    if not body.sequence:
        return None
    return Sequencing(None if body.energy_curve is None else EnergyCurve(body.energy_curve))


def _filter(body: FilterBody | None) -> TrackFilter:
    return TrackFilter() if body is None else body.track_filter()


def _diversity(body: wire.PlaylistBody) -> Diversity:
    return Diversity(artist_cooldown=body.artist_cooldown, dedupe_titles=body.dedupe_titles)


def _rng_seed(seed: int | None) -> int | None:
    return None if seed is None else seed % RNG_SEEDS


def _seed_ref(ref: wire.SeedReference) -> SeedRef:
    weight = 1.0 if ref.weight is None else ref.weight
    return SeedRef(ref.path, ref.artist, ref.album, ref.title, weight)


def _unresolved(seed: UnresolvedSeed) -> wire.UnresolvedReference:
    ref = seed.ref
    return wire.UnresolvedReference(
        ref=wire.EchoedReference(
            path=ref.path,
            artist=ref.artist,
            album=ref.album,
            title=ref.title,
            weight=None if ref.weight == 1.0 else ref.weight,
        ),
        reason=seed.reason,
    )
