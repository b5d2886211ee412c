"""The recipes of the document, with real curl and jq."""

from __future__ import annotations

import asyncio
import json
import shutil

import pytest

from tests.servers import Daemon

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        not (shutil.which("curl") and shutil.which("jq") and shutil.which("sh")),
        reason="curl, jq and sh are needed",
    ),
]


async def shell(daemon: Daemon, script: str) -> str:
    """What a script prints; ``$H`` is the daemon."""
    process = await asyncio.create_subprocess_exec(
        "sh", "-euc", script,
        env={"H": daemon.client.base, "PATH": "/usr/bin:/bin:/usr/local/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(20):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode().strip()


async def test_endless_radio(ten: Daemon) -> None:
    out = await shell(
        ten,
        """
        post() { curl -sfX POST "$H/api/v1/playlists" -H 'content-type: application/json' -d "$1"; }
        seed=$(post '{"mode":"similar","seeds":[1],"n":5}' | jq -c '[.items[-3:][].track_id]')
        post "{\\"mode\\":\\"similar\\",\\"seeds\\":$seed,\\"n\\":20}" | jq '.items | length'
        """,
    )
    assert int(out) > 0


async def test_wait_for_a_scan_to_finish(ten: Daemon) -> None:
    async def finish() -> None:
        while not ten.scan.forced:
            await asyncio.sleep(0.01)
        await ten.scan.cancel()

    finishing = asyncio.create_task(finish())
    out = await shell(
        ten,
        """
        curl -sfX POST "$H/api/v1/scan?force=true" >/dev/null
        while [ "$(curl -sS "$H/api/v1/scan" | jq -r .state)" != "idle" ]; do sleep 0.05; done
        echo finished
        """,
    )
    await finishing
    assert (out, ten.scan.forced) == ("finished", [True])


async def test_resolve_then_ask_for_similar(ten: Daemon) -> None:
    out = await shell(
        ten,
        """
        id=$(curl -sf --get "$H/api/v1/tracks/resolve" \
          --data-urlencode 'artist=Aphex Twin' --data-urlencode 'title=Xtal' | jq .id)
        curl -sfX POST "$H/api/v1/playlists" -H 'content-type: application/json' \
          -d "{\\"mode\\":\\"similar\\",\\"seeds\\":[$id],\\"n\\":20,
               \\"smooth_transitions\\":{\\"key_compatible\\":true}}" | jq '.items[0].track_id'
        """,
    )
    assert out == "2"


async def test_find_a_genre_within_a_tempo(ten: Daemon) -> None:
    out = await shell(
        ten,
        """
        curl -sf --get "$H/api/v1/tracks" \
          --data-urlencode 'genre=Electronic' --data-urlencode 'style=Hard Techno' \
          --data 'bpm=140..' --data 'order_by=bpm' | jq -c '[.items[].bpm]'
        """,
    )
    assert json.loads(out) == [141, 145]


async def test_join_on_relative_paths(ten: Daemon) -> None:
    out = await shell(
        ten,
        """curl -sf "$H/api/v1/tracks?limit=1" | jq -r '.items[] | .library_root + "/" +
        .relative_path == .path'""",
    )
    assert out == "true"
