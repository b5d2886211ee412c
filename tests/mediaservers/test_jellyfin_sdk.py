"""The stand-in under a client that is not ours: npm ``@jellyfin/sdk``, as players use it.

``HARMONIE_TEST_JELLYFIN_SDK`` names a folder with its ``node_modules``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.mediaservers.fake_jellyfin import FakeJellyfin

SDK = os.environ.get("HARMONIE_TEST_JELLYFIN_SDK", "")
CLIENT = Path(__file__).with_name("sdk_client.mjs")
PASSWORD = "correct horse"

pytestmark = [
    pytest.mark.skipif(not SDK, reason="HARMONIE_TEST_JELLYFIN_SDK names no folder"),
    pytest.mark.skipif(shutil.which("node") is None, reason="there is no node"),
]


async def test_a_player_logs_in_and_keeps_playlists(fake: FakeJellyfin) -> None:
    alice = fake.add_user("alice", password=PASSWORD)
    fake.add_user("root", admin=True, password=PASSWORD)
    ids = [fake.add_item(f"/m/{n}.mp3", str(n), provider_ids={"a": "b"}) for n in range(4)]
    player = await asyncio.create_subprocess_exec(
        "node", str(CLIENT), SDK, fake.url,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert player.stdin is not None
    assert player.stdout is not None
    told = {
        "password": PASSWORD, "ids": ids, "key": fake.api_key,
        "image": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(),
    }  # fmt: skip
    player.stdin.write(f"{json.dumps(told)}\n".encode())
    begun = json.loads(await asyncio.wait_for(player.stdout.readline(), 60))
    assert begun["waiting"] is False
    fake.desk.type_in(begun["code"], alice)
    player.stdin.write(b"typed in\n")
    said = json.loads(await asyncio.wait_for(player.stdout.readline(), 60))
    assert await player.wait() == 0

    assert said == {
        "version": fake.state.version,
        "approved": True,
        "byCode": "alice",
        "wrong": 401,
        "me": "alice",
        "everybody": ["alice", "root"],
        "items": ["/m/0.mp3", "/m/1.mp3"],
        "total": 4,
        "created": ids[:2],
        "updated": ids[2:],
        "added": [*ids[2:], *ids[:2]],
        "removed": [ids[3], *ids[:2]],
        "meta": [ids[3], *ids[:2]],
        "ofAnother": 404,
        "withKey": 400,
        "covers": [403, 204],
        "image": True,
        "sessions": 200,
        "deleted": 204,
        "out": 204,
        "afterwards": 401,
    }
    assert fake.playlists == {}
    devices = {login.device_id for login in fake.state.logins.values()}
    assert devices == {"by-code", "root"}
