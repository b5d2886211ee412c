"""Finding the configuration file and reading it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harmonie_daemon.config.names import (
    ENV_PREFIX,
    FORMER_NAMES,
    former_variable,
    in_tables,
    setting_names,
    variable,
)
from harmonie_daemon.config.problems import problems
from harmonie_daemon.config.settings import Settings
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

    Raises ``ConfigurationError`` with a line for each setting that is wrong: its name, its value
    and what is allowed; the value of a secret is never part of it.
    """
    path = config_file(config)
    values = _read_toml(path) if path else {}
    try:
        return Settings(**_in_tables(values, path))
    except ValidationError as error:
        raise ConfigurationError(problems(error, path, values)) from None


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """``HARMONIE_*`` variables that no setting answers to: misspelled, most likely."""
    names = list(setting_names(Settings))
    known = {variable(name) for name in names} | {former_variable(name) for name in names}
    return sorted(
        name
        for name in environ
        if name.startswith(ENV_PREFIX)
        and name not in known
        and not name.startswith(f"{ENV_PREFIX}TEST_")
    )


def renamed_settings(config: Path | None, environ: Mapping[str, str]) -> list[str]:
    """A sentence for each setting that the file or the environment gives under a former name."""
    path = config_file(config)
    values = _read_toml(path) if path else {}
    in_file = [
        f"{path}: {former} is called {name} now; it is read under either name"
        for former, name in FORMER_NAMES.items()
        if former in values
    ]
    variables = [
        f"{former} is called {variable(name)} now; it is read under either name"
        for name in setting_names(Settings)
        if environ.get(former := former_variable(name) or "")
    ]
    return in_file + variables


def _in_tables(values: Mapping[str, Any], path: Path | None) -> dict[str, Any]:
    try:
        return in_tables(values)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error
