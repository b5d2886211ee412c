"""From music to other things that somebody may like."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harmonie_daemon.api.beatteller.deps import BeattellerCall
from harmonie_daemon.api.beatteller.paging import LIMIT_TEXT, Limit, checked
from harmonie_daemon.api.beatteller.sources import SOURCES_TEXT, Source
from harmonie_daemon.api.beatteller.texts import Name
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.discovery.cross_domain import Kinship, TasteDomain
from harmonie_daemon.web.endpoint import Nothing
from harmonie_daemon.web.validation import CASEFOLDED, FIRST_ONLY

USUAL = 5
MOST_DOMAINS = 20


Domains = Annotated[
    list[Annotated[TasteDomain, CASEFOLDED]],
    FIRST_ONLY,
    Field(max_length=MOST_DOMAINS),
]


class CrossDomainBody(BaseModel):
    """What is asked for, in the document's words or in the frontend's."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "music_entity": "Pink Floyd",
                    "target_domains": ["movies", "books"],
                    "limit_per_domain": 5,
                },
                {"seed_entity": "Pink Floyd", "domains": ["movies"], "limit": 5},
            ],
            "anyOf": [{"required": ["music_entity"]}, {"required": ["seed_entity"]}],
        },
    )

    music_entity: Name | None = Field(
        default=None, description="An artist, or a track or an album of the library."
    )
    target_domains: Domains | None = Field(default=None, description="All four, if left out.")
    limit_per_domain: Limit | None = Field(default=None, description=LIMIT_TEXT)
    seed_entity: Name | None = Field(default=None, description="As the frontend calls it.")
    domains: Domains | None = Field(default=None, description="As the frontend calls them.")
    limit: Limit | None = Field(default=None, description="As the frontend calls it.")

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.entity is None:
            raise ValueError("music_entity: is required")
        return self

    @property
    def entity(self) -> str | None:
        """What others are to go with."""
        return self.music_entity or self.seed_entity

    @property
    def wanted(self) -> tuple[TasteDomain, ...]:
        """The domains, each once."""
        return tuple(dict.fromkeys(self.target_domains or self.domains or TasteDomain))


class CrossDomainEntry(BaseModel):
    """Something that goes with the music."""

    name: str
    connection_reason: str
    relevance_score: float | None = Field(
        ge=0, le=1, description="As whoever was asked says; null if they do not."
    )


class CrossDomainMetadata(BaseModel):
    """As the frontend reads it."""

    domains: list[TasteDomain]
    total_found: int
    generated_at: str = Field(examples=[EXAMPLE])


class CrossDomainReply(BaseModel):
    """By domain what goes with the music."""

    success: bool = True
    cross_domain_recommendations: dict[TasteDomain, list[CrossDomainEntry]]
    source_entity: str
    cross_domain_results: dict[TasteDomain, list[CrossDomainEntry]] = Field(
        description="The same, as the frontend reads it."
    )
    seed: str
    metadata: CrossDomainMetadata
    source: Source = Field(description="Whom was asked: `qloo` or `gemini`.")
    sources: dict[str, str] = Field(description=SOURCES_TEXT)


async def cross_domains(
    call: BeattellerCall[Nothing, Nothing, CrossDomainBody],
) -> CrossDomainReply:
    """Asked of Qloo, else of Gemini."""
    body, deps = call.body, call.deps
    for name, asked in (("limit_per_domain", body.limit_per_domain), ("limit", body.limit)):
        checked(name, asked, deps.settings)
    entity = body.entity or ""
    limit = body.limit_per_domain or body.limit or min(USUAL, deps.settings.max_results)
    found = await deps.cross_domain.connections(entity, body.wanted, limit)
    entries = {
        domain: [_entry(one) for one in connections]
        for domain, connections in found.connections.items()
    }
    return CrossDomainReply(
        cross_domain_recommendations=entries,
        source_entity=entity,
        cross_domain_results=entries,
        seed=entity,
        metadata=CrossDomainMetadata(
            domains=list(entries),
            total_found=sum(map(len, entries.values())),
            generated_at=iso(deps.clock()),
        ),
        source=found.source,
        sources={"relevance_score": _SCORES[found.source]},
    )


_SCORES = {"qloo": "qloo: the affinity", "gemini": "gemini: the model's own judgement"}


def _entry(one: Kinship) -> CrossDomainEntry:
    return CrossDomainEntry(
        name=one.name, connection_reason=one.reason, relevance_score=one.relevance
    )
