"""What the client says when a server is not what was hoped for."""

import asyncio
import re
from pathlib import Path

import pytest
from aiohttp import web

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.errors import TooLongError, UnavailableError
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.calls import in_batches
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.connection import authorization
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.odd_server import serving
from tests.mediaservers.world import Store, item

SELF_SIGNED = Path(__file__).with_name("self_signed.pem")
"""For 127.0.0.1, with its key."""


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (web.Response(text="<html>"), "did not answer with JSON"),
        (web.Response(text="[]"), "something else than a server information"),
        (web.Response(text="{}"), "does not say its version"),
        (web.Response(status=301, headers={"Location": "https://x/"}), "redirects to https://x/;"),
        (web.Response(status=418), "answered 418 to GET /System/Info/Public"),
        (web.Response(status=502), "not ready or has failed"),
        (web.Response(status=429), "not ready or has failed"),
    ],
)
async def test_odd_answers_are_readable_errors(answer: web.Response, message: str) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return answer

    async with serving(handler) as client:
        with pytest.raises(MediaServerError, match=message):
            await client.server_info()


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("https://music.example/System/Info/Public?token=t0k3n#x", "https://music.example"),
        ("/jellyfin/web/", "http://127.0.0.1:PORT/jellyfin"),
        ("/jellyfin/web/index.html", "http://127.0.0.1:PORT/jellyfin"),
        ("//[::1/", "another address"),
        ("https://x/" + 5_000 * "y", "https://x/" + 290 * "y"),
    ],
)
async def test_a_redirect_names_the_address_that_is_to_be_configured(
    location: str, told: str
) -> None:
    """A Jellyfin below a path leads everything else to its own page there."""

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    async with serving(handler) as client:
        with pytest.raises(MediaServerError) as raised:
            await client.server_info()
    said = re.sub(r":\d+", ":PORT", str(raised.value))
    assert said == f"Jellyfin redirects to {told}; put that address into HARMONIE_JELLYFIN_URL"


async def test_a_certificate_that_nobody_vouches_for_is_called_that() -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text="{}")

    async with serving(handler, certificate=SELF_SIGNED) as client:
        with pytest.raises(UnavailableError, match=r"\(self-signed certificate\).*SSL_CERT_FILE"):
            await client.server_info()


async def test_what_speaks_no_http_is_called_that() -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = JellyfinClient(f"http://127.0.0.1:{port}", "t0k3n", device_id="d", version="1")
    with pytest.raises(UnavailableError, match="what answers there does not speak HTTP"):
        await client.server_info()
    await client.close()
    server.close()
    await server.wait_closed()


async def test_a_token_does_not_follow_a_redirect() -> None:
    seen = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.path)
        raise web.HTTPFound("/elsewhere")

    async with serving(handler) as client:
        with pytest.raises(MediaServerError, match="HARMONIE_JELLYFIN_URL"):
            await client.users()
    assert seen == ["/Users"]


async def test_a_proxy_that_takes_only_short_lines_gets_shorter_ones() -> None:
    asked: list[int] = []

    async def handler(request: web.Request) -> web.Response:
        ids = request.query["ids"].split(",")
        asked.append(len(ids))
        if len(ids) > 30:
            return web.Response(status=414)
        rows = [{"Id": one, "Type": "Playlist", "Name": "x"} for one in ids]
        return web.json_response({"Items": rows})

    ids = [f"{n:032x}" for n in range(150)]
    async with serving(handler) as client:
        found = await client.items(ids, "0" * 32)
    assert list(found) == ids
    assert asked == [100, 50, 25, 25, 50, 25, 25, 50, 25, 25]


async def test_a_line_that_is_too_long_with_one_id_is_given_up() -> None:
    async def call(_ids: object) -> None:
        raise TooLongError("414")

    with pytest.raises(TooLongError):
        await in_batches(["a", "b", "c"], call)


async def test_listings_are_read_page_by_page(store: Store) -> None:
    fake = FakeJellyfin()
    await fake.start()
    for n in range(1201):
        fake.add_item(f"/m/{n}.mp3", str(n))
    client = JellyfinClient(fake.url, fake.api_key, device_id="d", version="1")
    assert len(await client.music(None)) == 1201
    await client.close()
    await fake.stop()
    pages = [dict(request.query) for request in fake.seen("GET", "/Items")]
    assert [page["startIndex"] for page in pages] == ["0", "500", "1000"]
    assert [page["enableTotalRecordCount"] for page in pages] == ["true", "false", "false"]


def test_a_token_cannot_break_out_of_its_header() -> None:
    header = authorization('a"\r\nX-Evil: ü', device_id="d", version="1")
    assert header.endswith('Token="a%22%0D%0AX-Evil%3A%20%C3%BC"')
    assert header.isascii()


def test_what_is_absent_is_forgiven_but_an_id_is_not() -> None:
    track = wire.parse_remote_track({"Id": "AB-CD", "RunTimeTicks": None, "ProviderIds": None})
    assert (track.id, track.duration_s, track.artists) == ("abcd", None, ())
    with pytest.raises(MediaServerError, match="without an id"):
        wire.parse_remote_track({"Name": "x"})


def test_a_track_is_read_from_the_wire() -> None:
    track = wire.parse_remote_track(
        {
            "Id": "0f" * 16,
            "Name": "Jóga",
            "Path": "/m/a.mp3",
            "Album": "Homogenic",
            "Artists": ["Björk"],
            "AlbumArtist": "Björk",
            "IndexNumber": 2,
            "RunTimeTicks": 3_050_000_000,
            "ProviderIds": {"musicBrainzTrack": "AB", "MusicBrainzAlbum": "no", "x": None},
        }
    )
    assert track == wire.RemoteTrack(
        "0f" * 16, "/m/a.mp3", "Jóga", "Homogenic", ("Björk",), 2, 305.0, frozenset({"ab"})
    )


async def test_a_server_that_is_too_old_is_named(store: Store) -> None:
    fake = FakeJellyfin("10.8.13", validate=False)
    await fake.start()
    target = make_target(fake, store, fake.api_key, "alice")
    with pytest.raises(MediaServerError, match=r"Jellyfin 10\.8\.13 is too old; 10\.10"):
        await target.push([item("mix", [])])
    await target.close()
    await fake.stop()


@pytest.mark.parametrize("url", ["http://me:hush@127.0.0.1:1", "jellyfin", "ftp://x", "http://"])
async def test_an_address_that_is_none_is_a_readable_error(url: str) -> None:
    client = JellyfinClient(url, "t", device_id="d", version="1")
    with pytest.raises(MediaServerError) as caught:
        await client.server_info()
    await client.close()
    assert "hush" not in str(caught.value)


async def test_a_slow_server_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harmonie_daemon.mediaservers.jellyfin.connection.REQUEST_TIMEOUT_S", 0.1)
    fake = FakeJellyfin(validate=False)
    await fake.start()
    fake.faults.latency_s = 5.0
    client = JellyfinClient(fake.url, fake.api_key, device_id="d", version="1")
    with pytest.raises(UnavailableError, match="did not answer GET /System/Info/Public in time"):
        await client.server_info()
    await client.close()
    await fake.stop()


async def test_a_key_that_may_not_remove_entries_makes_the_playlist_anew(world: World) -> None:
    """Jellyfin issue 15600: 400 on 10.11.3, whatever the code says."""
    if not world.uses_key or not world.keeps_ids:
        pytest.skip("only an API key from 10.11 on removes entries")
    ids = await world.store.add_albums(4)
    await world.mirror()
    await world.target.push([item("mix", ids[:9])])
    before = world.named("Mix").id
    world.fake.faults.armed = [Fault("DELETE", "/Playlists/.*", status=400, times=99)]

    report = await world.target.push([item("mix", ids[5:], name="New")])

    assert (report.updated, report.problems) == (1, ())
    assert world.named("New").entries == await world.expected(ids[5:])
    assert before not in world.fake.playlists
    assert len(world.fake.playlists) == 1


async def test_an_administrators_token_owns_and_shares(fake: FakeJellyfin, store: Store) -> None:
    service, bob = fake.add_user("harmonie", admin=True), fake.add_user("bob")
    ids = await store.add_albums(4)
    for keys in await store.tracks.paths_and_ids():
        fake.add_item(keys.path, "x")
    target = make_target(fake, store, service.token, "bob")
    await target.push([item("mix", ids)])
    await target.push([item("mix", ids[:3], name="Renamed")])
    await target.close()
    (made,) = fake.playlists.values()
    assert (made.owner, made.shares, made.name) == (service.id, {bob.id: False}, "Renamed")
    assert len(made.entries) == 3


async def test_an_api_key_without_a_user_says_what_to_set(fake: FakeJellyfin, store: Store) -> None:
    target = make_target(fake, store, fake.api_key, None)
    report = await target.push([item("a", []), item("b", [])])
    await target.close()
    assert report.problems == ("an API key belongs to no user; set HARMONIE_JELLYFIN_USER",)


async def test_explicit_path_mappings_are_used(fake: FakeJellyfin, store: Store) -> None:
    alice = fake.add_user("alice")
    track = await store.add("a/b.mp3", root="/srv/music")
    fake.add_item("/wrong/a/b.mp3", "b")
    right = fake.add_item("/right/a/b.mp3", "b")
    target = make_target(
        fake, store, alice.token, None, path_mappings=(("/srv/music/", "/right/"),)
    )
    await target.push([item("mix", [track])])
    await target.close()
    assert [p.entries for p in fake.playlists.values()] == [[right]]


async def test_what_another_credential_made_is_kept_in_mind_when_it_is_out_of_reach(
    fake: FakeJellyfin, store: Store
) -> None:
    fake.add_user("alice")
    bob = fake.add_user("bob")
    before = make_target(fake, store, fake.api_key, "alice")
    await before.push([item("mix", [])])
    after = make_target(fake, store, bob.token, None)

    report = await after.push([item("mix", [])])

    assert (report.created, report.removed) == (1, 0)
    (problem,) = report.problems
    assert problem == (
        "nobody who is logged in at Jellyfin may read playlists of 'alice': "
        "run harmonie jellyfin login --user alice"
    )
    assert len(fake.playlists) == 2
    assert (await before.push([])).removed == 2
    await before.close()
    await after.close()


async def test_a_user_who_is_gone_takes_the_memory_of_the_playlists_along(
    fake: FakeJellyfin, store: Store
) -> None:
    alice = fake.add_user("alice")
    fake.add_user("bob")
    target = make_target(fake, store, fake.api_key, "bob")
    await target.push([item("mix", [], users=["alice"])])
    fake.playlists.clear()
    del fake.state.users[alice.id]

    report = await target.push([item("mix", [])])
    await target.close()

    assert (report.created, report.removed, report.problems) == (1, 0, ())
    assert len(await store.playlists.remotes("jellyfin")) == 1
