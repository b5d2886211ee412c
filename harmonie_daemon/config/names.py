"""What settings are called: in the file, as variables, and what they were called before.

A setting is ``workers`` or, in a table, ``jellyfin.url``. Its variable is ``HARMONIE_WORKERS`` or
``HARMONIE_JELLYFIN_URL``; those of ``[http]`` go without the name of the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from harmonie_daemon.domain.errors import ConfigurationError

ENV_PREFIX = "HARMONIE_"
_WITHOUT_TABLE = frozenset({"http"})

FORMER_NAMES: Mapping[str, str] = {
    "exclude": "scan.exclude",
    "scan_on_startup": "scan.on_startup",
    "scan_interval_hours": "scan.interval_hours",
    "watch": "scan.watch",
    "forget_after_days": "scan.forget_after_days",
    "max_load": "scan.max_load",
    "quiet_hours": "scan.quiet_hours",
    "backup_schedule": "backup.schedule",
    "backup_dir": "backup.dir",
    "backup_keep": "backup.keep",
    "host": "http.host",
    "port": "http.port",
    "api_key": "http.api_key",
    "allow_unauthenticated": "http.allow_unauthenticated",
    "cors_origins": "http.cors_origins",
    "m3u_dir": "m3u.dir",
    "m3u_extension": "m3u.extension",
    "m3u_path_mappings": "m3u.path_mappings",
    "m3u_mode": "m3u.mode",
    "jellyfin_url": "jellyfin.url",
    "jellyfin_token": "jellyfin.token",
    "jellyfin_user": "jellyfin.user",
    "path_mappings": "jellyfin.path_mappings",
}
"""Of before there were tables, to the names of today. Both are read."""
FOREIGN_VARIABLES: Mapping[str, str] = {
    "gemini.api_key": "GEMINI_API_KEY",
    "qloo.api_key": "QLOO_API_KEY",
    "qloo.base_url": "QLOO_API_BASE",
    "qloo.timeout_s": "API_TIMEOUT",
    "rate_limit.per_hour": "RATE_LIMIT",
    "cache.enabled": "CACHE_ENABLED",
    "cache.timeout_s": "CACHE_TIMEOUT",
    "cache.redis_url": "REDIS_URL",
    "http.secret_key": "SECRET_KEY",
    "discovery.default_limit": "DEFAULT_MUSIC_LIMIT",
    "discovery.max_results": "MAX_RESULTS_PER_REQUEST",
    "discovery.max_story_words": "MAX_STORY_LENGTH",
    "discovery.cross_domain": "ENABLE_CROSS_DOMAIN",
}
"""By the names of settings: what other programs call the variable. Ours and the file win."""
_BY_NAME = {name: former for former, name in FORMER_NAMES.items()}


def setting_names(settings: type[BaseModel]) -> Iterator[str]:
    """Every setting, by the name of today."""
    for name, field in settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            yield from (f"{name}.{key}" for key in group.model_fields)
        else:
            yield name


def variable(name: str) -> str:
    """The environment variable of a setting."""
    table, _, key = name.rpartition(".")
    spelled = key if table in _WITHOUT_TABLE else name.replace(".", "_")
    return ENV_PREFIX + spelled.upper()


def former_name(name: str) -> str | None:
    """What the setting was called before."""
    return _BY_NAME.get(name)


def former_variable(name: str) -> str | None:
    """What its variable was called before, if it is called otherwise now."""
    former = former_name(name)
    spelled = None if former is None else ENV_PREFIX + former.upper()
    return None if spelled == variable(name) else spelled


def in_tables(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a file, with those under former names in their tables.

    Raises ``ConfigurationError`` for a setting that is given under both names.
    """
    tree = {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in values.items()
        if name not in FORMER_NAMES
    }
    for former, name in FORMER_NAMES.items():
        if former in values:
            table, _, key = name.partition(".")
            group = tree.setdefault(table, {})
            if isinstance(group, dict):  # else the table itself is what is wrong
                if key in group:
                    raise ConfigurationError(_both(former, name))
                group[key] = values[former]
    return tree


def from_variables(settings: type[BaseModel], environ: Mapping[str, str]) -> dict[str, Any]:
    """The values of the environment, in their tables; an empty variable counts as not set.

    Raises ``ConfigurationError`` for a setting that is given under both names.
    """
    given = {spelled.upper(): value for spelled, value in environ.items() if value}
    tree: dict[str, Any] = {}
    for name in setting_names(settings):
        now, before = variable(name), former_variable(name)
        if before in given and now in given:
            raise ConfigurationError(_both(before, now))
        value = given.get(now, given.get(before or ""))
        if value is not None:
            table, _, key = name.rpartition(".")
            group = tree.setdefault(table, {}) if table else tree
            group[key] = value
    return tree


def from_foreign_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    """What variables of other programs say, in the tables of our settings."""
    tree: dict[str, Any] = {}
    for name, theirs in FOREIGN_VARIABLES.items():
        if value := environ.get(theirs):
            table, _, key = name.partition(".")
            tree.setdefault(table, {})[key] = value
    return tree


def _both(former: str, name: str) -> str:
    return f"{former} and {name} are the same setting under two names; keep {name}"
