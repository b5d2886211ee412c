"""Jellyfin is told of playlist files that lie in its libraries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from harmonie_daemon.mediaservers.jellyfin.file_news import FileNews
from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.push import PushReport
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.jellyfin_world import make_keyring
from tests.mediaservers.world import Store, item

Names = tuple[tuple[str, str], ...]


NewsOf = Callable[..., FileNews]


@pytest.fixture
async def news_of(fake: FakeJellyfin, store: Store) -> AsyncIterator[NewsOf]:
    """Makes one with a token and the names of folders that were learnt."""
    async with AsyncExitStack() as stack:

        def make(token: str, names: Names = ()) -> FileNews:
            async def learned() -> Names:
                return names

            keyring = make_keyring(fake.url, token, store.meta, store.clock)
            stack.push_async_callback(keyring.close)
            return FileNews(keyring, (), learned)

        yield make


def folder(store: Store, path: Path, news: FileNews) -> M3uTarget:
    target = M3uTarget(path, store.tracks, store.playlists, store.clock)
    target.on_changed = news.tell
    return target


async def test_what_a_push_changed_is_told_by_the_names_there(
    fake: FakeJellyfin, store: Store, tmp_path: Path, news_of: NewsOf
) -> None:
    names = ((str(tmp_path), "/media/music"),)
    target = folder(store, tmp_path / "Lists", news_of(fake.api_key, names))
    ids = await store.add_albums(2)
    mix = "/media/music/Lists/Mix.m3u8"
    for wanted, change in (
        ([item("mix", ids)], "Created"),
        ([item("mix", ids[:6])], "Modified"),
        ([item("mix", ids[:6])], None),
        ([], "Deleted"),
    ):
        fake.state.looked_at.clear()
        await target.push(wanted)
        assert fake.state.looked_at == ([] if change is None else [(mix, change)])


async def test_files_elsewhere_and_tokens_of_users_tell_nothing(
    fake: FakeJellyfin, store: Store, tmp_path: Path, news_of: NewsOf
) -> None:
    alice = fake.add_user("alice")
    names = ((str(tmp_path), "/media/music"),)
    for number, news in enumerate(
        (
            news_of(fake.api_key),
            news_of(fake.api_key, ((str(tmp_path), "/media/music2"),)),
            news_of(alice.token, names),
        )
    ):
        target = folder(store, tmp_path / str(number), news)
        await target.push([item(f"mix{number}", await store.add_albums(1))])
        assert fake.state.looked_at == []
    assert fake.seen("POST", "/Library/Media/Updated") == []


@pytest.mark.sampled(4)
@pytest.mark.parametrize("path", ["/Library/VirtualFolders", "/Library/Media/Updated"])
@pytest.mark.parametrize(
    "fault",
    [{}, {"status": 500}, {"status": 503}, {"status": 401}, {"status": 200, "text": "[{"},
     {"status": 200, "text": '{"a": 1}'}, {"status": 200, "text": "[" * 100_000}],
    ids=["drop", "500", "503", "401", "truncated", "odd", "deep"],
)  # fmt: skip
async def test_a_server_that_fails_is_no_failure_of_the_push(
    fake: FakeJellyfin,
    store: Store,
    tmp_path: Path,
    news_of: NewsOf,
    path: str,
    fault: dict[str, object],
) -> None:
    names = ((str(tmp_path), "/media/music"),)
    target = folder(store, tmp_path / "Lists", news_of(fake.api_key, names))
    fake.faults.armed = [Fault("GET|POST", path, times=9, **fault)]  # type: ignore[arg-type]
    report = await target.push([item("mix", await store.add_albums(1))])
    assert report == PushReport(created=1)
    assert fake.faults.armed[0].hit


async def test_a_server_that_is_down_is_none_either(
    fake: FakeJellyfin, store: Store, tmp_path: Path, news_of: NewsOf
) -> None:
    target = folder(store, tmp_path, news_of(fake.api_key))
    await fake.stop()
    assert (await target.push([item("mix", await store.add_albums(1))])).created == 1
