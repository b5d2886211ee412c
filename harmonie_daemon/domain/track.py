"""A track: a file, its tags, and what analysis heard in it."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

import numpy as np
import numpy.typing as npt

TrackId = NewType("TrackId", int)
LEAST_TEMPO_CONFIDENCE = 0.3
"""A tempo heard with less confidence counts as unknown: there may be no beat at all."""
Embedding = npt.NDArray[np.float32]
"""One vector, float32[dim], of length 1."""

PITCH_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""The spelling of the twelve pitch classes everywhere in Harmonie, from C upwards."""


class Scale(StrEnum):
    """The two modes that key estimation tells apart."""

    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class AudioFile:
    """A file as the scanner found it.

    Paths are ``str`` as ``os.fsdecode`` makes them: bytes that are not UTF-8 survive as
    surrogate escapes; ``display_path`` makes them printable.
    """

    root: str
    """Absolute path of the library root, without a trailing separator."""
    relative_path: str
    size: int
    """Bytes."""
    mtime_ns: int

    @property
    def path(self) -> str:
        """The absolute path."""
        return os.path.join(self.root, self.relative_path)  # noqa: PTH118 - str, not Path


def display_path(path: str) -> str:
    """A path that can be printed and sent as JSON; undecodable bytes become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Tags:
    """What the file says about itself. Blank values are ``None``."""

    artist: str | None = None
    """The first of several, which is the one that is shown."""
    album_artist: str | None = None
    album: str | None = None
    title: str | None = None
    track_number: int | None = None
    disc_number: int | None = None
    date: str | None = None
    genres: tuple[str, ...] = ()
    musicbrainz_recording_id: str | None = None
    musicbrainz_track_id: str | None = None
    musicbrainz_album_id: str | None = None
    musicbrainz_artist_id: str | None = None
    bpm: float | None = None
    key: str | None = None
    replaygain_track_gain_db: float | None = None
    moods: tuple[str, ...] = ()
    """As written; read for the moods of the track and not kept."""
    further_artists: tuple[str, ...] = ()
    """Those after the first; wherever artists are compared, each of them counts."""
    further_album_artists: tuple[str, ...] = ()

    @property
    def artists(self) -> tuple[str, ...]:
        """All of them, in the file's order."""
        return (*_present(self.artist), *self.further_artists)

    @property
    def album_artists(self) -> tuple[str, ...]:
        """All of them, in the file's order."""
        return (*_present(self.album_artist), *self.further_album_artists)


def _present(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What analysis measured. ``None`` where the signal gives no answer (silence, too short)."""

    bpm: float | None = None
    """Beats per minute, 30 to 300."""
    bpm_confidence: float | None = None
    """0 to 5.32, as RhythmExtractor2013 counts; above 1.5 the tempo is dependable."""
    key: str | None = None
    """One of ``PITCH_CLASSES``."""
    scale: Scale | None = None
    key_strength: float | None = None
    """0 to 1."""
    danceability: float | None = None
    """0 to about 3, higher is more danceable."""
    loudness_db: float | None = None
    """ReplayGain in dB: the gain to apply, so loud tracks are negative."""
    onset_rate: float | None = None
    """Onsets per second."""

    @property
    def known_bpm(self) -> float | None:
        """The tempo, unless it was heard with too little confidence."""
        return known_tempo(self.bpm, self.bpm_confidence)


def known_tempo(bpm: float | None, confidence: float | None) -> float | None:
    """The tempo, unless it was heard with too little confidence."""
    is_doubtful = confidence is not None and confidence < LEAST_TEMPO_CONFIDENCE
    return None if is_doubtful else bpm


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one worker heard in one file."""

    duration_s: float
    descriptors: Descriptors
    descriptor_version: int
    embeddings: Mapping[str, Embedding | None] = field(default_factory=dict)
    """Model name to vector; ``None`` when the track is too short or silent for that model."""
    features: Mapping[str, float] = field(default_factory=dict)
    """Further measurements by name (brightness, flux, dissonance, …) that moods are made of."""
    style_probabilities: Embedding | None = None
    """float32[400], the classifier's mean probability of each Discogs style; ``None`` without."""
    stage_cpu_s: Mapping[str, float] = field(default_factory=dict)
    """CPU seconds per stage of the pipeline, for the benchmark."""
    decoded_fraction: float = 1.0
    """Share of the duration that could be decoded, 0 to 1; below 0.9 the file is damaged."""


@dataclass(frozen=True, slots=True)
class StyleScore:
    """One ``Genre---Style`` label of a track with its probability, 0 to 1."""

    genre: str
    style: str
    probability: float

    @property
    def label(self) -> str:
        """The label as the Discogs-400 taxonomy writes it."""
        return f"{self.genre}---{self.style}"


@dataclass(frozen=True, slots=True)
class Track:
    """Everything we remember about one analysed file."""

    id: TrackId
    file: AudioFile
    tags: Tags
    duration_s: float
    descriptors: Descriptors
    descriptor_version: int
    analyzed_at: float
    """Unix time of the last analysis."""
    added_at: float
    """Unix time at which the file was first seen."""
    model: str | None = None
    """The embedding model that answers for this track; ``None`` without an embedding."""
    embedding_dim: int | None = None
    styles: tuple[StyleScore, ...] = ()
    """Most probable first."""


@dataclass(frozen=True, slots=True)
class Facets:
    """The few facts about a track that choosing the next one depends on."""

    id: TrackId
    artist_key: str | None
    """Of the first artist; to compare artists take ``artist_keys``."""
    title_key: str | None
    album_key: str | None
    bpm: float | None
    key: str | None
    scale: Scale | None
    danceability: float | None
    added_at: float
    further_artist_keys: tuple[str, ...] = ()
    bpm_confidence: float | None = None
    loudness_db: float | None = None
    key_strength: float | None = None
    energy: float | None = None
    """0 to 1, among the moods."""
    folder: str | None = None
    """Its relative path, where neither artist nor album is known; ``None`` at the root."""

    @property
    def artist_keys(self) -> tuple[str, ...]:
        """The key of every artist; tracks are by the same artist if they share one."""
        return (*_present(self.artist_key), *self.further_artist_keys)

    @property
    def known_bpm(self) -> float | None:
        """The tempo, unless it was heard with too little confidence."""
        return known_tempo(self.bpm, self.bpm_confidence)
