"""The stand-in is as awkward as the server it stands for."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.openapi_check import is_available

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def as_(token: str) -> dict[str, str]:
    return {"Authorization": f'MediaBrowser Client="t", Token="{token}"'}


async def test_older_headers_are_refused_from_12_on(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    for headers, query in (({"X-Emby-Token": fake.api_key}, ""), ({}, f"?api_key={fake.api_key}")):
        async with http.get(f"{fake.url}/Users{query}", headers=headers) as response:
            assert response.status == (401 if fake.state.release >= (12, 0) else 200)
    fake.violations.clear()


async def test_a_key_has_no_playlists_of_its_own(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    owner = fake.add_user("owner")
    made = fake.add_playlist(owner, "x", [])
    headers = as_(fake.api_key)
    async with http.post(f"{fake.url}/Playlists", json={"Name": "x"}, headers=headers) as r:
        assert r.status == 400
    for method in ("GET", "POST"):
        url = f"{fake.url}/Playlists/{made.id}"
        async with http.request(method, url, json={"Ids": []}, headers=headers) as r:
            assert r.status == 400
    url = f"{fake.url}/Playlists/{made.id}/Items?entryIds=x"
    async with http.delete(url, headers=headers) as r:
        assert r.status == (400 if fake.state.release < (10, 11) else 204)


async def test_entries_are_removed_by_plain_lower_case_ids_only(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    owner = fake.add_user("owner")
    song = fake.add_item("/m/a.mp3", "a")
    made = fake.add_playlist(owner, "x", [song, song])
    url = f"{fake.url}/Playlists/{made.id}/Items?entryIds="
    for written, left in ((song.upper(), 2), (f"{song[:8]}-{song[8:]}", 2), (song, 0)):
        async with http.delete(url + written, headers=as_(owner.token)) as r:
            assert (r.status, len(made.entries)) == (204, left)


async def test_a_new_playlist_is_public_unless_told_otherwise_and_unknown_ids_vanish(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    owner, other = fake.add_user("owner"), fake.add_user("other")
    song = fake.add_item("/m/a.mp3", "a")
    body = {"Name": "x", "Ids": [song, "f" * 32, song], "MediaType": "Audio"}
    async with http.post(f"{fake.url}/Playlists", json=body, headers=as_(owner.token)) as r:
        made = fake.playlists[(await r.json())["Id"]]
    assert made.is_public
    assert made.entries == [song] * (2 if fake.state.release >= (12, 0) else 1)
    made.is_public = False
    url = f"{fake.url}/Playlists/{made.id}"
    for path, status in (("", 404), ("/Items", 403)):
        async with http.get(url + path, headers=as_(other.token)) as r:
            assert r.status == status


async def test_a_long_request_line_is_refused(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    ids = ",".join(["f" * 32] * 250)
    async with http.get(f"{fake.url}/Items?ids={ids}", headers=as_(fake.api_key)) as r:
        assert r.status == 414


async def test_traffic_that_breaks_the_document_is_noticed(
    fake: FakeJellyfin, http: aiohttp.ClientSession
) -> None:
    if not is_available(fake.state.version):
        pytest.skip(f"the OpenAPI document of Jellyfin {fake.state.version} is not at hand")
    owner = fake.add_user("owner")
    headers = as_(owner.token)
    for body in ({"Name": "x", "Colour": "red"}, {"Name": "x", "Ids": ["not-a-guid"]}):
        async with http.post(f"{fake.url}/Playlists", json=body, headers=headers) as r:
            assert r.status == 200
        assert fake.violations.pop()
    async with http.get(f"{fake.url}/Items?limit=many", headers=headers) as r:
        assert r.status == 400
    async with http.get(f"{fake.url}/Items?limt=5", headers=headers) as r:
        assert r.status == 200
    assert len(fake.violations) == 2
    fake.add_item("/m/a.mp3", "a", provider_ids={"MusicBrainzTrack": 5})
    async with http.get(f"{fake.url}/Items?fields=ProviderIds", headers=headers) as r:
        assert r.status == 200
    assert "answer:" in fake.violations[-1]
    fake.violations.clear()


async def test_it_runs_by_itself_and_is_controlled_over_http(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    (tmp_path / "Artist" / "Album").mkdir(parents=True)
    (tmp_path / "Artist" / "Album" / "song.mp3").write_bytes(b"no music")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.mediaservers.fake_jellyfin", "--library", str(tmp_path),
        "--seen-as", "/media", "--version", "10.11.11",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        assert ready["items"] == 1
        headers = as_(ready["api_key"])
        async with http.get(f"{ready['url']}/Items?fields=Path", headers=headers) as r:
            (row,) = (await r.json())["Items"]
        assert row["Path"] == "/media/Artist/Album/song.mp3"
        made = {"owner": "alice", "name": "mine", "entries": [row["Id"]]}
        async with http.post(f"{ready['url']}/_control/playlists", json=made) as r:
            playlist_id = (await r.json())["id"]
        async with http.get(f"{ready['url']}/_control/state") as r:
            state = await r.json()
        assert state["playlists"][0]["paths"] == ["/media/Artist/Album/song.mp3"]
        assert state["violations"] == []
        async with http.delete(f"{ready['url']}/_control/playlists/{playlist_id}") as r:
            assert r.status == 204
        async with http.post(f"{ready['url']}/_control/faults", json={"starting": True}) as r:
            assert r.status == 204
        async with http.get(f"{ready['url']}/Users", headers=headers) as r:
            assert (r.status, r.headers["Retry-After"]) == (503, "30")
    finally:
        process.terminate()
        await process.wait()
