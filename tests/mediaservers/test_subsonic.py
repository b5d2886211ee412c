"""Playlists at Subsonic servers of several kinds."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

import pytest
from yarl import URL

from harmonie_daemon.domain.track import TrackId, display_path
from harmonie_daemon.mediaservers.errors import BadTokenError, UnavailableError
from harmonie_daemon.mediaservers.push import PushReport
from harmonie_daemon.mediaservers.subsonic import SubsonicTarget
from harmonie_daemon.mediaservers.subsonic.credentials import Credentials, Login
from harmonie_daemon.store.records import RemoteState
from tests.mediaservers.fake_subsonic import (
    KEY,
    KEYED,
    KINDS,
    NAVIDROME,
    OLD,
    PASSWORD,
    SUPYSONIC,
    USER,
    FakeSubsonic,
    Held,
)
from tests.mediaservers.world import Store, item


@dataclass(slots=True)
class World:
    fake: FakeSubsonic
    store: Store
    target: SubsonicTarget

    async def mirror(self) -> None:
        """Let the server know the same files below its own mount point."""
        for key in await self.store.tracks.paths_and_ids():
            (track,) = await self.store.tracks.get_many([key.id])
            self.fake.add_song(
                f"/data/{display_path(key.relative_path)}",
                title=track.tags.title or "untitled",
                album=track.tags.album or "",
                artist=track.tags.artist or "",
                track=track.tags.track_number or 0,
                duration=round(track.duration_s),
            )

    async def expected(self, ids: Sequence[TrackId]) -> list[str]:
        """Song ids of our tracks."""
        by_path = {song.path: song.id for song in self.fake.songs.values()}
        tracks = await self.store.tracks.get_many(ids)
        return [by_path[f"/data/{track.file.relative_path}"] for track in tracks]

    async def states(self) -> list[RemoteState]:
        return [row.state for row in await self.store.playlists.remotes("subsonic")]


def make_target(
    fake: FakeSubsonic, store: Store, password: str = PASSWORD, *, public: bool = False
) -> SubsonicTarget:
    credentials = Credentials(USER, password, KEY if fake.kind.takes_keys else "")
    return SubsonicTarget(
        fake.url,
        credentials,
        store.tracks,
        store.playlists,
        store.meta,
        store.clock,
        catalogues=store.catalogues,
        public=public,
    )


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
async def world(
    request: pytest.FixtureRequest, store: Store, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[World]:
    """Each test ends with the check that nothing secret is in any line of the log."""
    caplog.set_level(logging.DEBUG)
    fake = FakeSubsonic(replace(request.param))
    await fake.start()
    target = make_target(fake, store)
    yield World(fake, store, target)
    await target.close()
    await fake.stop()
    logged = "\n".join(
        logging.Formatter().format(record)
        for when in ("setup", "call")
        for record in caplog.get_records(when)
    )
    for secret in (PASSWORD, PASSWORD.encode().hex(), KEY):
        assert secret not in logged


async def test_a_playlist_is_made_changed_in_place_kept_and_removed(world: World) -> None:
    ids = await world.store.add_albums(10)
    await world.mirror()
    assert await world.target.push([item("mix", ids[:30])]) == PushReport(created=1)
    first = world.fake.named("Mix")
    assert first.songs == await world.expected(ids[:30])
    assert first.comment.startswith("harmonie:mix@")
    assert not first.public
    assert await world.target.push([item("mix", ids[:30])]) == PushReport(unchanged=1)
    changed = [item("mix", ids[20:50], name="Other mix")]
    assert await world.target.push(changed) == PushReport(updated=1)
    second = world.fake.named("Other mix")
    assert second.id == first.id
    assert second.songs == await world.expected(ids[20:50])
    assert await world.target.push([]) == PushReport(removed=1)
    assert world.fake.playlists == {}
    assert await world.states() == []


async def test_many_songs_pass_in_addresses_that_no_server_refuses(world: World) -> None:
    ids = await world.store.add_albums(60)
    await world.mirror()
    await world.target.push([item("long", ids)])
    assert world.fake.named("Long").songs == await world.expected(ids[:200])
    backwards = list(reversed(ids))
    assert await world.target.push([item("long", backwards)]) == PushReport(updated=1)
    assert world.fake.named("Long").songs == await world.expected(backwards[:200])
    assert world.fake.longest_line < 8000


async def test_only_our_own_playlists_are_touched(world: World) -> None:
    ids = await world.store.add_albums(4)
    await world.mirror()
    songs = await world.expected(ids[:3])
    theirs = Held("77", "Mix", songs=list(songs))
    shared = Held("78", "Other", owner="bob", public=True, songs=list(songs))
    world.fake.playlists |= {"77": theirs, "78": shared}
    await world.target.push([item("mix", ids[5:12])])
    await world.target.push([])
    assert world.fake.playlists == {"77": theirs, "78": shared}
    assert theirs.songs == songs


async def test_a_number_that_was_given_again_is_not_taken_for_ours(world: World) -> None:
    if not world.fake.kind.counts:
        pytest.skip("this kind of server gives no id twice")
    ids = await world.store.add_albums(4)
    await world.mirror()
    await world.target.push([item("mix", ids[:6])])
    number = world.fake.named("Mix").id
    world.fake.playlists = {number: Held(number, "For the road", songs=await world.expected(ids))}
    assert await world.target.push([item("mix", ids[:6])]) == PushReport(created=1)
    assert world.fake.named("For the road").songs == await world.expected(ids)
    await world.target.push([])
    assert [held.name for held in world.fake.playlists.values()] == ["For the road"]


async def test_a_playlist_that_was_deleted_there_is_made_anew(world: World) -> None:
    ids = await world.store.add_albums(4)
    await world.mirror()
    await world.target.push([item("mix", ids[:6])])
    world.fake.playlists.clear()
    assert await world.target.push([item("mix", ids[:6])]) == PushReport(created=1)
    assert world.fake.named("Mix").songs == await world.expected(ids[:6])


async def test_a_playlist_that_was_renamed_there_is_known_by_its_mark(world: World) -> None:
    ids = await world.store.add_albums(4)
    await world.mirror()
    await world.target.push([item("mix", ids[:6])])
    held = world.fake.named("Mix")
    held.name = "my favourite"
    assert await world.target.push([item("mix", ids[3:9])]) == PushReport(updated=1)
    assert world.fake.named("Mix").id == held.id


@pytest.mark.sampled(4)
@pytest.mark.sampled(5)
@pytest.mark.parametrize("method", ["createPlaylist", "updatePlaylist", "getPlaylists", "ping"])
@pytest.mark.parametrize("fault", ["500", "drop", "lose", "garble", "0"])
@pytest.mark.parametrize("when", ["made", "changed"])
async def test_a_fault_loses_nothing_and_doubles_nothing(
    world: World, method: str, fault: str, when: str
) -> None:
    ids = await world.store.add_albums(30)
    await world.mirror()
    if when == "changed":
        await world.target.push([item("mix", ids[:10])])
    before = [held.id for held in world.fake.playlists.values()]
    world.fake.fail(method, fault)
    wanted = [item("mix", ids[5:140], name="Later")]
    try:
        report = await world.target.push(wanted)
    except UnavailableError:
        pass
    else:
        assert report.problems == () or report.retry
    await world.target.close()
    world.fake.faults.clear()
    target = make_target(world.fake, world.store)  # as after a restart
    report = await target.push(wanted)
    await target.close()
    assert report.problems == ()
    held = world.fake.named("Later")
    assert list(world.fake.playlists) == [held.id]
    assert before in ([], [held.id])
    assert held.songs == await world.expected(ids[5:140])
    assert held.comment.startswith("harmonie:mix@")
    assert await world.states() == [RemoteState.CURRENT]


async def test_a_server_that_shows_nothing_for_a_moment_gets_nothing_twice(world: World) -> None:
    ids = await world.store.add_albums(4)
    await world.mirror()
    await world.target.push([item("mix", ids[:6])])
    playlists, songs = world.fake.playlists, world.fake.songs
    world.fake.playlists, world.fake.songs = {}, {}
    report = await world.target.push([item("mix", ids[:6])])
    assert report.retry
    assert world.fake.playlists == {}
    world.fake.playlists, world.fake.songs = playlists, songs
    assert await world.target.push([item("mix", ids[:6])]) == PushReport(unchanged=1)


async def test_playlists_of_other_users_stay_away(world: World) -> None:
    ids = await world.store.add_albums(4)
    await world.mirror()
    wanted = [item("a", ids[:6], users=["bob"]), item("b", ids[:6], users=["bob", "Alice"])]
    assert await world.target.push(wanted) == PushReport(created=1)
    assert [held.name for held in world.fake.playlists.values()] == ["B"]


async def test_tracks_that_the_server_lacks_are_counted_and_the_rest_is_there(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    extra = await world.store.add_albums(2, root="/srv/elsewhere")
    unknown = [await world.store.add("x/y/z.mp3", title="Nowhere", artist="Nobody")]
    report = await world.target.push([item("mix", [*ids[:8], *unknown]), item("none", unknown)])
    assert report.created == 1
    assert report.unmatched == 1
    assert report.problems == ("'None': the server has none of its tracks",)
    assert world.fake.named("Mix").songs == await world.expected(ids[:8])
    assert extra


async def test_a_refused_login_says_what_to_check(world: World) -> None:
    await world.store.add_albums(2)
    await world.mirror()
    if world.fake.kind.takes_keys:
        world.fake.kind.takes_keys = False
    target = make_target(world.fake, world.store, "wrong")
    with pytest.raises(BadTokenError, match="HARMONIE_SUBSONIC_PASSWORD"):
        await target.push([], force=True)
    await target.close()


async def test_what_a_server_repeats_of_our_secrets_is_not_repeated(world: World) -> None:
    ids = await world.store.add_albums(2)
    await world.mirror()
    world.fake.fail("createPlaylist", "50")
    report = await world.target.push([item("mix", ids[:5])])
    assert "refused … …" in report.problems[0]
    assert world.fake.playlists == {}
    assert await world.states() == []


@pytest.mark.parametrize("way", Login)
def test_no_way_to_log_in_is_repeated_with_the_address(way: Login) -> None:
    """A token is good with its salt for whoever reads it."""
    credentials = Credentials("me", "pass word+", "key/with+signs")
    fields = credentials.fields(way)
    address = str(URL("/rest/ping.view").with_query([*fields, ("id", "0" * 32)]))
    repeated = credentials.without_secrets(f"Not Found: {address} {urlencode(fields)}")
    assert repeated.count("…") == 2
    for name, value in fields:
        if name in ("t", "p", "apiKey"):
            assert value not in repeated
            assert quote(value, safe="") not in repeated
    assert f"id={'0' * 32}" in repeated


def test_servers_of_each_kind_are_tried() -> None:
    assert {NAVIDROME.name, SUPYSONIC.name, KEYED.name, OLD.name} == {kind.name for kind in KINDS}


async def test_the_doctor_looks_and_tries(world: World) -> None:
    ids = await world.store.add_albums(6)
    await world.mirror()
    await world.target.push([item("mix", ids)])
    before = {one.id: list(one.songs) for one in world.fake.playlists.values()}
    look, matching = await world.target.examine()
    assert f"takes the login of {USER!r}" in look.said
    assert matching.said == "30 of 30 tracks below /srv/music are known there"
    (trial,) = await world.target.try_out()
    assert trial.said.startswith("a playlist was made, changed and deleted")
    assert {one.id: one.songs for one in world.fake.playlists.values()} == before
    assert await world.target.push([item("mix", ids)]) == PushReport(unchanged=1)


async def test_the_doctor_names_the_setting_of_a_server_that_is_not_there(world: World) -> None:
    await world.fake.stop()
    (found,) = await world.target.examine()
    assert found.said.startswith("cannot reach the Subsonic server")
    assert "HARMONIE_SUBSONIC_URL is its address" in str(found.advice)


async def test_the_doctor_names_the_settings_of_a_wrong_login(world: World) -> None:
    target = make_target(world.fake, world.store, "wrong")
    if world.fake.kind.takes_keys:
        await target.close()
        pytest.skip("it takes the key")
    with pytest.raises(BadTokenError, match="HARMONIE_SUBSONIC_PASSWORD"):
        await target.examine()
    await target.close()


async def test_what_is_for_one_listener_is_not_public_where_the_others_are(world: World) -> None:
    ids = await world.store.add_albums(2)
    await world.mirror()
    target = make_target(world.fake, world.store, public=True)
    hers = item("hers", ids[:3])
    hers = replace(hers, playlist=replace(hers.playlist, user=USER), users=(USER,))
    await target.push([item("mix", ids), hers])
    assert world.fake.named("Mix").public
    assert not world.fake.named("Hers").public
    await target.close()
