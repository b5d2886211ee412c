"""Whether all is well; nobody outside of this machine is asked for it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from harmonie_daemon.api.beatteller.deps import BeattellerCall
from harmonie_daemon.api.beatteller.timestamps import EXAMPLE, iso
from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.providers.standing import Standing
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.rows import fetch
from harmonie_daemon.web.endpoint import Nothing

CONTRACT_VERSION = "1.0.0"
"""Of the document that this family keeps to."""

FEATURES = (
    "music_discovery",
    "story_generation",
    "recommendations",
    "trending",
    "mood_analysis",
    "playlist_generation",
    "taste_profile",
)
"""What is answered without anybody's help, as the frontend's own server names it."""


class Services(BaseModel):
    """How each of them stood when it was last seen."""

    qloo_api: Standing
    gemini_api: Standing
    database: Standing


class ConfiguredApis(BaseModel):
    """As the frontend's own server answers it."""

    qloo_configured: bool
    gemini_configured: bool


class BeattellerHealth(BaseModel):
    """Degraded: a service that is configured, or the database, does not do what it should."""

    status: Literal["healthy", "degraded"]
    timestamp: str = Field(examples=[EXAMPLE])
    version: str = Field(description="Of the document.", examples=[CONTRACT_VERSION])
    services: Services
    success: bool = Field(default=True, description="As the frontend reads it.")
    message: str = "Harmonie answers"
    features: dict[str, bool] = Field(
        description="What can be answered; cross_domain needs somebody who is asked."
    )
    apis: ConfiguredApis
    harmonie_version: str = Field(description="Ours.")


async def get_health(call: BeattellerCall[Nothing, Nothing, Nothing]) -> BeattellerHealth:
    """All of it from what was last seen; only our own database is asked."""
    seen = call.deps.standings()
    services = Services(
        qloo_api=seen.get("qloo", Standing.NOT_CONFIGURED),
        gemini_api=seen.get("gemini", Standing.NOT_CONFIGURED),
        database=await _standing_of(call.deps.database),
    )
    standings = (services.qloo_api, services.gemini_api, services.database)
    is_well = all(standing.is_well for standing in standings)
    return BeattellerHealth(
        status="healthy" if is_well else "degraded",
        timestamp=iso(call.deps.clock()),
        version=CONTRACT_VERSION,
        services=services,
        features={**dict.fromkeys(FEATURES, True), "cross_domain": call.deps.cross_domain.is_open},
        apis=ConfiguredApis(
            qloo_configured=services.qloo_api is not Standing.NOT_CONFIGURED,
            gemini_configured=services.gemini_api is not Standing.NOT_CONFIGURED,
        ),
        harmonie_version=call.deps.version,
    )


async def _standing_of(database: Database) -> Standing:
    try:
        await database.read(lambda connection: fetch(connection, "SELECT 1"))
    except StoreError:
        return Standing.UNREACHABLE
    return Standing.CONNECTED
