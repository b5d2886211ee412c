"""What stands behind a point or in brackets: attributes, items and parts of values."""

from __future__ import annotations

from typing import Any

from harmonie_daemon.compose.musicpy_code.faults import FaultError, Fuel, faults_of_musicpy
from harmonie_daemon.compose.musicpy_code.kinds import NOTE_COST, notes_in, shown
from harmonie_daemon.compose.musicpy_code.methods import ATTRIBUTES
from harmonie_daemon.compose.musicpy_code.plain_functions import items_of
from harmonie_daemon.compose.musicpy_code.quiet_musicpy import musicpy as mp


def attribute(owner: Any, name: str, fuel: Fuel) -> Any:
    """``owner.name``. Raises ``FaultError`` for what is not in the table."""
    read = ATTRIBUTES.get(type(owner), {}).get(name)
    if read is None:
        raise FaultError(f"{shown(owner)} has no .{name}")
    fuel.burn(1 + notes_in(owner))
    with faults_of_musicpy():
        return read(owner)


def item(owner: Any, place: Any, fuel: Fuel) -> Any:
    """``owner[place]``. Raises ``FaultError`` when there is none."""
    if type(place) is not int:
        raise FaultError("a place in a list must be a whole number")
    length = len(owner.tracks if type(owner) is mp.piece else items_of(owner))
    fuel.burn(1 + length // 10)
    if not -length <= place < length:
        raise FaultError(f"there is no item {place}; there are {length}")
    with faults_of_musicpy():
        return owner[place]


def part(owner: Any, bounds: list[Any], fuel: Fuel) -> Any:
    """``owner[a:b:c]``, a bound that is left out being ``None``. Raises ``FaultError``."""
    if not all(bound is None or type(bound) is int for bound in bounds) or bounds[2] == 0:
        raise FaultError("the bounds of a slice must be whole numbers, its step not 0")
    if type(owner) is mp.chord:
        if bounds[2] is not None:
            raise FaultError("a slice of a chord has no step")
        fuel.burn(NOTE_COST * notes_in(owner))
        return owner[slice(*bounds)]
    whole = owner if isinstance(owner, list | tuple | str) else items_of(owner)
    fuel.burn(1 + len(whole) // 10)
    return whole[slice(*bounds)]
