"""Everything an operator may decide."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from harmonie_daemon.config.groups import (
    AnalysisSettings,
    BackupSettings,
    ClusteringSettings,
    ComposeSettings,
    DiscoverySettings,
    GeminiSettings,
    HttpSettings,
    JellyfinSettings,
    ListeningSettings,
    ScanSettings,
    SubsonicSettings,
)
from harmonie_daemon.config.guards import CacheSettings, QlooSettings, RateLimitSettings
from harmonie_daemon.config.m3u import M3uSettings
from harmonie_daemon.config.names import (
    from_foreign_variables,
    from_variables,
    in_tables,
    variable,
)
from harmonie_daemon.config.personal import PersonalSettings, PrefixSettings
from harmonie_daemon.config.recipes import RecipeSettings
from harmonie_daemon.config.values import Folders, TextFolder, Url
from harmonie_daemon.domain.errors import ConfigurationError, ParameterError
from harmonie_daemon.domain.playlist import Ranking, Recipe


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

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    libraries: Folders = ()
    data_dir: TextFolder = Field(default_factory=_data_dir)
    workers: int = Field(default_factory=_half_the_cores, ge=1, le=64)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    models_url: Url | None = None
    ranking: Ranking = Ranking.COSINE
    default_playlists: bool = True
    scan: ScanSettings = Field(default_factory=ScanSettings)
    backup: BackupSettings = Field(default_factory=BackupSettings)
    http: HttpSettings = Field(default_factory=HttpSettings)
    compose: ComposeSettings = Field(default_factory=ComposeSettings)
    m3u: M3uSettings = Field(default_factory=M3uSettings)
    personal: PersonalSettings = Field(default_factory=PersonalSettings)
    prefix: PrefixSettings = Field(default_factory=PrefixSettings)
    jellyfin: JellyfinSettings = Field(default_factory=JellyfinSettings)
    subsonic: SubsonicSettings = Field(default_factory=SubsonicSettings)
    listening: ListeningSettings = Field(default_factory=ListeningSettings)
    gemini: GeminiSettings = Field(default_factory=GeminiSettings)
    qloo: QlooSettings = Field(default_factory=QlooSettings)
    rate_limit: RateLimitSettings = Field(default_factory=RateLimitSettings)
    cache: CacheSettings = Field(default_factory=CacheSettings)
    discovery: DiscoverySettings = Field(default_factory=DiscoverySettings)
    clustering: ClusteringSettings = Field(default_factory=ClusteringSettings)
    analysis: AnalysisSettings = Field(default_factory=AnalysisSettings)
    playlist: tuple[RecipeSettings, ...] = ()

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("playlist")
    @classmethod
    def _names_differ(cls, value: tuple[RecipeSettings, ...]) -> tuple[RecipeSettings, ...]:
        names = [recipe.name for recipe in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the name {name!r} is used twice; each playlist needs its own")
        return value

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders with music: the libraries, and where what is composed is put."""
        own = self.compose.library
        if own is None or any(own.is_relative_to(root) for root in self.libraries):
            return self.libraries
        return (*self.libraries, own)

    @model_validator(mode="after")
    def _clusterings_can_be(self) -> Self:
        for settings in self.playlist:
            try:
                settings.recipe(self.clustering)
            except ParameterError as error:
                raise ConfigurationError(
                    f"playlist {settings.name!r}: with what [clustering] says, {error}"
                ) from None
        return self

    @model_validator(mode="after")
    def _players_are_known(self) -> Self:
        known = {f"m3u:{player.name}" for player in self.m3u.player}
        for recipe in self.playlist:
            for server in recipe.servers:
                if ":" in server and server not in known:
                    raise ConfigurationError(
                        f"playlist {recipe.name!r}: servers names {server!r}, but there is no "
                        f"[[m3u.player]] with the name {server.partition(':')[2]!r}"
                    )
        return self

    @model_validator(mode="after")
    def _folders_of_players_differ(self) -> Self:
        for player in self.m3u.player:
            if player.dir == self.m3u_folder:
                raise ConfigurationError(
                    f"m3u.player {player.name!r} has the folder of [m3u], {player.dir}; "
                    "each needs its own"
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
        return self.backup.dir or self.data_dir / "backups"

    @property
    def weights_folder(self) -> Path:
        """Where the weights of downloaded models are."""
        return self.data_dir / "models"

    @property
    def demo_folder(self) -> Path:
        """Where the library is that is composed for whoever has none."""
        return self.data_dir / "demo-library"

    @property
    def m3u_folder(self) -> Path:
        """Where playlists are written as files."""
        return self.m3u.dir or self.data_dir / "playlists"

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The playlists of the configuration file (the default ones not among them)."""
        return tuple(settings.recipe(self.clustering) for settings in self.playlist)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for the log's redaction: whatever has the type, wherever it is."""
        return tuple(_secrets(self))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Our variables win over what the file gave (which arrives as init values), and both over
        those of other programs.
        """
        return (
            _Source(settings_cls, _from_environment(settings_cls)),
            _Source(settings_cls, in_tables(init_settings())),
            _Source(settings_cls, from_foreign_variables(os.environ)),
        )


class _Source(PydanticBaseSettingsSource):
    """Values that are in their tables already."""

    def __init__(self, settings_cls: type[BaseSettings], values: dict[str, Any]) -> None:
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The value of one field, its name, and that nothing has to be parsed."""
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._values


def _from_environment(settings_cls: type[BaseSettings]) -> dict[str, Any]:
    values = from_variables(settings_cls, os.environ)
    if "playlist" in values:
        try:
            values["playlist"] = json.loads(values["playlist"])
        except ValueError:
            raise ConfigurationError(
                f"{variable('playlist')} cannot be read; write it into the configuration file"
            ) from None
    return values


def _secrets(value: object) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for _, member in value:
                yield from _secrets(member)
        case list() | tuple():
            for member in value:
                yield from _secrets(member)
        case dict():
            yield from _secrets(list(value.values()))
