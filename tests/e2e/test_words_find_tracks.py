"""A search in the daemon as it runs, also while the words of an older library are collected."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.harness import Daemon, wait_until
from tests.store.test_texts import lay_out


async def test_the_words_of_an_older_library_are_collected_behind_open_doors(
    tmp_path: Path,
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    daemon = Daemon(tmp_path, [music], scan_on_startup="false", watch="false")
    daemon.data_dir.mkdir()
    await lay_out(daemon.data_dir / "harmonie.db", count=300)
    daemon.start()
    try:
        wait_until(
            lambda: daemon.request("GET", "/api/v1/tracks?q=artist")[0] == 200,
            what="the words of the library",
        )
        page = daemon.get("/api/v1/tracks", q="sóng 299", limit=5)
        assert [item["title"] for item in page["items"]] == ["Song 299"]
        found = daemon.post("/api/discover", {"input": "the one called Song 123", "limit": 3})
        assert found["results"][0]["name"] == "Song 123"
        command = daemon.command("search", "song", "123", "--json")
        assert '"title": "Song 123"' in command.stdout
        assert daemon.get("/api/v1/tracks", q="artist", limit=10, offset=295)["total"] == 300
        assert daemon.get("/api/v1/tracks", q="artist", limit=10, offset=295)["items"]
    finally:
        daemon.stop()
