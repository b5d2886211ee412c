"""The settings that a recipe of each mode has for itself; a row for every mode.

What makes its playlists is registered with the kitchen (``playlists/recipes.py``); what every
recipe may say stands in ``Recipe``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from harmonie_daemon.domain.playlist import RecipeMode


@dataclass(frozen=True, slots=True)
class ModeSettings:
    """Settings by name; those of other modes are refused."""

    needed: Mapping[str, str] = field(default_factory=dict)
    """With what to write there."""
    optional: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    """Of what every other recipe may say."""
    because: str = "it is of the whole library, for everybody"
    """Why that is refused."""

    @property
    def names(self) -> frozenset[str]:
        """All of them."""
        return self.optional | self.needed.keys()


_CURVE = frozenset({"energy_curve"})
_TARGET = frozenset({"target"})
_AS_HEARD = "it follows from what was heard"
_SEEDED = ModeSettings({"seeds": "track ids, paths or 'artist - title'"}, _CURVE)
MODES: Mapping[RecipeMode, ModeSettings] = {
    RecipeMode.SIMILAR: _SEEDED,
    RecipeMode.DRIFT: _SEEDED,
    RecipeMode.VIBE: ModeSettings(optional=_CURVE),
    RecipeMode.DAILY_MIX: ModeSettings(),
    RecipeMode.NEIGHBOURHOODS: ModeSettings(),
    RecipeMode.NEWLY_ADDED: ModeSettings(),
    RecipeMode.CLUSTERING: ModeSettings(
        optional=frozenset({"clustering"}),
        # its playlists are those of every clustering, whoever asked for it: for all
        refused=frozenset({"filter", "target", "users", "servers", "spoken"}),
    ),
    RecipeMode.PERSONAL_MIXES: ModeSettings(
        optional=frozenset({"count", "variation"}), refused=_TARGET, because=_AS_HEARD
    ),
    RecipeMode.ON_REPEAT: ModeSettings(refused=_TARGET | {"filter"}, because=_AS_HEARD),
    RecipeMode.LISTENER_CLUSTERS: ModeSettings(
        optional=frozenset({"clustering", "variation"}),
        refused=_TARGET | {"filter", "servers", "spoken"},
        because=_AS_HEARD,
    ),
    RecipeMode.FORGOTTEN: ModeSettings(
        optional=frozenset({"variation"}), refused=_TARGET, because=_AS_HEARD
    ),
}


def settings_fault(mode: RecipeMode, given: Collection[str]) -> str | None:
    """What is wrong with these settings (names of those that say something) for the mode."""
    own = MODES[mode]
    for name, what in own.needed.items():
        if name not in given:
            return f"mode {mode} needs {name}: {what}"
    for name in sorted(set().union(*(settings.names for settings in MODES.values())) - own.names):
        if name in given:
            others = [other for other, settings in MODES.items() if name in settings.names]
            return f"mode {mode} takes no {name}; use {' or '.join(others)}"
    for name in sorted(own.refused):
        if name in given:
            return f"mode {mode} takes no {name}; {own.because}"
    return None
