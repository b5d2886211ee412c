"""Playlists turn up in a (stand-in) Jellyfin, are refreshed in place, and survive its absence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.harness import Daemon, wait_until
from tests.mediaservers.fake_jellyfin import VERSIONS, FakeJellyfin

SEEN_AS = "/data/jellyfin's music"


NEWEST = VERSIONS[-1]


@pytest.fixture
async def jellyfin(
    request: pytest.FixtureRequest, daemon: Daemon, library: Path
) -> AsyncIterator[FakeJellyfin]:
    """A server that has the same music under other paths; the daemon is pointed at it."""
    fake = FakeJellyfin(getattr(request, "param", NEWEST))
    fake.add_user("alice")
    assert fake.add_library(library, seen_as=SEEN_AS) >= 10
    await fake.start()
    await asyncio.to_thread(daemon.stop)
    start = {"jellyfin_url": fake.url, "jellyfin_token": fake.api_key, "jellyfin_user": "alice"}
    await asyncio.to_thread(lambda: daemon.start(**start))
    yield fake
    await asyncio.to_thread(daemon.stop)
    for name in start:
        del daemon.environment[f"HARMONIE_{name.upper()}"]
    await asyncio.to_thread(daemon.start)
    await fake.stop()


async def push(daemon: Daemon, *options: str) -> tuple[int, str]:
    """Exit code and output of ``harmonie push``, which ends by itself."""
    done = await asyncio.to_thread(daemon.command, "push", *options)
    return done.returncode, done.stdout + done.stderr


async def nothing_changes_by_planning(daemon: Daemon, jellyfin: FakeJellyfin) -> None:
    """Not even where a push would have much to do: a playlist was deleted there."""
    lost = jellyfin.playlists.popitem()
    before, asked = contents(jellyfin), len(jellyfin.requests)
    code, output = await push(daemon, "--dry-run")
    assert code == 0, output
    assert f"created    {lost[1].name} of alice: +{len(lost[1].entries)}" in output
    assert "unchanged  Daily mix of alice" in output
    assert {request.method for request in jellyfin.requests[asked:]} == {"GET"}
    assert contents(jellyfin) == before
    jellyfin.playlists[lost[0]] = lost[1]


def contents(fake: FakeJellyfin) -> dict[str, list[str]]:
    return {playlist.id: list(playlist.entries) for playlist in fake.playlists.values()}


@pytest.mark.parametrize(
    "jellyfin",
    [VERSIONS[-1], *(pytest.param(one, marks=pytest.mark.thorough) for one in VERSIONS[:-1])],
    indirect=True,
)
async def test_playlists_arrive_are_refreshed_in_place_and_survive_an_absence(
    daemon: Daemon, jellyfin: FakeJellyfin
) -> None:
    alice = next(iter(jellyfin.state.users.values()))
    own = jellyfin.add_playlist(alice, "Daily mix", list(jellyfin.state.items)[:3])
    code, output = await push(daemon)
    assert code == 0, output
    arrived = contents(jellyfin)
    for one in jellyfin.playlists.values():
        if one is not own:
            assert one.looks.primary is not None, "each has a cover"
            assert one.looks.tags[0].startswith("harmonie:")
    assert (own.looks.primary, own.looks.tags) == (None, [])
    await nothing_changes_by_planning(daemon, jellyfin)
    assert len(arrived) >= 3
    assert arrived[own.id] == own.entries
    assert all(len(entries) >= 5 for id_, entries in arrived.items() if id_ != own.id)
    assert not any(playlist.is_public for playlist in jellyfin.playlists.values())

    victim = next(playlist for playlist in jellyfin.playlists.values() if playlist.id != own.id)
    victim.entries.reverse()
    code, output = await push(daemon)
    assert code == 0, output
    assert contents(jellyfin).keys() == arrived.keys()

    await jellyfin.stop()
    before = contents(jellyfin)
    code, output = await push(daemon)
    assert code == 1, output
    assert jellyfin.api_key not in output
    assert contents(jellyfin) == before
    await jellyfin.come_back()
    code, output = await push(daemon)
    assert code == 0, output
    assert contents(jellyfin).keys() == arrived.keys()
    assert jellyfin.violations == []
    assert jellyfin.api_key not in daemon.log.read_text(encoding="utf-8")


@pytest.mark.thorough
async def test_a_playlist_deleted_by_hand_comes_back(
    daemon: Daemon, jellyfin: FakeJellyfin
) -> None:
    await push(daemon)
    names = sorted(playlist.name for playlist in jellyfin.playlists.values())
    del jellyfin.playlists[next(iter(jellyfin.playlists))]
    code, output = await push(daemon)
    assert code == 0, output
    assert sorted(playlist.name for playlist in jellyfin.playlists.values()) == names
    assert jellyfin.violations == []


@pytest.mark.thorough
async def test_a_playlist_whose_recipe_is_gone_is_removed_and_nothing_else(
    daemon: Daemon, jellyfin: FakeJellyfin, tmp_path: Path
) -> None:
    alice = next(iter(jellyfin.state.users.values()))
    own = jellyfin.add_playlist(alice, "Mine", list(jellyfin.state.items)[:2])
    await push(daemon)
    seed = next(iter(daemon.tracks()))
    config = tmp_path / "one.toml"
    config.write_text(
        f'default_playlists = false\n[[playlist]]\nname = "Only"\nseeds = [{json.dumps(seed)}]\n'
    )
    await asyncio.to_thread(daemon.stop)
    done = await asyncio.to_thread(daemon.command, "push", "--config", str(config))
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(playlist.name for playlist in jellyfin.playlists.values()) == ["Mine", "Only"]
    assert own.id in jellyfin.playlists
    assert jellyfin.violations == []
    await asyncio.to_thread(daemon.start)
    await push(daemon)


@pytest.mark.thorough
async def test_while_the_server_is_starting_nothing_is_lost(
    daemon: Daemon, jellyfin: FakeJellyfin
) -> None:
    await push(daemon)
    before = contents(jellyfin)
    jellyfin.faults.starting = True
    code, output = await push(daemon)
    assert code == 1, output
    assert contents(jellyfin) == before
    jellyfin.faults.starting = False
    code, output = await push(daemon)
    assert code == 0, output


async def test_playlists_arrive_without_being_asked_for(
    daemon: Daemon, jellyfin: FakeJellyfin
) -> None:
    """The daemon just started and scanned; nobody pushes."""
    await asyncio.to_thread(
        wait_until, lambda: len(jellyfin.playlists) >= 2, timeout_s=60, what="the playlists"
    )


@asynccontextmanager
async def server_that_never_answers() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Its address, and the beginnings of the requests that it took."""
    taken: list[bytes] = []
    over = asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(await reader.readline())
        await over.wait()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", taken
    finally:
        over.set()
        server.close()
        await server.wait_closed()


async def ask_and_give_up(daemon: Daemon) -> None:
    """Ask for a push and leave at once."""
    host, _, port = daemon.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /api/v1/playlists/refresh HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@pytest.mark.thorough
async def test_a_push_ends_though_another_is_stuck_at_a_server_that_never_answers(
    daemon: Daemon, jellyfin: FakeJellyfin
) -> None:
    await push(daemon)
    await asyncio.to_thread(daemon.stop)
    async with server_that_never_answers() as (url, taken):
        await asyncio.to_thread(lambda: daemon.start(jellyfin_url=url))
        await asyncio.to_thread(wait_until, lambda: taken, what="the scheduled push")
        for file in (files := sorted(daemon.data_dir.rglob("*.m3u8"))):
            file.unlink()
        await ask_and_give_up(daemon)
        code, output = await push(daemon)
        assert code == 1, output
        assert "jellyfin: did not finish within" in output
        assert files
        assert sorted(daemon.data_dir.rglob("*.m3u8")) == files
    await asyncio.to_thread(daemon.stop)
    await asyncio.to_thread(lambda: daemon.start(jellyfin_url=jellyfin.url))
    code, output = await push(daemon)
    assert code == 0, output


@pytest.mark.thorough
async def test_a_restart_lists_nothing_and_status_says_what_the_server_knows(
    daemon: Daemon, jellyfin: FakeJellyfin
) -> None:
    code, output = await push(daemon)
    assert code == 0, output
    await asyncio.to_thread(daemon.stop)
    asked = len(jellyfin.requests)
    await asyncio.to_thread(daemon.start)

    code, output = await push(daemon)

    assert code == 0, output
    again = [r for r in jellyfin.requests[asked:] if ("includeItemTypes", "Audio") in r.query]
    listed = [r for r in again if "sortBy" in dict(r.query) and "ids" not in dict(r.query)]
    assert all(
        dict(r.query).get("limit") == "1" or "minDateLastSaved" in dict(r.query) for r in listed
    )
    status = await asyncio.to_thread(daemon.get, "/api/v1/status")
    (server,) = status["media_servers"]
    assert (server["target"], server["items"]) == ("jellyfin", len(jellyfin.state.items))
    known = sum(sum(root["matched"].values()) for root in server["roots"])
    assert known == sum(root["tracks"] for root in server["roots"]) == status["tracks"]
    assert [theirs for _, theirs in server["mappings"]] == [SEEN_AS]
    said = (await asyncio.to_thread(daemon.command, "status")).stdout
    assert f"jellyfin: {known} of {known} tracks are known there" in said
