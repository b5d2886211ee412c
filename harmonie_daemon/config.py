"""Settings: a TOML file, overridden by ``HARMONIE_*`` environment variables.

One ``Settings`` is made at start and passed to whoever needs it. Every field is a key of the
TOML file and, in capitals behind ``HARMONIE_``, an environment variable.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from apscheduler.triggers.cron import CronTrigger
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from harmonie_daemon.domain.cron import name_weekdays
from harmonie_daemon.domain.errors import ConfigurationError, FilterError
from harmonie_daemon.domain.filters import TrackFilter, filter_from_values
from harmonie_daemon.domain.playlist import MAX_LENGTH, Recipe, RecipeMode, VibeTarget
from harmonie_daemon.domain.quiet_hours import QuietHours

ENV_PREFIX = "HARMONIE_"
TARGETS = ("m3u", "jellyfin")


def _split(value: object) -> object:
    """Comma-separated text to a list; anything else as it is."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
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


class TargetSettings(BaseModel):
    """The ``target`` table of a recipe."""

    model_config = ConfigDict(extra="forbid")

    bpm: float | None = Field(default=None, gt=0)
    danceability: float | None = None


class RecipeSettings(BaseModel):
    """One ``[[playlist]]`` table."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    mode: RecipeMode = RecipeMode.SIMILAR
    seeds: list[str | int] = []
    filter: dict[str, Any] = {}
    target: TargetSettings = TargetSettings()
    n: int = Field(default=30, ge=1, le=MAX_LENGTH)
    schedule: str = "0 4 * * *"
    users: list[str] = []
    servers: list[Literal["m3u", "jellyfin"]] = []

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        try:
            CronTrigger.from_crontab(name_weekdays(value))
        except ValueError as error:
            raise ValueError(f"must be a cron expression such as '0 4 * * *': {error}") from error
        return value

    @field_validator("filter")
    @classmethod
    def _is_filter(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            filter_from_values(value)
        except FilterError as error:
            raise ValueError(str(error)) from error
        return value

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> Self:
        seeded = self.mode in (RecipeMode.SIMILAR, RecipeMode.DRIFT)
        if seeded and not self.seeds:
            raise ValueError(f"mode {self.mode} needs seeds: track ids, paths or 'artist - title'")
        if not seeded and self.seeds:
            raise ValueError(f"mode {self.mode} takes no seeds; use similar or drift")
        return self

    def recipe(self) -> Recipe:
        """The recipe as the rest of the program knows it."""
        return Recipe(
            name=self.name,
            mode=self.mode,
            n=self.n,
            schedule=self.schedule,
            seeds=tuple(str(seed) for seed in self.seeds),
            filter=filter_from_values(self.filter) if self.filter else TrackFilter(),
            target=VibeTarget(self.target.bpm, self.target.danceability),
            users=tuple(self.users),
            servers=tuple(self.servers),
        )


class Settings(BaseSettings):
    """Everything an operator may decide. See config.example.toml for the words of it."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    libraries: Annotated[tuple[Path, ...], NoDecode] = ()
    data_dir: Path = Field(default_factory=_data_dir)
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
    watch: bool = True
    exclude: Annotated[tuple[str, ...], NoDecode] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    default_playlists: bool = True
    m3u_dir: Path | None = None
    jellyfin_url: str | None = None
    jellyfin_token: SecretStr | None = None
    jellyfin_user: str | None = None
    path_mappings: Annotated[tuple[str, ...], NoDecode] = ()
    playlist: tuple[RecipeSettings, ...] = ()

    _split_lists = field_validator(
        "libraries", "cors_origins", "exclude", "path_mappings", mode="before"
    )(_split)

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("libraries", "data_dir", "m3u_dir")
    @classmethod
    def _absolute(cls, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(dict.fromkeys(cls._absolute(path) for path in value))
        # not Path.resolve: a root keeps the name its owner gave it, symbolic links included
        return None if value is None else Path(os.path.abspath(value.expanduser()))  # noqa: PTH100

    @field_validator("api_key", "jellyfin_token")
    @classmethod
    def _is_not_blank(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():
            raise ValueError("must not be blank; leave it out to go without")
        return value

    @field_validator("jellyfin_url", "models_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/") if value else None

    @field_validator("path_mappings")
    @classmethod
    def _are_pairs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pair in value:
            ours, separator, theirs = pair.partition("=")
            if not (separator and ours.strip() and theirs.strip()):
                raise ValueError("each must read OURS=THEIRS, as in /music=/data/music")
        return value

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
    def weights_folder(self) -> Path:
        """Where the weights of downloaded models are."""
        return self.data_dir / "models"

    @property
    def quiet_hours_parsed(self) -> QuietHours | None:
        """Hours of the day in which no file is begun."""
        return None if self.quiet_hours is None else QuietHours.parse(self.quiet_hours)

    @property
    def m3u_folder(self) -> Path:
        """Where M3U8 playlists are written."""
        return self.m3u_dir or self.data_dir / "playlists"

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The playlists of the configuration file (the default ones not among them)."""
        return tuple(settings.recipe() for settings in self.playlist)

    @property
    def path_mapping_pairs(self) -> tuple[tuple[str, str], ...]:
        """``path_mappings`` as (ours, theirs)."""
        split = (pair.partition("=") for pair in self.path_mappings)
        return tuple((ours.strip(), theirs.strip()) for ours, _, theirs in split)

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


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def config_files() -> tuple[Path, ...]:
    """Where a configuration file is looked for, first hit wins."""
    return (
        Path("config.toml"),
        Path("~/.config/harmonie/config.toml").expanduser(),
        Path("/etc/harmonie/config.toml"),
    )


def load_settings(config: Path | None = None) -> Settings:
    """Read the configuration file (the given one, or the first found) and the environment.

    Raises ``ConfigurationError`` with one line that names the setting, its value and what is
    allowed; the value of a secret is never part of it.
    """
    path = config or next((path for path in config_files() if path.is_file()), None)
    values = _read_toml(path) if path else {}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigurationError(_first_problem(error, path)) from None


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


_SECRET_FIELDS = frozenset({"api_key", "jellyfin_token"})


def _first_problem(error: ValidationError, path: Path | None) -> str:
    problem = error.errors(include_url=False, include_context=False)[0]
    location = [str(part) for part in problem["loc"]]
    name = ".".join(location)
    variable = ENV_PREFIX + location[0].upper() if location else ""
    where = variable if variable in os.environ else (str(path) if path else "the settings")
    if problem["type"] == "extra_forbidden":
        return f"{where}: {name} is not a setting; see config.example.toml for those there are"
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if not location:
        return message
    value = "(hidden)" if location[0] in _SECRET_FIELDS else repr(problem["input"])
    return f"{where}: {name}={value}: {message[:1].lower()}{message[1:]}"
