"""The functions of the dialect: musicpy's own and a few of Python's, each with limits on what it
is given. What is not in these tables does not exist for a program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.compose.musicpy_code.faults import FaultError, Fuel
from harmonie_daemon.compose.musicpy_code.kinds import Kind, weight

CALL_COST = 15
"""Microseconds that any call takes."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its name in musicpy, and what it may be."""

    name: str
    kind: Kind


Given = Mapping[str, Any]
"""Arguments by name; positional ones beyond the named have the name ``*``, as a list."""


@dataclass(frozen=True, slots=True)
class Function:
    """Something that a program can call."""

    name: str
    call: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()
    required: int = 0
    """How many of the parameters have to be given."""
    rest: Parameter | None = None
    """What any number of further positional arguments may be."""
    cost: Callable[[Given], int] = lambda given: 0
    """Microseconds of work beyond reading the arguments through once, about."""
    is_bare: bool = False
    """Whether ``call`` wants its arguments without their names, as Python's own do."""
    keywords_after: int | None = None
    """How many arguments may come without their names; all of them if ``None``."""

    def apply(self, fuel: Fuel, arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """The function's result. Raises ``FaultError`` for arguments that it does not take."""
        fuel.burn(CALL_COST + sum(map(weight, (*arguments, *named.values()))))
        given = self._bound(arguments, named)
        fuel.burn(self.cost(given))
        if self.is_bare:
            value = self.call(*given.values())
        else:
            value = self.call(*given.pop("*", ()), **given)
        if isinstance(value, list | tuple | str):
            fuel.burn(len(value))
        return value

    def _bound(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if self.rest is not None:
            for value in arguments:
                self.rest.kind.check(f"{self.rest.name} of {self.name}", value)
            given["*"] = list(arguments)
            arguments = ()
        most = len(self.parameters) if self.keywords_after is None else self.keywords_after
        if len(arguments) > most:
            raise FaultError(f"{self.name} takes at most {most} values without their names")
        given |= {p.name: v for p, v in zip(self.parameters, arguments, strict=False)}
        known = {parameter.name for parameter in self.parameters}
        for name, value in named.items():
            if name not in known:
                raise FaultError(f"{self.name} takes no {name}=")
            if name in given:
                raise FaultError(f"{self.name} is given {name} twice")
            given[name] = value
        for parameter in self.parameters[: self.required]:
            if parameter.name not in given:
                raise FaultError(f"{self.name} needs {parameter.name}")
        for parameter in self.parameters:
            if parameter.name in given:
                parameter.kind.check(f"{parameter.name} of {self.name}", given[parameter.name])
        return given
