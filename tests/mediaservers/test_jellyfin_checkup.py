"""What the doctor says of a Jellyfin server, and what a trial leaves behind: nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest

from harmonie_daemon.domain.checkup import Finding, FindingVerdict
from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.examining import TRIAL_NAME, Examinable
from harmonie_daemon.mediaservers.push import PushReport
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.world import item

READING = ("GET", "HEAD")


def told(findings: Sequence[Finding], verdict: FindingVerdict) -> list[str]:
    return [one.said for one in findings if one.verdict is verdict]


def problems(findings: Sequence[Finding]) -> list[str]:
    assert all(one.advice for one in findings if one.verdict is FindingVerdict.PROBLEM)
    return told(findings, FindingVerdict.PROBLEM)


async def test_a_server_that_is_well(world: World) -> None:
    assert isinstance(world.target, Examinable)
    found = await world.target.examine()
    assert problems(found) == []
    version = ".".join(str(part) for part in world.fake.state.release)
    assert told(found, FindingVerdict.FINE)[0].startswith(f"Jellyfin {version}")
    notes = told(found, FindingVerdict.NOTE)
    loses_ids = world.uses_key and not world.keeps_ids
    assert any("edit playlists" in said for said in notes) is loses_ids
    assert any("set covers" in said for said in notes) is not world.uses_key
    assert all(request.method in READING for request in world.fake.seen(".*", ".*"))


async def test_a_server_that_is_not_there(world: World) -> None:
    """Nobody reads the log who is told where to look."""
    world.fake.faults.armed = [Fault("GET", "/.*", status=404, times=9)]
    (found,) = await world.target.examine()
    assert found.verdict is FindingVerdict.PROBLEM
    assert "HARMONIE_JELLYFIN_URL is its address" in str(found.advice)


async def test_a_token_that_does_not_work(world: World) -> None:
    target = make_target(world.fake, world.store, "not-a-token", "alice")
    (said,) = problems(await target.examine())
    assert "HARMONIE_JELLYFIN_TOKEN" in said
    await target.close()


async def test_a_user_that_there_is_not(world: World) -> None:
    token = world.fake.api_key if world.uses_key else world.me.token
    target = make_target(world.fake, world.store, token, "nobody")
    assert problems(await target.examine()) == ["Jellyfin has no user 'nobody'"]
    await target.close()


async def test_a_key_without_a_user(world: World) -> None:
    target = make_target(world.fake, world.store, world.fake.api_key, None)
    (said,) = problems(await target.examine())
    assert "belongs to no user" in said
    await target.close()


async def test_a_trial_makes_changes_and_deletes_its_own_alone(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    before = {one.id: list(one.entries) for one in world.fake.playlists.values()}
    rows = await world.store.playlists.remotes("jellyfin")

    found = await world.target.try_out()

    assert problems(found) == []
    assert told(found, FindingVerdict.FINE)[0].startswith(
        "a playlist was made, changed and deleted"
    )
    assert bool(told(found, FindingVerdict.NOTE)) is not world.keeps_ids
    assert {one.id: one.entries for one in world.fake.playlists.values()} == before
    assert await world.store.playlists.remotes("jellyfin") == rows


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/Playlists"), ("POST", "/Playlists/.+"), ("DELETE", ".+")],
    ids=["creating", "changing", "deleting"],
)
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("status", [None, 500, 503])
async def test_a_trial_that_breaks_off_is_cleared_away_by_the_next_push(
    world: World, method: str, path: str, after: bool, status: int | None
) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    mix = world.named("Mix").id
    fault = Fault(method, path, status=status, after=after, times=9)
    world.fake.faults.armed = [fault]

    with suppress(MediaServerError):
        found = await world.target.try_out()
        assert problems(found) or not fault.hit

    world.fake.faults.armed = []
    report = await world.target.push([item("mix", ids)])
    assert (report.unchanged, report.problems) == (1, ())
    assert [one.id for one in world.fake.playlists.values()] == [mix]
    assert len(await world.store.playlists.remotes("jellyfin")) == 1


async def test_without_any_track_nothing_is_tried(world: World) -> None:
    (found,) = await world.target.try_out()
    assert found.verdict is FindingVerdict.NOTE
    assert world.fake.playlists == {}


async def test_with_tracks_that_the_server_does_not_have(world: World) -> None:
    await world.store.add_albums(6)
    world.fake.add_item("/elsewhere/a.mp3", "Another")
    (said,) = problems(await world.target.try_out())
    assert f"{TRIAL_NAME!r}: Jellyfin has none of its tracks" in said
    assert world.fake.playlists == {}
    assert await world.target.push([]) == PushReport()
