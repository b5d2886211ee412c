"""What is wrong with a configuration, a line for each."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from harmonie_daemon.config.names import (
    ENV_PREFIX,
    FOREIGN_VARIABLES,
    FORMER_NAMES,
    former_name,
    former_variable,
    in_tables,
    setting_names,
    variable,
)
from harmonie_daemon.config.settings import Settings

MOST_SHOWN = 10
_BRANCHES = frozenset({"str", "int"})
"""Names that pydantic gives to the branches of a union."""
_WORDS = {
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    "dict_type": "should be a table",
    "model_type": "should be a table",
    "model_attributes_type": "should be a table",
    "path_type": "should be a path in quotes",
    "string_type": "should be text in quotes",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
}
"""What pydantic says with the names of Python's types, in the words of TOML."""


def problems(error: ValidationError, path: Path | None, values: Mapping[str, Any]) -> str:
    """What is wrong with what the file (``values``) and the environment gave, the first few."""
    lines: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_context=False):
        location = [str(part) for part in problem["loc"] if part not in _BRANCHES]
        lines.setdefault(".".join(location), _in_words(problem, location, path, values))
    shown = list(lines.values())[:MOST_SHOWN]
    more = len(lines) - len(shown)
    return "\n".join([*shown, *([f"and {more} more"] if more else [])])


def _in_words(
    problem: ErrorDetails, location: Sequence[str], path: Path | None, values: Mapping[str, Any]
) -> str:
    source = _variable(location, values)
    where = source or (str(path) if path else "the settings")
    name = _name(location, source, values)
    if problem["type"] == "extra_forbidden":
        return f"{where}: {name} is not a setting; {_advice(location)}"
    if problem["type"] == "missing":
        return f"{where}: {name} is missing"
    message = _WORDS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    message = message.removeprefix("Input ")
    if not location:
        return message
    value = "(hidden)" if _may_hold_secret(location) else _shown(problem["input"])
    return f"{where}: {name}={value}: {message[:1].lower()}{message[1:]}"


def _advice(location: Sequence[str]) -> str:
    """What may have been meant by a name that is no setting."""
    nearest = difflib.get_close_matches(location[-1], _members(location[:-1]), n=1)
    return (
        f"did you mean {nearest[0]}?" if nearest else "see config.example.toml for those there are"
    )


def _setting(location: Sequence[str]) -> str:
    """The setting that a place in the tree belongs to."""
    names = set(setting_names(Settings))
    return next((name for n in (1, 2) if (name := ".".join(location[:n])) in names), "")


def _variable(location: Sequence[str], values: Mapping[str, Any]) -> str | None:
    """The variable that the value came from."""
    setting = _setting(location)
    if not setting:
        return None
    spelled = [variable(setting), former_variable(setting)]
    if not _is_given(setting, in_tables(values)):
        spelled.append(FOREIGN_VARIABLES.get(setting))
    return next((name for name in spelled if name and os.environ.get(name)), None)


def _is_given(setting: str, tree: Mapping[str, Any]) -> bool:
    table, _, key = setting.rpartition(".")
    group = tree.get(table) if table else tree
    return isinstance(group, Mapping) and key in group


def _name(location: Sequence[str], source: str | None, values: Mapping[str, Any]) -> str:
    """What the variable or the file calls it, which may be a former name."""
    name, setting = ".".join(location), _setting(location)
    if source is not None:
        return source.removeprefix(ENV_PREFIX).lower() + name.removeprefix(setting)
    former = former_name(setting)
    return former + name.removeprefix(setting) if former and former in values else name


def _may_hold_secret(location: Sequence[str]) -> bool:
    """Whether a value at this place of the tree is a secret, or has one in it."""
    return _has_secret(_kind_at(location))


def _members(location: Sequence[str]) -> list[str]:
    """What the table at this place of the tree may have in it."""
    names = [name for model in _models(_kind_at(location)) for name in model.model_fields]
    return names if location else [*names, *FORMER_NAMES]


def _kind_at(location: Sequence[str]) -> Any:
    """The annotation of a place of the tree; numbers of a list are passed over."""
    kind: Any = Settings
    for part in location:
        member = next((m.model_fields[part] for m in _models(kind) if part in m.model_fields), None)
        kind = kind if member is None else member.annotation
    return kind


def _has_secret(kind: Any) -> bool:
    fields = [field.annotation for model in _models(kind) for field in model.model_fields.values()]
    return kind is SecretStr or any(map(_has_secret, (*get_args(kind), *fields)))


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _models(part)


def _shown(value: object) -> str:
    """A wrong value as the file or the variable wrote it."""
    if isinstance(value, str):
        return repr(value)
    return json.dumps(value, ensure_ascii=False, default=str)
