"""A program of its own: the daemon with one more row in the table of filters.

Prints, as JSON, what parser, store, query, body, document and command line make of it.
"""
# ruff: noqa: PLC0415 - imported once the table has the row

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import io
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TABLE = "FILTER_FIELDS = (\n"
ROW = '    FilterField("onsets", Form.RANGE, "Onsets a second.", ("2..",), "tracks.onset_rate"),\n'
MODULE = "harmonie_daemon.domain.filter_fields"


def add_row() -> None:
    """The module as it would be with the row, before anybody imports it."""
    spec = importlib.util.find_spec(MODULE)
    assert spec is not None
    assert spec.origin is not None
    before, found, after = Path(spec.origin).read_text(encoding="utf-8").partition(TABLE)
    assert found
    module = sys.modules[MODULE] = ModuleType(MODULE)
    exec(compile(before + found + ROW + after, spec.origin, "exec"), module.__dict__)


async def answers(folder: Path) -> dict[str, Any]:
    """Everything that is made from the table, asked about the row."""
    from harmonie_daemon.cli.exits import CommandError
    from harmonie_daemon.cli.main import _parser
    from harmonie_daemon.domain.filters import filter_from_values
    from tests.factories import make_track
    from tests.servers import daemon

    async with daemon(folder) as running:
        for rate in (1.0, 3.0, 5.0, None):
            await make_track(running.tracks, f"{rate}.flac", onset_rate=rate)
        (folder / "daemon.json").write_text(json.dumps({"url": running.client.base}))

        async def listed(query: str) -> Any:
            answer = await running.client.get(f"/api/v1/tracks?{query}")
            return (
                [item["id"] for item in answer.json["items"]]
                if answer.status == 200
                else (answer.detail)
            )

        async def built(filter_: Any) -> Any:
            body = {"mode": "vibe", "filter": filter_}
            answer = await running.client.post("/api/v1/playlists", body)
            if answer.status != 200:
                return answer.detail
            return sorted(item["track_id"] for item in answer.json["items"])

        async def commanded(*words: str) -> Any:
            options = _parser().parse_args(["playlist", "--json", *words])
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                await options.run(running.services.settings, options)
            return sorted(item["track_id"] for item in json.loads(printed.getvalue())["items"])

        async def refusal(*words: str) -> bool:
            with pytest.raises(CommandError, match=r"'onset' is not a filter; use .*onsets"):
                await commanded(*words)
            return True

        document = (await running.client.get("/openapi.json")).json
        wanted = filter_from_values({"onsets": "2..4"})
        return {
            "parser": repr(wanted.ranges),
            "store": (await running.tracks.matching_ids(wanted)).tolist(),
            "query": await listed("onsets=2..4"),
            "wrong query": await listed("onsets=fast"),
            "body": await built({"onsets": {"gte": 2, "lte": 4}}),
            "wrong body": await built({"onset": 2}),
            "command": await commanded("--filter", "onsets=2..4"),
            "wrong command": await refusal("--filter", "onset=2"),
            "document": [
                parameter["description"]
                for parameter in document["paths"]["/api/v1/tracks"]["get"]["parameters"]
                if parameter["name"] == "onsets"
            ],
            "member": "onsets" in document["components"]["schemas"]["FilterBody"]["properties"],
        }


if __name__ == "__main__":
    add_row()
    print(json.dumps(asyncio.run(answers(Path(sys.argv[1])))))
