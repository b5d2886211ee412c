"""Finding the configuration file, and saying in one line what is wrong with it."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from harmonie_daemon.config.settings import ENV_PREFIX, Settings
from harmonie_daemon.domain.errors import ConfigurationError


def config_files() -> tuple[Path, ...]:
    """Where a configuration file is looked for, first hit wins."""
    return (
        Path("config.toml"),
        Path("~/.config/harmonie/config.toml").expanduser(),
        Path("/etc/harmonie/config.toml"),
    )


def config_file(config: Path | None = None) -> Path | None:
    """The file that settings are read from: the given one, or the first found."""
    return config or next((path for path in config_files() if path.is_file()), None)


def load_settings(config: Path | None = None) -> Settings:
    """Read the configuration file (the given one, or the first found) and the environment.

    Raises ``ConfigurationError`` with one line that names the setting, its value and what is
    allowed; the value of a secret is never part of it.
    """
    path = config_file(config)
    values = _read_toml(path) if path else {}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigurationError(_first_problem(error, path)) from None
    except SettingsError as error:
        raise ConfigurationError(
            f"{_variable_of(error)} cannot be read; write it into the configuration file"
        ) from None


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """``HARMONIE_*`` variables that no setting answers to: misspelled, most likely."""
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    return sorted(
        name
        for name in environ
        if name.startswith(ENV_PREFIX)
        and name not in known
        and not name.startswith(f"{ENV_PREFIX}TEST_")
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error


def _variable_of(error: SettingsError) -> str:
    field = re.search(r'field "(\w+)"', str(error))
    return f"{ENV_PREFIX}{field[1].upper()}" if field else "a HARMONIE variable"


_SECRET_FIELDS = frozenset({"api_key", "jellyfin_token"})


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


def _first_problem(error: ValidationError, path: Path | None) -> str:
    problem = error.errors(include_url=False, include_context=False)[0]
    location = [str(part) for part in problem["loc"]]
    name = ".".join(part for part in location if part not in _BRANCHES)
    variable = ENV_PREFIX + location[0].upper() if location else ""
    where = variable if variable in os.environ else (str(path) if path else "the settings")
    if problem["type"] == "extra_forbidden":
        return f"{where}: {name} is not a setting; see config.example.toml for those there are"
    message = _WORDS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    message = message.removeprefix("Input ")
    if not location:
        return message
    value = "(hidden)" if location[0] in _SECRET_FIELDS else _shown(problem["input"])
    return f"{where}: {name}={value}: {message[:1].lower()}{message[1:]}"


def _shown(value: object) -> str:
    """A wrong value as the file or the variable wrote it."""
    if isinstance(value, str):
        return repr(value)
    return json.dumps(value, ensure_ascii=False, default=str)
