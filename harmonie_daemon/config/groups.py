"""The tables of the configuration file, each about one thing."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from harmonie_daemon.config.paths import (
    check_pairs,
    split_pairs,
)
from harmonie_daemon.config.values import (
    NONE_IF_BLANK,
    Addresses,
    Cron,
    Folder,
    ModelName,
    Networks,
    Origins,
    PublicUrl,
    Secret,
    TextFolder,
    Texts,
    Url,
)
from harmonie_daemon.domain.clustering import (
    BOUNDS,
    ClusterMethod,
    ClusterRequest,
    check_values,
)
from harmonie_daemon.domain.errors import ConfigurationError, ParameterError
from harmonie_daemon.domain.hosts import Address, is_loopback
from harmonie_daemon.domain.listening import ListenerKey, listener_key
from harmonie_daemon.domain.mood import MOOD_LABELS
from harmonie_daemon.domain.quiet_hours import QuietHours

MOST_ALBUMS = 1_000_000
"""Of an analysis: more than anybody has."""
MOST_RESULTS = 500
"""Of one answer of the BeatTeller API, whatever is configured."""

LONGEST_PLAYLIST = 10_000
"""Of a server: longer than any that we make."""


def _quiet_hours(value: str) -> str:
    QuietHours.parse(value)
    return value


class SettingsGroup(BaseModel):
    """One table."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ScanSettings(SettingsGroup):
    """``[scan]``: what is looked for, and when."""

    exclude: Texts = ()
    on_startup: bool = True
    interval_hours: float = Field(default=24.0, ge=0, le=8760)
    watch: bool = True
    forget_after_days: float = Field(default=30.0, ge=0, le=36_500)
    max_load: float = Field(default=0.0, ge=0, le=1000)
    quiet_hours: Annotated[Annotated[str, AfterValidator(_quiet_hours)] | None, NONE_IF_BLANK] = (
        None
    )

    @property
    def quiet_hours_parsed(self) -> QuietHours | None:
        """Hours of the day in which no file is begun."""
        return None if self.quiet_hours is None else QuietHours.parse(self.quiet_hours)


class BackupSettings(SettingsGroup):
    """``[backup]``: copies of the database."""

    schedule: Annotated[Cron | None, NONE_IF_BLANK] = None
    dir: TextFolder | None = None
    keep: int = Field(default=7, ge=1, le=1000)


class HttpSettings(SettingsGroup):
    """``[http]``: where the daemon answers, and whom."""

    host: str = "127.0.0.1"
    port: int = Field(default=8842, ge=0, le=65535)
    also_listen: Addresses = ()
    api_key: Secret | None = None
    allow_unauthenticated: bool = False
    cors_origins: Origins = ()
    public_url: Annotated[PublicUrl | None, NONE_IF_BLANK] = None
    trusted_proxies: Networks = ()
    secret_key: Secret | None = None

    @model_validator(mode="after")
    def _is_closed_or_local(self) -> Self:
        if self.api_key is not None or self.allow_unauthenticated:
            return self
        names = [f"host={self.host!r}", *(f"also_listen={text!r}" for text in self.also_listen)]
        for name, address in zip(names, self.addresses, strict=True):
            if not is_loopback(address.host):
                raise ConfigurationError(
                    f"{name} listens beyond this machine without a key: set "
                    "HARMONIE_API_KEY, or HARMONIE_ALLOW_UNAUTHENTICATED=true to go without"
                )
        return self

    @model_validator(mode="after")
    def _addresses_differ(self) -> Self:
        for address in self.addresses:
            if self.addresses.count(address) > 1:
                raise ValueError(f"{address} is listened on once already; leave it out here")
        return self

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Where to listen; the first is the one that the commands know."""
        own = Address(self.host.strip("[]"), self.port)
        return (own, *(Address.parse(text) for text in self.also_listen))


class ComposeSettings(SettingsGroup):
    """``[compose]``: music that is made here."""

    library: Folder | None = None
    soundfont: Folder | None = None
    keep_days: float = Field(default=90.0, ge=0, le=36_500)
    keep_gb: float = Field(default=10.0, ge=0, le=1_000_000)


class JellyfinSettings(SettingsGroup):
    """``[jellyfin]``."""

    url: Url | None = None
    token: Secret | None = None
    user: str | None = None
    path_mappings: Annotated[Texts, AfterValidator(check_pairs)] = ()
    max_tracks: int = Field(default=200, ge=1, le=LONGEST_PLAYLIST)
    covers: bool = True

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.url is None and self.token is not None:
            raise ConfigurationError(
                "jellyfin.url is missing: HARMONIE_JELLYFIN_TOKEN needs HARMONIE_JELLYFIN_URL, "
                "the address of the server"
            )
        return self

    @property
    def path_mapping_pairs(self) -> tuple[tuple[str, str], ...]:
        """``path_mappings`` as (ours, theirs)."""
        return split_pairs(self.path_mappings)


class SubsonicSettings(SettingsGroup):
    """``[subsonic]``: Navidrome and its kin."""

    url: Url | None = None
    user: str | None = None
    password: Secret | None = None
    api_key: Secret | None = None
    public: bool = False
    path_mappings: Annotated[Texts, AfterValidator(check_pairs)] = ()
    max_tracks: int = Field(default=200, ge=1, le=LONGEST_PLAYLIST)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.url is None:
            return self
        if self.user is None:
            raise ConfigurationError(
                "subsonic.user is missing: set HARMONIE_SUBSONIC_USER to whose playlists they are"
            )
        if self.password is None and self.api_key is None:
            raise ConfigurationError(
                "subsonic.password is missing: set HARMONIE_SUBSONIC_PASSWORD, or "
                "HARMONIE_SUBSONIC_API_KEY where the server has such"
            )
        return self

    @property
    def path_mapping_pairs(self) -> tuple[tuple[str, str], ...]:
        """``path_mappings`` as (ours, theirs)."""
        return split_pairs(self.path_mappings)


class ListeningSettings(SettingsGroup):
    """``[listening]``: who plays what, as media servers and players tell it."""

    enabled: bool = True
    every_s: float = Field(default=15.0, ge=5, le=300)
    keep_days: float = Field(default=730.0, ge=1, le=36_500)
    ignore_users: Texts = ()

    @property
    def ignored(self) -> frozenset[ListenerKey]:
        """The names of those of whom nothing is kept."""
        return frozenset(listener_key(name) for name in self.ignore_users)

    @field_validator("ignore_users")
    @classmethod
    def _are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            try:
                listener_key(name)
            except ParameterError as error:
                raise ValueError(f"{name!r} must be {error.allowed}") from None
        return value


class GeminiSettings(SettingsGroup):
    """``[gemini]``: a language model of Google's, for those who have a key."""

    api_key: Secret | None = None
    model: ModelName = "gemini-3.1-pro-preview"
    failover_model: Annotated[ModelName | None, NONE_IF_BLANK] = "gemini-3.1-flash-lite-preview"
    base_url: Url = "https://generativelanguage.googleapis.com"
    api_version: Annotated[str, Field(pattern=r"^v[0-9a-z]{1,20}\z")] = "v1beta"
    timeout_s: float = Field(default=90.0, ge=1, le=600)

    @property
    def models(self) -> tuple[str, ...]:
        """In the order in which they are asked."""
        both = (self.model, self.failover_model)
        return tuple(dict.fromkeys(name for name in both if name is not None))


class DiscoverySettings(SettingsGroup):
    """``[discovery]``: what is answered to questions in words, by the BeatTeller API."""

    default_limit: int = Field(default=10, ge=1, le=MOST_RESULTS)
    max_results: int = Field(default=50, ge=1, le=MOST_RESULTS)
    max_story_words: int = Field(default=1000, ge=50, le=5000)
    cross_domain: bool = True


def _parameter(name: str) -> Any:
    """A number with the default and the bounds that it has in a request."""
    bounds = BOUNDS[name]
    default = getattr(ClusterRequest(), name)
    return Field(default=default, ge=bounds.low, le=bounds.high, allow_inf_nan=False)


class ClusteringSettings(SettingsGroup):
    """``[clustering]``: what a clustering does where a request says nothing else."""

    method: ClusterMethod = ClusterMethod.KMEANS
    num_clusters_min: int = _parameter("num_clusters_min")
    num_clusters_max: int = _parameter("num_clusters_max")
    dbscan_eps_min: float = _parameter("dbscan_eps_min")
    dbscan_eps_max: float = _parameter("dbscan_eps_max")
    dbscan_min_samples_min: int = _parameter("dbscan_min_samples_min")
    dbscan_min_samples_max: int = _parameter("dbscan_min_samples_max")
    gmm_n_components_min: int = _parameter("gmm_n_components_min")
    gmm_n_components_max: int = _parameter("gmm_n_components_max")
    pca_components_min: int = _parameter("pca_components_min")
    pca_components_max: int = _parameter("pca_components_max")
    runs: int = _parameter("runs")
    max_distance: float = _parameter("max_distance")
    max_songs_per_cluster: int = _parameter("max_songs_per_cluster")
    max_songs_per_artist: int = _parameter("max_songs_per_artist")
    top_n_moods: int = _parameter("top_n_moods")
    seed: int = _parameter("seed")

    @model_validator(mode="after")
    def _ranges_are_ranges(self) -> Self:
        try:
            check_values(self.model_dump())
        except ParameterError as error:
            raise ConfigurationError(f"clustering.{error}") from None
        return self

    def request(self, **values: Any) -> ClusterRequest:
        """A request with these values for the rest. Raises ``ParameterError``."""
        return ClusterRequest(**{**self.model_dump(), **values})


class AnalysisSettings(SettingsGroup):
    """``[analysis]``: hearing the newest albums, where a request says nothing else."""

    num_recent_albums: int = Field(default=5, ge=0, le=MOST_ALBUMS)
    top_n_moods: int = Field(default=5, ge=0, le=len(MOOD_LABELS))
    schedule: Annotated[Cron | None, NONE_IF_BLANK] = None
