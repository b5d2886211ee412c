"""Every place that playlists are brought to, as configured."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from pydantic import SecretStr

from harmonie_daemon.config import Settings, SubsonicSettings
from harmonie_daemon.config.m3u import M3uFiles
from harmonie_daemon.domain.playlist import ON_REPEAT_RECIPE, RecipeMode
from harmonie_daemon.mediaservers.covers.studio import CoverStudio
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.jellyfin.file_news import FileNews
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.token_file import NAME as TOKENS
from harmonie_daemon.mediaservers.jellyfin.token_file import TokenFile
from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.m3u_format import M3uStyle
from harmonie_daemon.mediaservers.push import Target
from harmonie_daemon.mediaservers.subsonic import SubsonicTarget
from harmonie_daemon.mediaservers.subsonic.credentials import Credentials
from harmonie_daemon.store.opening import Store


@asynccontextmanager
async def open_keyring(
    settings: Settings, store: Store, clock: Callable[[], float], *, version: str
) -> AsyncIterator[Keyring | None]:
    """What we hold for the configured Jellyfin; ``version`` is what it is told of us."""
    if settings.jellyfin.url is None:
        yield None
        return
    keyring = Keyring(
        settings.jellyfin.url,
        _text(settings.jellyfin.token) or None,
        TokenFile(settings.data_dir / TOKENS),
        store.meta,
        clock,
        version=version,
    )
    try:
        yield keyring
    finally:
        await keyring.close()


@asynccontextmanager
async def open_targets(
    settings: Settings, store: Store, clock: Callable[[], float], keyring: Keyring | None
) -> AsyncIterator[tuple[Target, ...]]:
    """The targets, ``m3u`` first; ``keyring`` opens Jellyfin, if there is one."""
    async with AsyncExitStack() as stack:
        targets: list[Target] = [*_m3u_targets(settings, store)]
        if keyring is not None:
            jellyfin = JellyfinTarget(
                keyring,
                user=settings.jellyfin.user,
                tracks=store.tracks,
                catalogues=store.catalogues,
                playlists=store.playlists,
                meta=store.meta,
                clock=clock,
                path_mappings=settings.jellyfin.path_mapping_pairs,
                most_tracks=settings.jellyfin.max_tracks,
                studio=_open_studio(settings, store, stack),
            )
            news = FileNews(
                keyring, settings.jellyfin.path_mapping_pairs, jellyfin.catalogue.folder_names
            )
            for folder in targets:
                if isinstance(folder, M3uTarget):
                    folder.on_changed = news.tell
            targets.append(jellyfin)
        if settings.subsonic.url:
            subsonic = SubsonicTarget(
                settings.subsonic.url,
                _subsonic_credentials(settings.subsonic),
                store.tracks,
                store.playlists,
                store.meta,
                clock,
                catalogues=store.catalogues,
                public=settings.subsonic.public,
                path_mappings=settings.subsonic.path_mapping_pairs,
                most_tracks=settings.subsonic.max_tracks,
            )
            stack.push_async_callback(subsonic.close)
            targets.append(subsonic)
        yield tuple(targets)


def m3u_names(targets: Sequence[Target]) -> tuple[str, ...]:
    """Those of the targets that are folders of files, which tell no users apart."""
    return tuple(target.name for target in targets if isinstance(target, M3uTarget))


def _open_studio(settings: Settings, store: Store, stack: AsyncExitStack) -> CoverStudio | None:
    if not settings.jellyfin.covers:
        return None
    own = (one.name for one in settings.recipes if one.mode is RecipeMode.ON_REPEAT)
    studio = CoverStudio(store.vectors, repeating={ON_REPEAT_RECIPE, *own})
    stack.callback(studio.close)
    return studio


def _m3u_targets(settings: Settings, store: Store) -> Iterator[M3uTarget]:
    """The folder that there always is, then those of further players."""
    yield M3uTarget(
        settings.m3u_folder,
        store.tracks,
        store.playlists,
        style=_style(settings.m3u),
        is_ours=settings.m3u.dir is None,
    )
    for player in settings.m3u.player:
        yield M3uTarget(
            player.dir, store.tracks, store.playlists, style=_style(player), player=player.name
        )


def _style(files: M3uFiles) -> M3uStyle:
    return M3uStyle(
        files.extension, files.paths == "absolute", files.path_mapping_pairs, files.file_mode
    )


def _subsonic_credentials(settings: SubsonicSettings) -> Credentials:
    return Credentials(settings.user or "", _text(settings.password), _text(settings.api_key))


def _text(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
