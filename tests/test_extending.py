"""The examples of docs/extending.md work as they stand there."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.api.harmonie import harmonie_family
from harmonie_daemon.cli.exits import Exit
from harmonie_daemon.domain.filter_fields import FILTER_FIELDS
from harmonie_daemon.domain.task import TaskState
from harmonie_daemon.store.opening import open_store
from harmonie_daemon.tasks.opening import open_runner
from harmonie_daemon.web.application import make_application
from harmonie_daemon.web.auth import AccessRules
from harmonie_daemon.web.keys import PROVIDED
from harmonie_daemon.workers import Budget
from tests.factories import make_styles, make_track
from tests.servers import daemon, serving

PAGE = (Path(__file__).parents[1] / "docs" / "extending.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def example(section: str) -> dict[str, Any]:
    """What the example of a section defines."""
    (code,) = re.findall(r"```python\n(.*?)```", SECTIONS[section], re.DOTALL)
    defined: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, f"docs/extending.md ({section})", "exec", dont_inherit=True), defined)
    return defined


async def test_an_endpoint_is_declared_by_its_handler() -> None:
    defined = example("An endpoint")
    family = replace(harmonie_family(), prefixes=("/",), endpoints=(defined["ENDPOINT"],))
    rules = AccessRules("key", ("127.0.0.1",))
    app = make_application([family], rules, title="Titles", version="1")
    async with serving(app) as client:
        app[PROVIDED].put(defined["Shelf"](("One",)))
        assert (await client.get("/titles/0")).json == {"title": "One"}
        assert (await client.get("/titles/1")).json == {"detail": "no title has the number 1"}
        document = (await client.get("/openapi.json")).json
    assert list(document["paths"]["/titles/{number}"]) == ["get"]


async def test_a_command_asks_the_daemon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = ArgumentParser()
    parser.add_argument("--json", action="store_true")
    example("A command")["add_options"](parser)
    options = parser.parse_args([])
    async with daemon(tmp_path) as served:
        (tmp_path / "daemon.json").write_text(json.dumps({"url": served.client.base}))
        settings = served.services.settings
        assert await options.run(settings, options) is Exit.NOT_FOUND
        await make_track(served.tracks, "a.flac", styles=make_styles("Rock---Punk"))
        assert await options.run(settings, options) is Exit.DONE
    assert capsys.readouterr().out == "\nRock\n"


def test_a_filter_is_a_row_of_the_table() -> None:
    assert type(example("A filter")["onsets"]) is type(FILTER_FIELDS[0])


def test_a_setting_is_a_field_of_its_table() -> None:
    assert example("A setting")["LyricsSettings"](most=3).most == 3


async def test_a_task_is_a_registered_kind(tmp_path: Path) -> None:
    async with (
        open_store(tmp_path / "h.db", lambda: 0.0) as store,
        open_runner(store, lambda: 0.0) as runner,
    ):
        state, details = await example("A task")["ask"](runner)
    assert (state, details) == (TaskState.SUCCESS, {"so_far": 3, "sum": 6})


async def test_a_worker_kind_names_its_target() -> None:
    assert await example("A kind of worker")["sort"](Budget(1)) == [1, 2, 3]


async def test_a_maker_keeps_its_own_playlists(tmp_path: Path) -> None:
    async with open_store(tmp_path / "h.db", lambda: 0.0) as store:
        track_id = await make_track(store.tracks, "a.flac")
        (made,) = await example("Playlists of a maker")["make"](store.playlists, [track_id], 1.0)
        assert (made.maker, made.name, made.track_ids) == ("rainy days", "Rain", (track_id,))
        assert await example("Playlists of a maker")["make"](store.playlists, [track_id], 2.0)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_example_is_whole(section: str) -> None:
    if "```python" in SECTIONS[section]:
        assert example(section)
