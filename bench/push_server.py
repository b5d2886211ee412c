"""The tests' stand-in for a Jellyfin server with a made-up library, as a process of its own.

``python push_server.py TRACKS`` prints one JSON line with its address and an API key.
"""

from __future__ import annotations

import asyncio
import json
import sys

from push_library import THEIR_ROOT, made_up

from tests.mediaservers.fake_jellyfin import FakeJellyfin


async def main(count: int) -> None:
    """Serve until it is ended."""
    fake = FakeJellyfin("10.11.11", validate=False)
    fake.add_user("alice")
    for one in made_up(count):
        fake.add_item(
            f"{THEIR_ROOT}/{one.path}", one.title, album=one.album, artists=(one.artist,),
            track_number=one.number, duration_s=one.duration_s, saved_at=0.0,
        )  # fmt: skip
    await fake.start()
    print(json.dumps({"url": fake.url, "key": fake.api_key}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
