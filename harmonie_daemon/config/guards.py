"""The tables about what strangers may ask for, and what is remembered of answers."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from harmonie_daemon.config.groups import SettingsGroup
from harmonie_daemon.config.values import RedisUrl, Secret, Url

MOST_REQUESTS = 100_000
"""In a window; each that counts is remembered until it has left the window."""
LONGEST_S = 7 * 24 * 3600
_PER_HOUR = re.compile(r"([0-9]{1,6}) ?(?:per|/) ?(?:1 ?)?hour", re.ASCII | re.IGNORECASE)


def _per_hour(value: object) -> object:
    """``100``, or ``100 per hour`` as BeatTeller's document writes it."""
    if isinstance(value, str) and not value.strip().isdecimal():
        match = _PER_HOUR.fullmatch(value.strip())
        if match is None:
            raise ValueError(
                "must be a number of requests, as in 100 or '100 per hour'; "
                "HARMONIE_RATE_LIMIT_PER_MINUTE limits those of a minute"
            )
        return int(match[1])
    return value


class RateLimitSettings(SettingsGroup):
    """``[rate_limit]``: how often one client may ask the BeatTeller API; 0: without end."""

    per_hour: Annotated[int, Field(ge=0, le=MOST_REQUESTS), BeforeValidator(_per_hour)] = 100
    per_minute: int = Field(default=10, ge=0, le=MOST_REQUESTS)


class CacheSettings(SettingsGroup):
    """``[cache]``: answers that are given again for a while."""

    enabled: bool = True
    timeout_s: float = Field(default=300.0, ge=0, le=LONGEST_S)
    stories_s: float = Field(default=3600.0, ge=0, le=LONGEST_S)
    trends_s: float = Field(default=900.0, ge=0, le=LONGEST_S)
    redis_url: RedisUrl | None = None


class QlooSettings(SettingsGroup):
    """``[qloo]``: what people who like this music also like, for those who have a key."""

    api_key: Secret | None = None
    base_url: Url = "https://api.qloo.com"
    timeout_s: float = Field(default=30.0, ge=1, le=600)
