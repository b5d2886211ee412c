"""Plays: told by any player, shown, forgotten; and all that is refused."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harmonie_daemon.domain.listening import PlaySource, PlayTotal
from harmonie_daemon.domain.track import Tags, TrackId
from tests.factories import make_track
from tests.servers import NOW, Answer, Daemon, daemon

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLAYS = "/api/v1/plays"
DAY_S = 86_400.0


@pytest_asyncio.fixture(loop_scope="module")
async def listening(tmp_path: Path) -> AsyncIterator[Daemon]:
    """Track 1 lasts 200 seconds, track 2 is another."""
    async with daemon(tmp_path, listening={"ignore_users": ("Guest",), "keep_days": 30}) as running:
        tags = Tags(artist="Aphex Twin", album="SAW", title="Xtal")
        await make_track(running.tracks, "A/01 Xtal.flac", tags=tags, duration_s=200.0)
        await make_track(running.tracks, "A/02 Tha.flac", duration_s=300.0)
        yield running


def one(**members: Any) -> dict[str, Any]:
    """A play of all of track 1, an hour ago."""
    return {"listener": "alice", "track_id": 1, "started_at": NOW - 3_600, **members}


async def tell(listening: Daemon, told: object) -> Answer:
    return await listening.client.post(PLAYS, told)


async def shown(listening: Daemon, **query: str) -> dict[str, Any]:
    text = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await listening.client.get(f"{PLAYS}?{text}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


async def test_a_play_is_kept_and_shown(listening: Daemon) -> None:
    answer = await tell(listening, one(heard_s=150.0, position_s=195.0))
    assert (answer.status, answer.json) == (200, {"new": 1, "known": 0, "refused": []})
    found = await shown(listening)
    assert found["items"] == [
        {
            "listener": "alice", "track_id": 1, "path": "/music/A/01 Xtal.flac",
            "artist": "Aphex Twin", "title": "Xtal", "started_at": NOW - 3_600,
            "ended_at": NOW - 3_450, "heard_s": 150.0, "outcome": "counted", "source": "player",
        }
    ]  # fmt: skip
    assert found["listeners"] == [
        {
            "listener": "alice", "counted": 1, "skipped": 0, "partial": 0, "tracks": 1,
            "heard_s": 150.0, "last_played_at": NOW - 3_600, "own_playlists": 0,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("members", "heard_s", "outcome"),
    [
        ({}, 200.0, "counted"),
        ({"heard_s": 20.0}, 20.0, "skipped"),
        ({"position_s": 20.0}, 20.0, "skipped"),
        ({"heard_s": 90.0}, 90.0, "partial"),
        ({"heard_s": 90.0, "position_s": 200.0}, 90.0, "partial"),
        ({"heard_s": 110.0, "position_s": 191.0}, 110.0, "counted"),
        ({"outcome": "skipped"}, 0.0, "skipped"),
        ({"outcome": "counted", "heard_s": 5.0}, 5.0, "counted"),
    ],
)
async def test_what_is_left_out_follows_from_what_is_there(
    listening: Daemon, members: dict[str, Any], heard_s: float, outcome: str
) -> None:
    assert (await tell(listening, one(**members))).json["new"] == 1
    (kept,) = (await shown(listening))["items"]
    assert (kept["heard_s"], kept["outcome"]) == (heard_s, outcome)


@pytest.mark.parametrize(
    "track",
    [
        {"path": "/music/A/01 Xtal.flac"},
        {"path": "D:\\Music\\A\\01 Xtal.flac"},
        {"artist": "aphex twin", "title": "XTAL"},
        {"artist": "Aphex Twin", "title": "Xtal", "album": "SAW"},
    ],
)
async def test_a_track_may_be_named_in_other_ways(listening: Daemon, track: dict[str, str]) -> None:
    play = {name: value for name, value in one(**track).items() if name != "track_id"}
    assert (await tell(listening, play)).json["new"] == 1
    assert (await shown(listening))["items"][0]["track_id"] == 1


async def test_a_play_told_twice_counts_once(listening: Daemon) -> None:
    assert (await tell(listening, [one(), one()])).json == {"new": 1, "known": 1, "refused": []}
    assert (await tell(listening, one(listener="ALICE"))).json["new"] == 0
    assert (await tell(listening, one(track_id=2))).json["new"] == 1
    assert (await shown(listening, limit="0"))["listeners"][0]["counted"] == 2


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        ({"started_at": NOW + 3_600}, "started_at: lies 3600 s in the future; send Unix seconds"),
        ({"started_at": NOW * 1000}, "started_at: is in milliseconds, it seems"),
        ({"started_at": NOW - 31 * DAY_S}, "started_at: lies more than 30 days back"),
        ({"started_at": -1e300}, "started_at: lies more than 30 days back"),
        ({"started_at": None}, "started_at: must be a number"),
        ({"started_at": "yesterday"}, "started_at: must be a number"),
        ({"heard_s": 3_700.0}, "heard_s: is longer than the time since started_at"),
        ({"heard_s": -1.0}, "heard_s: must be 0.0 or more"),
        ({"heard_s": 1e9}, "heard_s: must be 86400.0 or less"),
        ({"position_s": -0.5}, "position_s: must be 0.0 or more"),
        ({"track_id": 99}, "track_id: no track has the id 99"),
        ({"track_id": 2**70}, "track_id: must be 9223372036854775807 or less"),
        ({"track_id": "1"}, "track_id: must be a whole number"),
        ({"track_id": None}, "say which track it is: track_id, path, or artist and title"),
        ({"track_id": None, "path": "/elsewhere/a.flac"}, "path: no track has it; it is to be as "),
        ({"track_id": None, "title": "no such"}, "no track matches; give its track_id or path"),
        ({"track_id": None, "path": "x" * 5_000}, "path: must have at most 4096 characters"),
        ({"listener": ""}, "listener: "),
        ({"listener": "x" * 101}, "listener: must have at most 100 characters"),
        ({"listener": "a\nb"}, "listener='a\\\\nb': must be a name of 1 to 100 characters"),
        ({"outcome": "liked"}, "outcome: must be 'counted', 'skipped' or 'partial'"),
    ],
)  # fmt: skip
async def test_what_is_refused_says_what_to_change_and_the_rest_is_kept(
    listening: Daemon, wrong: dict[str, Any], detail: str
) -> None:
    alone = await tell(listening, one(**wrong))
    assert alone.status == 422
    assert alone.detail.startswith(detail.replace("\\\\", "\\"))
    among = await tell(listening, [one(), one(**wrong), one(started_at=NOW - 900)])
    assert among.status == 200
    assert among.json["new"] == 2
    assert [(r["index"], r["detail"]) for r in among.json["refused"]] == [(1, alone.detail)]
    assert len((await shown(listening))["items"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"", 422, "the request body is empty"),
        (b"no JSON", 422, "the request body is not valid JSON"),
        (b"[" * 100_000, 422, "the request body is not valid JSON"),
        (b'"text"', 422, "must be "),
        (b"[1, null, [], {}]", 200, ""),
        (json.dumps([one()] * 1_001).encode(), 422, "send at most 1000 plays at once, not 1001"),
        (b"[" + b"[]," * 200_000 + b"[]]", 413, "the request body is larger than 524288 bytes"),
        (json.dumps([{}] * 1_000_000).encode(), 413, "the request body is larger than"),
        (b'{"x": "' + b"y" * 10_000_000 + b'"}', 413, "the request body is larger than"),
        (json.dumps(one(started_at=float("nan"))).encode(), 422, "started_at: "),
        (json.dumps(one(heard_s=float("inf"))).encode(), 422, "heard_s: "),
    ],
    ids=["empty", "no JSON", "deep", "text", "no plays", "1,001", "600 KB", "a million", "10 MB",
         "NaN", "endless"],
)  # fmt: skip
async def test_bodies_that_are_none(
    listening: Daemon, body: bytes, status: int, detail: str
) -> None:
    answer = await listening.client.post(PLAYS, data=io.BytesIO(body))
    assert answer.status == status
    if status != 200:
        assert answer.detail.startswith(detail)
    else:
        assert [one["index"] for one in answer.json["refused"]] == [0, 1, 2, 3]
    assert (await shown(listening))["items"] == []


async def test_a_thousand_plays_are_taken_at_once(listening: Daemon) -> None:
    many = [one(started_at=NOW - 3_600 - 200 * n) for n in range(1_000)]
    assert (await tell(listening, many)).json["new"] == 1_000
    assert len((await shown(listening, limit="1000"))["items"]) == 1_000


async def test_names_that_are_made_up_end_somewhere(
    listening: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonie_daemon.store.listening.listeners.MOST_LISTENERS", 2)
    answer = await tell(listening, [one(), one(listener="bob"), one(listener="eve")])
    assert answer.json["new"] == 2
    (refused,) = answer.json["refused"]
    assert refused["index"] == 2
    assert "too many listeners" in refused["detail"]
    unknown = [one(listener="x", track_id=77)]
    assert "no track" in (await tell(listening, unknown)).json["refused"][0]["detail"]


async def test_of_whom_nothing_is_to_be_kept_nothing_is(listening: Daemon, tmp_path: Path) -> None:
    assert (await tell(listening, one(listener="guest"))).json["known"] == 1
    assert (await shown(listening)) == {"items": [], "listeners": []}
    async with daemon(tmp_path / "off", listening={"enabled": False}) as off:
        answer = await tell(off, one())
        assert (answer.status, "listening.enabled" in answer.detail) == (400, True)


async def test_plays_are_shown_of_one_and_of_a_time(listening: Daemon) -> None:
    await tell(listening, [one(), one(listener="bob", track_id=2, started_at=NOW - 10, heard_s=5)])
    assert [o["listener"] for o in (await shown(listening))["items"]] == ["bob", "alice"]
    assert [o["listener"] for o in (await shown(listening, listener="Alice"))["items"]] == ["alice"]
    since = await shown(listening, since=str(NOW - 60))
    assert [o["listener"] for o in since["listeners"]] == ["bob"]
    assert (await shown(listening, until=str(NOW - 4_000)))["items"] == []
    assert (await listening.client.get(f"{PLAYS}?since=nan")).status == 422
    assert (await listening.client.get(f"{PLAYS}?listener=%00")).status == 400


async def test_a_listener_is_forgotten_until_somebody_asks_for_more(listening: Daemon) -> None:
    plays, track_id, count = listening.services.plays, TrackId(1), PlaySource.JELLYFIN_COUNT
    await tell(listening, [one(), one(listener="bob")])
    await plays.note_totals("alice", {track_id: PlayTotal(7, None)}, NOW, count)
    gone = await listening.client.ask("DELETE", f"{PLAYS}?listener=ALICE")
    assert (gone.status, gone.json) == (200, {"plays": 1})
    assert (await tell(listening, one())).json == {"new": 0, "known": 1, "refused": []}
    assert [o["listener"] for o in (await shown(listening))["listeners"]] == ["bob"]
    again = await listening.client.post(f"{PLAYS}/import?listener=alice")
    assert (again.status, again.json) == (200, {"known": True})
    await plays.note_totals("alice", {track_id: PlayTotal(7, None)}, NOW, count)
    assert await plays.totals("alice") == {track_id: PlayTotal(7, None)}
    assert (await tell(listening, one())).json["new"] == 1
    assert (await listening.client.post(f"{PLAYS}/import?listener=eve")).json == {"known": False}
    assert (await listening.client.ask("DELETE", PLAYS)).status == 400
