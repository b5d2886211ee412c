"""A push that is only planned: what it says, and that nothing is changed anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.planning import PlannedChange, TargetPlan
from harmonie_daemon.mediaservers.push import Pusher, PushItem, PushReport, Target
from harmonie_daemon.mediaservers.subsonic import SubsonicTarget
from harmonie_daemon.mediaservers.subsonic.credentials import Credentials
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_subsonic import NAVIDROME, PASSWORD, USER, FakeSubsonic
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.world import Store, item


async def planned(target: Target, wanted: Sequence[PushItem], store: Store) -> TargetPlan:
    """The plan, after which our own table is as it was before."""
    rows = await store.playlists.remotes(target.name)
    plan = await target.plan(wanted)
    assert await store.playlists.remotes(target.name) == rows
    return plan


async def test_a_plan_says_what_the_push_then_does_and_only_reads(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    late = await world.store.add("late/one.mp3", title="Late")
    bob = world.fake.add_user("bob")
    await world.target.push(
        [item("stays", ids[:4]), item("grows", ids[:5]), item("named", ids[:3], name="Old"),
         item("turned", ids[:3]), item("goes", ids[:2])]
    )  # fmt: skip
    wanted = [
        item("stays", ids[:4]),
        item("grows", [*ids[2:9], late]),
        item("named", ids[:3], name="New", users=["alice"] if world.uses_key else ["alice", "bob"]),
        item("turned", [ids[2], ids[0], ids[1]]),
        item("comes", ids[:7]),
        item("nobody", ids[:3], users=["nobody"]),
    ]
    before = len(world.fake.requests)
    plan = await planned(world.target, wanted, world.store)

    whose = {"user": "alice"}
    by_key = {change.key: change for change in plan.changes}
    assert by_key["stays"] == PlannedChange("stays", "Stays", "alice", "unchanged")
    assert by_key["grows"] == PlannedChange(
        "grows", "Grows", "alice", "updated", added=4, removed=2
    )
    assert by_key["named"] == PlannedChange(
        "named", "New", **whose, change="updated", former_name="Old", reshared=not world.uses_key
    )
    assert by_key["turned"] == PlannedChange("turned", "Turned", "alice", "updated", reordered=True)
    assert by_key["comes"] == PlannedChange("comes", "Comes", "alice", "created", added=7)
    assert by_key["goes"] == PlannedChange("goes", "Goes", "alice", "removed", removed=2)
    assert plan.problems == ("Jellyfin has no user 'nobody'",)
    assert plan.unmatched == 1
    assert {request.method for request in world.fake.requests[before:]} == {"GET"}
    assert bob.id

    report = await world.target.push(wanted)
    counts = [change.change for change in plan.changes]
    assert (report.created, report.updated, report.unchanged, report.removed) == tuple(
        counts.count(one)
        for one in ("created", "updated", "unchanged", "removed")  # type: ignore[arg-type]
    )
    assert (report.unmatched, report.problems) == (plan.unmatched, plan.problems)
    again = await planned(world.target, wanted, world.store)
    assert {change.change for change in again.changes} == {"unchanged"}


async def test_what_is_in_doubt_is_read_for_a_plan(world: World) -> None:
    """A change that broke off, and a playlist that somebody deleted."""
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids[:10]), item("gone", ids[:3])])
    world.fake.faults.armed = [Fault("POST|DELETE", ".*", times=99)]
    await world.target.push([item("mix", ids[5:15]), item("gone", ids[:3])])
    world.fake.faults.armed = []
    del world.fake.playlists[world.named("Gone").id]
    before = len(world.fake.requests)

    plan = await planned(world.target, [item("mix", ids[5:15]), item("gone", ids[:3])], world.store)

    changes = {change.key: (change.change, change.added, change.removed) for change in plan.changes}
    mix = ("updated", 5, 5) if world.keeps_ids else ("created", 10, 0)
    assert changes == {"mix": mix, "gone": ("created", 3, 0)}
    assert {request.method for request in world.fake.requests[before:]} == {"GET"}


async def test_a_plan_is_in_words_when_the_server_cannot_be_asked(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    wrong = make_target(world.fake, world.store, "sekrit-token", "alice")
    outcomes = await Pusher([wrong], world.store.playlists, world.store.clock).plan_all(
        {"jellyfin": [item("mix", ids)]}, within_s=10
    )
    await wrong.close()
    assert outcomes["jellyfin"].error == (
        "Jellyfin does not accept the token (401 to GET /Users/Me); check HARMONIE_JELLYFIN_TOKEN"
    )
    assert outcomes["jellyfin"].failed
    assert (await world.store.playlists.backoff("jellyfin")).failures == 0


async def test_files_are_planned_without_being_written(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "playlists"
    ids = await store.add_albums(2)
    target = M3uTarget(folder, store.tracks, store.playlists, store.clock)
    plan = await planned(target, [item("mix", ids[:6])], store)
    assert plan.changes == (PlannedChange("mix", "Mix", "", "created", added=6),)
    assert not folder.exists()

    await target.push([item("mix", ids[:6]), item("goes", ids[:3])])
    written = {file.name: file.read_bytes() for file in folder.iterdir()}
    plan = await planned(target, [item("mix", ids[1:8], name="New")], store)

    assert plan.changes == (
        PlannedChange("mix", "New", "", "updated", added=2, removed=1, former_name="Mix"),
        PlannedChange("goes", "Goes", "", "removed", removed=3),
    )
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == written


async def test_a_subsonic_server_is_planned_for_by_reading(store: Store) -> None:
    fake = FakeSubsonic(NAVIDROME)
    await fake.start()
    ids = await store.add_albums(4)
    for one in await store.tracks.get_many(ids):
        path, tags = one.file.relative_path, one.tags
        fake.add_song(
            path, title=tags.title, album=tags.album, artist=tags.artist, track=1, duration=180
        )
    target = SubsonicTarget(
        fake.url, Credentials(USER, PASSWORD, ""), store.tracks, store.playlists, store.meta,
        store.clock, catalogues=store.catalogues, most_tracks=8,
    )  # fmt: skip
    await target.push([item("mix", ids[:5]), item("goes", ids[:3])])
    fake.requests.clear()

    plan = await planned(target, [item("mix", ids[2:]), item("comes", ids[:2])], store)

    assert plan.changes == (
        PlannedChange("mix", "Mix", USER, "updated", added=5, removed=2),
        PlannedChange("comes", "Comes", USER, "created", added=2),
        PlannedChange("goes", "Goes", USER, "removed", removed=3),
    )
    assert set(fake.requests) <= {"ping", "search3", "getPlaylists", "getPlaylist"}
    assert (await target.push([item("mix", ids)])) == PushReport(updated=1, removed=1)
    assert len(fake.named("Mix").songs) == 8
    await target.close()
    await fake.stop()


async def test_a_server_gets_the_first_tracks_of_a_long_playlist(world: World) -> None:
    ids = await world.store.add_albums(50)
    elsewhere = await world.store.add("elsewhere/x.mp3")
    await world.mirror()
    world.fake.state.items = {
        key: one for key, one in world.fake.state.items.items() if "elsewhere" not in one.path
    }
    report = await world.target.push([item("mix", [elsewhere, *ids])])
    assert world.named("Mix").entries == await world.expected(ids[:200])
    assert report == PushReport(created=1, unmatched=1)
