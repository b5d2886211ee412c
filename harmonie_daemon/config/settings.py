"""Everything an operator may decide."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from harmonie_daemon.config.paths import (
    check_file_mode,
    check_folder_names,
    check_pairs,
    split_pairs,
)
from harmonie_daemon.config.recipes import RecipeSettings, cron_expression
from harmonie_daemon.domain.errors import ConfigurationError
from harmonie_daemon.domain.hosts import is_loopback
from harmonie_daemon.domain.playlist import Ranking, Recipe
from harmonie_daemon.domain.quiet_hours import QuietHours

ENV_PREFIX = "HARMONIE_"
_NEXT_PATH = re.compile(r",(?=\s*(?:[/~.]|$))")


def _split(value: object) -> object:
    """Comma-separated text to a list; anything else as it is."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _split_paths(value: object) -> object:
    """As ``_split``, but a comma separates only where another path begins: ``/a, b,/c`` is two."""
    if isinstance(value, str):
        return [part.strip() for part in _NEXT_PATH.split(value) if part.strip()]
    return value


def _data_dir() -> Path:
    """``$STATE_DIRECTORY`` under systemd, else the user's data folder."""
    state = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if state:
        return Path(state)
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "harmonie"


def _half_the_cores() -> int:
    return max(1, (os.cpu_count() or 1) // 2)


class Settings(BaseSettings):
    """Everything an operator may decide. See config.example.toml for the words of it."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    libraries: Annotated[tuple[Path, ...], NoDecode] = ()
    data_dir: Path = Field(default_factory=_data_dir)
    backup_schedule: str | None = None
    backup_dir: Path | None = None
    backup_keep: int = Field(default=7, ge=1, le=1000)
    host: str = "127.0.0.1"
    port: int = Field(default=8842, ge=0, le=65535)
    api_key: SecretStr | None = None
    allow_unauthenticated: bool = False
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    workers: int = Field(default_factory=_half_the_cores, ge=1, le=64)
    max_load: float = Field(default=0.0, ge=0, le=1000)
    quiet_hours: str | None = None
    models_url: str | None = None
    scan_on_startup: bool = True
    scan_interval_hours: float = Field(default=24.0, ge=0, le=8760)
    forget_after_days: float = Field(default=30.0, ge=0, le=36_500)
    watch: bool = True
    exclude: Annotated[tuple[str, ...], NoDecode] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    ranking: Ranking = Ranking.COSINE
    default_playlists: bool = True
    m3u_dir: Path | None = None
    m3u_extension: Literal["m3u8", "m3u"] = "m3u8"
    m3u_path_mappings: Annotated[tuple[str, ...], NoDecode, AfterValidator(check_folder_names)] = ()
    m3u_mode: Annotated[str, AfterValidator(check_file_mode)] = "0644"
    jellyfin_url: str | None = None
    jellyfin_token: SecretStr | None = None
    jellyfin_user: str | None = None
    path_mappings: Annotated[tuple[str, ...], NoDecode, AfterValidator(check_pairs)] = ()
    playlist: tuple[RecipeSettings, ...] = ()

    _split_lists = field_validator(
        "cors_origins", "exclude", "path_mappings", "m3u_path_mappings", mode="before"
    )(_split)
    _split_libraries = field_validator("libraries", mode="before")(_split_paths)

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("backup_schedule")
    @classmethod
    def _is_cron(cls, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        return cron_expression(value)

    @field_validator("libraries", "data_dir", "m3u_dir", "backup_dir")
    @classmethod
    def _absolute(cls, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(dict.fromkeys(cls._absolute(path) for path in value))
        return None if value is None else _absolute_path(value)

    @field_validator("api_key", "jellyfin_token")
    @classmethod
    def _is_not_blank(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        stripped = value.get_secret_value().strip()
        if not stripped:
            raise ValueError("must not be blank; leave it out to go without")
        return SecretStr(stripped)

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not _is_origin(origin):
                raise ValueError("each must be an origin such as https://player.example, or *")
        return value

    @field_validator("jellyfin_url", "models_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/") if value else None

    @field_validator("quiet_hours")
    @classmethod
    def _are_hours(cls, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        QuietHours.parse(value)
        return value

    @field_validator("playlist")
    @classmethod
    def _names_differ(cls, value: tuple[RecipeSettings, ...]) -> tuple[RecipeSettings, ...]:
        names = [recipe.name for recipe in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the name {name!r} is used twice; each playlist needs its own")
        return value

    @model_validator(mode="after")
    def _is_closed_or_local(self) -> Self:
        if self.api_key is None and not self.allow_unauthenticated and not is_loopback(self.host):
            raise ConfigurationError(
                f"host={self.host!r} listens beyond this machine without a key: set "
                "HARMONIE_API_KEY, or HARMONIE_ALLOW_UNAUTHENTICATED=true to go without"
            )
        return self

    @model_validator(mode="after")
    def _jellyfin_is_whole(self) -> Self:
        if (self.jellyfin_url is None) != (self.jellyfin_token is None):
            missing = "jellyfin_token" if self.jellyfin_url else "jellyfin_url"
            raise ConfigurationError(
                f"{missing} is missing: Jellyfin needs both HARMONIE_JELLYFIN_URL "
                "and HARMONIE_JELLYFIN_TOKEN"
            )
        return self

    @property
    def database(self) -> Path:
        """The one SQLite file."""
        return self.data_dir / "harmonie.db"

    @property
    def has_database(self) -> bool:
        """Whether something is there already, be it unreadable for us."""
        try:
            return self.database.exists()
        except OSError:
            return True

    @property
    def backup_folder(self) -> Path:
        """Where backups of the database are put."""
        return self.backup_dir or self.data_dir / "backups"

    @property
    def weights_folder(self) -> Path:
        """Where the weights of downloaded models are."""
        return self.data_dir / "models"

    @property
    def quiet_hours_parsed(self) -> QuietHours | None:
        """Hours of the day in which no file is begun."""
        return None if self.quiet_hours is None else QuietHours.parse(self.quiet_hours)

    @property
    def m3u_folder(self) -> Path:
        """Where playlists are written as files."""
        return self.m3u_dir or self.data_dir / "playlists"

    @property
    def m3u_file_mode(self) -> int:
        """``m3u_mode`` as a number."""
        return int(self.m3u_mode, 8)

    @property
    def m3u_path_mapping_pairs(self) -> tuple[tuple[str, str], ...]:
        """``m3u_path_mappings`` as (folder, name); an empty name: relative to the folder."""
        return split_pairs(self.m3u_path_mappings)

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The playlists of the configuration file (the default ones not among them)."""
        return tuple(settings.recipe() for settings in self.playlist)

    @property
    def path_mapping_pairs(self) -> tuple[tuple[str, str], ...]:
        """``path_mappings`` as (ours, theirs)."""
        return split_pairs(self.path_mappings)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for the log's redaction."""
        values = (self.api_key, self.jellyfin_token)
        return tuple(secret.get_secret_value() for secret in values if secret is not None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over what the file gave (which arrives as init values)."""
        return env_settings, init_settings


def _absolute_path(path: Path) -> Path:
    """The path from the root on. A symbolic link keeps the name its owner gave it."""
    if "\0" in str(path):
        raise ValueError("a path must not contain a NUL character")
    try:
        return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - Path.resolve follows links
    except RuntimeError as error:
        raise ValueError(f"{path} names a user that does not exist") from error


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.path.strip("/")
        )
    except ValueError:
        return False
