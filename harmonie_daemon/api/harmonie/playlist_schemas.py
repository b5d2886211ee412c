"""Playlist requests, one schema per mode, and their answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from harmonie_daemon.api.harmonie.filter_schemas import FilterBody, Finite
from harmonie_daemon.api.harmonie.schemas import RANKING, MatchEntry, RankingName
from harmonie_daemon.domain.playlist import DEFAULT_CHUNK_SIZE, DEFAULT_LENGTH, MAX_LENGTH
from harmonie_daemon.web.validation import FIRST_ONLY, WHOLE_JSON, BodyId

MAX_CHUNK_SIZE = 100
MOST_SEEDS = 100_000
MOST_REFERENCES = 20_000
Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class SeedReference(BaseModel):
    """A seed known by path or tags, any of them."""

    model_config = ConfigDict(strict=True)

    path: str | None = None
    artist: str | None = None
    album: str | None = None
    title: str | None = None
    weight: Weight | None = Field(default=None, description="Share in the anchor; 1 if left out.")


class SmoothTransitions(BaseModel):
    """What neighbours in the list must have in common."""

    model_config = ConfigDict(strict=True, extra="forbid")

    bpm_tolerance: Annotated[Finite, Field(ge=0)] | None = Field(
        default=None, description="Largest gap in BPM; tracks without a tempo pass."
    )
    key_compatible: bool = Field(
        default=False, description="Camelot neighbours only; tracks without a key do not pass."
    )


class PlaylistBody(BaseModel):
    """What every mode takes."""

    model_config = ConfigDict(strict=True)

    n: Annotated[int, Field(ge=1, le=MAX_LENGTH), WHOLE_JSON] = Field(
        default=DEFAULT_LENGTH, description="Number of tracks."
    )
    filter: FilterBody | None = Field(default=None, description="Hard gate on the candidates.")
    artist_cooldown: bool = Field(
        default=True,
        description="Discourage clusters of one artist, or of one album or folder where tags name "
        "none; decays over the next picks.",
    )
    dedupe_titles: bool = Field(default=True, description="Never the same artist and title twice.")
    rng_seed: BodyId | None = Field(
        default=None, description="Same request and seed, same playlist; null is fresh chance."
    )
    variation: Annotated[Finite, Field(ge=0, le=1)] = Field(
        default=0.0,
        description="0 always takes the best pick, 1 is adventurous; vibe has shuffle instead.",
    )
    sequence: bool = Field(
        default=False,
        description="Put the finished list into the order of the smallest jumps in sound, tempo, "
        "key and energy; included seeds stay first.",
    )
    energy_curve: Literal["rise", "fall", "wave"] | None = Field(
        default=None, description="How energy goes through a list with sequence."
    )

    @model_validator(mode="after")
    def _curve_of_a_sequence(self) -> Self:
        if self.energy_curve is not None and not self.sequence:
            raise ValueError("energy_curve needs sequence: true")
        return self


# "anyOf" would say the same, but makes generators of clients forget every other member
_NO_SEED: dict[str, Any] = {"properties": {"seeds": {"maxItems": 0}, "seed_refs": {"maxItems": 0}}}


class SeededBody(PlaylistBody):
    """What the modes with seeds take."""

    model_config = ConfigDict(json_schema_extra={"not": _NO_SEED})

    seeds: Annotated[list[BodyId], FIRST_ONLY] = Field(
        default=[], max_length=MOST_SEEDS, description="Track ids."
    )
    seed_weights: Annotated[list[Weight], FIRST_ONLY] = Field(
        default=[],
        max_length=MOST_SEEDS,
        description="Empty, or one weight above 0 per entry of seeds.",
    )
    seed_refs: Annotated[list[SeedReference], FIRST_ONLY] = Field(
        default=[], max_length=MOST_REFERENCES, description="Seeds by path or tags."
    )
    include_seeds: bool = Field(
        default=False, description="Put the seeds first in the list; they count towards n."
    )
    smooth_transitions: SmoothTransitions | None = None
    ranking: RankingName | None = Field(default=None, description=RANKING)

    @model_validator(mode="after")
    def _one_weight_per_seed(self) -> Self:
        if self.seed_weights and len(self.seed_weights) != len(self.seeds):
            raise ValueError(
                f"seed_weights has {len(self.seed_weights)} entries for {len(self.seeds)} seeds; "
                "give one weight per seed, or none"
            )
        return self


class SimilarBody(SeededBody):
    """Track radio: close to the seeds, each pick the anchor of the next."""

    mode: Literal["similar"]


class DriftBody(SeededBody):
    """A walk away from the seeds, chunk by chunk."""

    mode: Literal["drift"]
    chunk_size: Annotated[int, Field(ge=1, le=MAX_CHUNK_SIZE), WHOLE_JSON] = Field(
        default=DEFAULT_CHUNK_SIZE, description="Picks per anchor."
    )


class TargetBody(BaseModel):
    """Soft preferences."""

    model_config = ConfigDict(strict=True, extra="forbid")

    bpm: Finite | None = None
    danceability: Finite | None = None


class VibeBody(PlaylistBody):
    """No seeds: filter, then rank by closeness to a target."""

    mode: Literal["vibe"]
    target: TargetBody | None = None
    shuffle: bool = Field(
        default=True, description="Let chance decide among tracks that are about as fit."
    )


class PlaylistRequest(
    RootModel[Annotated[SimilarBody | DriftBody | VibeBody, Field(discriminator="mode")]]
):
    """A playlist to build; ``mode`` decides which members there are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"mode": "similar", "seeds": [42]},
                {
                    "mode": "drift",
                    "seeds": [42],
                    "n": 30,
                    "chunk_size": 5,
                    "smooth_transitions": {"key_compatible": True},
                },
                {
                    "mode": "vibe",
                    "n": 30,
                    "filter": {"bpm": {"gte": 120, "lte": 130}},
                    "target": {"bpm": 128, "danceability": 1.5},
                    "shuffle": True,
                    "rng_seed": 42,
                },
            ]
        }
    )


class EchoedReference(BaseModel):
    """A seed reference as it was sent; members that were not sent are absent."""

    path: str | None = Field(default=None, exclude_if=lambda value: value is None)
    artist: str | None = Field(default=None, exclude_if=lambda value: value is None)
    album: str | None = Field(default=None, exclude_if=lambda value: value is None)
    title: str | None = Field(default=None, exclude_if=lambda value: value is None)
    weight: float | None = Field(default=None, exclude_if=lambda value: value is None)


class UnresolvedReference(BaseModel):
    """A reference that led to no seed, and why."""

    ref: EchoedReference
    reason: str = Field(examples=["no_match"])


class PlaylistAnswer(BaseModel):
    """The playlist, in playing order."""

    items: list[MatchEntry]
    unresolved_seed_refs: list[UnresolvedReference]
