import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import MediaServerError, StoreError
from harmonie_daemon.mediaservers import push
from harmonie_daemon.mediaservers.errors import UnavailableError
from harmonie_daemon.mediaservers.jellyfin import JellyfinTarget
from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.push import Pusher, PushItem, PushReport, Target
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.jellyfin_world import make_target
from tests.mediaservers.world import Store, item


class Place:
    """A target that does as it is told."""

    def __init__(self, name: str, outcome: PushReport | Exception | None) -> None:
        self.name = name
        self.outcome = outcome
        self.pushes = 0

    async def push(self, wanted: Sequence[PushItem], *, force: bool = False) -> PushReport:
        self.pushes += 1
        if self.outcome is None:
            await asyncio.Event().wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        assert self.outcome is not None
        return self.outcome


def pusher(store: Store, *targets: Target) -> Pusher:
    return Pusher(targets, store.playlists, store.clock)


async def test_one_targets_failure_does_not_touch_another(store: Store) -> None:
    good = Place("good", PushReport(created=2))
    broken = Place("broken", KeyError("a bug"))
    down = Place("down", MediaServerError("no route"))
    full = Place("full", StoreError("the disk is full"))

    outcomes = await pusher(store, broken, down, full, good).push_all(
        {"good": [], "down": [], "broken": [], "full": []}, force=False
    )
    assert outcomes["full"].error == "the disk is full"

    assert outcomes["good"].report == PushReport(created=2)
    assert outcomes["down"].error == "no route"
    assert outcomes["broken"].error == "an unexpected fault in harmonie; its log says more"
    assert [outcomes[name].failed for name in ("good", "down", "broken")] == [False, True, True]


async def test_failures_back_off_and_success_resets(store: Store) -> None:
    place = Place("x", MediaServerError("down"))
    push_all = pusher(store, place).push_all
    start = store.clock.now
    for failures, delay_s in ((1, 60), (2, 120), (3, 240)):
        await push_all({"x": []}, force=False)
        state = await store.playlists.backoff("x")
        assert (state.failures, state.next_attempt_at) == (failures, store.clock.now + delay_s)
        assert (await push_all({"x": []}, force=False))["x"].skipped
        store.clock.now = state.next_attempt_at
    assert place.pushes == 3

    place.outcome = PushReport()
    await push_all({"x": []}, force=False)
    state = await store.playlists.backoff("x")
    assert (state.failures, state.last_error, state.last_success_at) == (0, None, start + 420)


async def test_a_clock_that_was_put_back_keeps_no_target_waiting(store: Store) -> None:
    """It was a year ahead when the target failed, as before a machine has asked for the time."""
    push_all = pusher(store, Place("x", MediaServerError("down"))).push_all
    await push_all({"x": []}, force=False)
    store.clock.now -= 365 * 86_400
    assert not (await push_all({"x": []}, force=False))["x"].skipped
    assert (await push_all({"x": []}, force=False))["x"].skipped


async def test_force_tries_a_target_that_is_backing_off(store: Store) -> None:
    place = Place("x", MediaServerError("down"))
    await pusher(store, place).push_all({"x": []}, force=False)
    outcome = (await pusher(store, place).push_all({"x": []}, force=True))["x"]
    assert (place.pushes, outcome.error) == (2, "down")


async def test_a_new_start_tries_a_target_that_was_backing_off(store: Store) -> None:
    place = Place("x", MediaServerError("wrong password"))
    await pusher(store, place).push_all({"x": []}, force=False)
    after_the_start = pusher(store, place).push_all
    assert not (await after_the_start({"x": []}, force=False))["x"].skipped
    assert (await after_the_start({"x": []}, force=False))["x"].skipped


async def test_what_was_put_right_for_one_target_is_tried_at_once_and_only_once(
    store: Store,
) -> None:
    places = Place("x", MediaServerError("nobody is logged in")), Place("y", KeyError("a bug"))
    made = pusher(store, *places)
    await made.push_all({"x": [], "y": []}, force=False)
    made.try_at_once("x")
    outcomes = await made.push_all({"x": [], "y": []}, force=False)
    assert [outcomes[name].skipped for name in ("x", "y")] == [False, True]
    assert (await made.push_all({"x": []}, force=False))["x"].skipped


async def test_a_forced_push_has_an_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "FORCED_TIMEOUT_S", 0.05)
    places = Place("hangs", None), Place("fine", PushReport())
    outcomes = await pusher(store, *places).push_all({"hangs": [], "fine": []}, force=True)
    assert outcomes["hangs"].error is not None
    assert not outcomes["fine"].failed


async def test_a_server_may_ask_for_more_time_but_not_for_ever(store: Store) -> None:
    for asked, given in ((300.0, 300.0), (9e9, 3600.0), (1.0, 60.0)):
        place = Place(f"{asked}", UnavailableError("starting", retry_after_s=asked))
        await pusher(store, place).push_all({place.name: []}, force=False)
        state = await store.playlists.backoff(place.name)
        assert state.next_attempt_at == store.clock.now + given


async def test_a_problem_is_a_failure_but_only_a_passing_one_is_retried_soon(store: Store) -> None:
    lasting = Place("lasting", PushReport(problems=("no user 'x'",)))
    passing = Place("passing", PushReport(problems=("500",), retry=True))
    outcomes = await pusher(store, lasting, passing).push_all(
        {"lasting": [], "passing": []}, force=False
    )
    assert all(outcome.failed for outcome in outcomes.values())
    state = await store.playlists.backoff("lasting")
    assert (state.failures, state.last_error) == (0, "no user 'x'")
    assert (await store.playlists.backoff("passing")).failures == 1


async def test_a_push_that_did_nothing_says_nothing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await pusher(store, Place("x", PushReport())).push_all({"x": []}, force=False)
    assert caplog.messages == []
    await pusher(store, Place("x", PushReport(unchanged=1))).push_all({"x": []}, force=False)
    assert len(caplog.messages) == 1


async def test_a_target_that_is_not_named_is_left_alone(store: Store) -> None:
    place = Place("x", PushReport())
    assert await pusher(store, place).push_all({}, force=True) == {}
    assert place.pushes == 0


async def test_the_same_playlists_reach_a_file_and_a_server(store: Store, tmp_path: Path) -> None:
    fake = FakeJellyfin()
    await fake.start()
    alice = fake.add_user("alice")
    ids = await store.add_albums(4, root=str(tmp_path / "music"))
    for keys in await store.tracks.paths_and_ids():
        fake.add_item(keys.path, "x")
    m3u: Target = M3uTarget(tmp_path / "m3u", store.tracks, store.playlists, store.clock)
    jellyfin: JellyfinTarget = make_target(fake, store, alice.token, None)
    wanted = [item("mix", ids)]

    outcomes = await pusher(store, m3u, jellyfin).push_all(
        {"m3u": wanted, "jellyfin": wanted}, force=True
    )

    await jellyfin.close()
    await fake.stop()
    assert not any(outcome.failed for outcome in outcomes.values())
    assert len((tmp_path / "m3u" / "Mix.m3u8").read_text().splitlines()) == 3 + 2 * len(ids)
    assert [len(p.entries) for p in fake.playlists.values()] == [len(ids)]
