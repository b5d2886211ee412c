"""What a playlist is asked to be, and what it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.track import TrackId

DEFAULT_LENGTH = 20
MAX_LENGTH = 500
DEFAULT_CHUNK_SIZE = 5
DEFAULT_MIXES, MOST_MIXES = 5, 10


class Mode(StrEnum):
    """The three ways of building a playlist on request."""

    SIMILAR = "similar"
    DRIFT = "drift"
    VIBE = "vibe"


class Ranking(StrEnum):
    """What makes one track nearer than another."""

    COSINE = "cosine"
    """The cosine of their vectors."""
    MUTUAL = "mutual"
    """Mutual proximity: how rare such a cosine is for either of the two. Few hubs."""


@dataclass(frozen=True, slots=True)
class SeedRef:
    """A seed known by path or tags instead of by id."""

    path: str | None = None
    artist: str | None = None
    album: str | None = None
    title: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class UnresolvedSeed:
    """A seed reference that led nowhere, and why (``no_match`` or ``no_embedding``)."""

    ref: SeedRef
    reason: str


@dataclass(frozen=True, slots=True)
class Diversity:
    """The two rules every mode obeys."""

    artist_cooldown: bool = True
    dedupe_titles: bool = True


@dataclass(frozen=True, slots=True)
class Transitions:
    """What two neighbours in the list must have in common."""

    bpm_tolerance: float | None = None
    """Largest difference in BPM between consecutive picks; a missing tempo passes."""
    key_compatible: bool = False
    """Camelot neighbours only; a missing key does not pass."""


class EnergyCurve(StrEnum):
    """How the energy of a list goes from its first track to its last."""

    RISE = "rise"
    FALL = "fall"
    WAVE = "wave"
    """Up and down again, once in about twenty tracks."""


@dataclass(frozen=True, slots=True)
class Sequencing:
    """That the finished list is put into the order of the smallest jumps."""

    curve: EnergyCurve | None = None


@dataclass(frozen=True, slots=True)
class SeededRequest:
    """``similar``, and ``drift`` when ``mode`` says so."""

    mode: Mode
    n: int = DEFAULT_LENGTH
    seeds: tuple[TrackId, ...] = ()
    seed_weights: tuple[float, ...] = ()
    """Empty (all 1), or one weight above 0 for each of ``seeds``."""
    seed_refs: tuple[SeedRef, ...] = ()
    include_seeds: bool = False
    filter: TrackFilter = field(default_factory=TrackFilter)
    diversity: Diversity = field(default_factory=Diversity)
    transitions: Transitions = field(default_factory=Transitions)
    variation: float = 0.0
    """0 (always the best pick) to 1 (adventurous)."""
    rng_seed: int | None = None
    chunk_size: int = DEFAULT_CHUNK_SIZE
    """``drift`` only: picks per anchor, 1 to 100."""
    ranking: Ranking = Ranking.COSINE
    sequencing: Sequencing | None = None
    """``None``: in the order in which the tracks were picked."""


@dataclass(frozen=True, slots=True)
class VibeTarget:
    """Soft preferences; a track is the fitter the closer it comes."""

    bpm: float | None = None
    danceability: float | None = None


@dataclass(frozen=True, slots=True)
class VibeRequest:
    """``vibe``: no seeds, a filter and a target."""

    n: int = DEFAULT_LENGTH
    filter: TrackFilter = field(default_factory=TrackFilter)
    diversity: Diversity = field(default_factory=Diversity)
    target: VibeTarget = field(default_factory=VibeTarget)
    shuffle: bool = True
    rng_seed: int | None = None
    sequencing: Sequencing | None = None


@dataclass(frozen=True, slots=True)
class PlaylistItem:
    """One entry; the score is a cosine (seeded modes) or a fitness 0 to 1 (vibe)."""

    track_id: TrackId
    score: float


@dataclass(frozen=True, slots=True)
class BuiltPlaylist:
    """The answer to a playlist request."""

    items: tuple[PlaylistItem, ...]
    unresolved: tuple[UnresolvedSeed, ...] = ()


class RecipeMode(StrEnum):
    """What a recipe may ask for: the three modes, four that need no seed, and those that need
    somebody's listening."""

    SIMILAR = "similar"
    DRIFT = "drift"
    VIBE = "vibe"
    DAILY_MIX = "daily_mix"
    NEIGHBOURHOODS = "neighbourhoods"
    NEWLY_ADDED = "newly_added"
    CLUSTERING = "clustering"
    PERSONAL_MIXES = "personal_mixes"
    ON_REPEAT = "on_repeat"
    FORGOTTEN = "forgotten_favourites"
    LISTENER_CLUSTERS = "listener_clusters"

    @property
    def needs_listening(self) -> bool:
        """Whether there may be nothing to make, however large the library is."""
        return self in (
            RecipeMode.PERSONAL_MIXES,
            RecipeMode.ON_REPEAT,
            RecipeMode.FORGOTTEN,
            RecipeMode.LISTENER_CLUSTERS,
        )


@dataclass(frozen=True, slots=True)
class Recipe:
    """A playlist (or a family of them) that is made anew on a schedule."""

    name: str
    mode: RecipeMode
    n: int
    schedule: str
    """Cron expression, five fields, local time."""
    seeds: tuple[str, ...] = ()
    """Track ids, paths or ``artist - title``."""
    filter: TrackFilter = field(default_factory=TrackFilter)
    target: VibeTarget = field(default_factory=VibeTarget)
    users: tuple[str, ...] = ()
    """Media server users by name or id; empty means the configured one, and for a mode of listening
    everybody who listens."""
    spoken: bool = False
    """Whether audiobooks, podcasts and speeches may be in it."""
    energy_curve: EnergyCurve | None = None
    clustering: ClusterRequest | None = None
    """``clustering`` and ``listener_clusters`` only, which have one."""
    count: int = DEFAULT_MIXES
    """``personal_mixes`` only: how many for each listener, 1 to 10."""
    variation: float | None = None
    """Modes of listening only: 0 (the same as long as listening is) to 1; ``None``: the usual."""
    servers: tuple[str, ...] = ()
    """Targets by name (``m3u``, ``jellyfin``); empty means every configured one."""


ON_REPEAT_RECIPE = "On Repeat"
"""The recipe of what somebody plays again and again that there is unasked."""

RECIPES = "recipes"
"""The maker of every playlist that comes from a recipe."""


@dataclass(frozen=True, slots=True)
class SavedPlaylist:
    """A generated playlist as it is kept and pushed. ``key`` is stable across refreshes."""

    key: str
    recipe: str
    """Name of the recipe it came from; empty when another maker made it."""
    name: str
    track_ids: tuple[TrackId, ...]
    refreshed_at: float
    maker: str = RECIPES
    """Who made it, and alone changes and retires it."""
    user: str | None = None
    """The media server user, by name or id, whom it is for; ``None`` when for no one user."""
    description: str = ""
    """What it is, in words for people."""
