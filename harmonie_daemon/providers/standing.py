"""How services outside of this machine stand, by what was last seen of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

Standings = Callable[[], Mapping[str, "Standing"]]
"""By the names of the services; asks nobody."""


class Standing(StrEnum):
    """What a service can be for us."""

    CONNECTED = "connected"
    """It answered when it was last asked."""
    NOT_CONFIGURED = "not_configured"
    UNAUTHORIZED = "unauthorized"
    """It refused the key."""
    UNREACHABLE = "unreachable"
    """It has not answered, be it yet."""

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to be done about it."""
        return self in (Standing.CONNECTED, Standing.NOT_CONFIGURED)
