"""Where the dice of a piece come from."""

from __future__ import annotations

from random import Random


def chance_for(seed: int, *purpose: object) -> Random:
    """Dice for one purpose, the same for the same seed on every machine.

    Each purpose has its own, so that what one arranger draws never shifts what another does.
    """
    return Random("/".join(map(str, (seed, *purpose))))  # noqa: S311 - music, not secrets
