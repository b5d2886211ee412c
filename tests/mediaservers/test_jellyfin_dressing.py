"""Tags and covers of our playlists at Jellyfin: given, given again, and never a reason to fail."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.covers import Cover, Glyph
from harmonie_daemon.mediaservers.covers.studio import CoverStudio
from harmonie_daemon.mediaservers.jellyfin.marks import TagMarks
from harmonie_daemon.mediaservers.push import PushItem, PushReport
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.records import RemotePlaylist
from harmonie_daemon.store.vectors import Vectors
from tests.mediaservers.fake_faults import Fault
from tests.mediaservers.fake_jellyfin import FakeJellyfin
from tests.mediaservers.fake_looks import FakeImage, FakeLooks
from tests.mediaservers.jellyfin_world import World, make_target
from tests.mediaservers.world import Store, item

DRAWN: dict[str, Cover] = {}
"""By any test: what they ask for is mostly the same."""
IMAGES = "/Items/[^/]+/Images/.*"


@dataclass(slots=True)
class Dressed(World):
    """A world whose target draws covers; its credential may set them."""

    studio: CoverStudio
    ids: Sequence[TrackId] = ()

    @property
    def looks(self) -> FakeLooks:
        """Of the playlist ``Mix``."""
        return self.named("Mix").looks

    @property
    def token(self) -> str:
        return self.fake.api_key if self.uses_key else self.me.token

    def uploads(self) -> int:
        return len(self.fake.seen("POST", IMAGES))

    async def push(self, *wanted: PushItem) -> PushReport:
        return await self.target.push(wanted or [item("mix", self.ids[:6])])


@pytest.fixture(params=["key", "administrator"])
async def world(
    request: pytest.FixtureRequest, fake: FakeJellyfin, store: Store
) -> AsyncIterator[Dressed]:
    uses_key = request.param == "key"
    me = fake.add_user("alice", admin=not uses_key)
    studio = CoverStudio(Vectors(store.database), drawn_before=DRAWN)
    token = fake.api_key if uses_key else me.token
    target = make_target(fake, store, token, "alice", studio=studio)
    world = Dressed(fake, store, target, me, uses_key, studio)
    world.ids = await store.add_albums(4)
    await world.mirror()
    yield world
    await world.target.close()
    studio.close()


async def marks_of(store: Store) -> TagMarks:
    return TagMarks(await store.meta.device_id())


def is_picture(image: FakeImage, size: tuple[int, int]) -> bool:
    with Image.open(io.BytesIO(image.content)) as picture:
        return (picture.size, image.media_type) == (size, "image/jpeg")


async def test_a_new_playlist_gets_a_tag_a_cover_and_a_backdrop(world: Dressed) -> None:
    before = dict(FakeLooks().edited)
    assert await world.push() == PushReport(created=1)
    assert world.looks.primary is not None
    assert is_picture(world.looks.primary, (1024, 1024))
    assert [is_picture(one, (1920, 1080)) for one in world.looks.backdrops] == [True]
    marks = await marks_of(world.store)
    assert tuple(world.looks.tags) == marks.tags("mix")
    assert world.looks.tags[0] == "harmonie:mix"
    assert world.looks.edited == before
    assert not world.looks.locked


async def test_what_has_not_changed_is_not_drawn_asked_for_or_sent_again(world: Dressed) -> None:
    DRAWN.clear()
    await world.push()
    asked, drawn = len(world.fake.requests), world.studio.drawn
    assert await world.push() == PushReport(unchanged=1)
    assert world.studio.drawn == drawn == 1
    again = world.fake.requests[asked:]
    assert {request.method for request in again} == {"GET"}
    assert len([one for one in again if one.path == "/Items"]) <= 2, "the look is all"
    await world.target.close()
    studio = CoverStudio(Vectors(world.store.database))
    world.target = make_target(world.fake, world.store, world.token, "alice", studio=studio)
    assert await world.push() == PushReport(unchanged=1)
    assert studio.drawn == 0, "a new process knows what is there"
    studio.close()


async def test_another_title_or_other_tracks_make_another_cover(world: Dressed) -> None:
    await world.push()
    first = world.looks.primary
    await world.push(item("mix", world.ids[:6], name="Other"))
    (renamed,) = world.fake.playlists.values()
    assert renamed.looks.primary not in (first, None)
    assert len(renamed.looks.backdrops) == 1, "the old one went"


async def test_images_that_the_server_lost_or_replaced_are_given_again(world: Dressed) -> None:
    DRAWN.clear()
    await world.push()
    cover, backdrop = world.looks.primary, list(world.looks.backdrops)
    mosaic = FakeImage(b"\x89PNG\r\nmosaic", "image/png")
    for primary, backdrops in ((None, []), (mosaic, backdrop), (cover, []), (cover, [mosaic] * 3)):
        world.looks.primary, world.looks.backdrops = primary, list(backdrops)
        assert await world.push() == PushReport(unchanged=1)
        assert (world.looks.primary, world.looks.backdrops) == (cover, backdrop)
    assert world.studio.drawn == 1, "the pictures were remembered"


async def test_what_is_on_repeat_has_a_sign(store: Store) -> None:
    studio = CoverStudio(Vectors(store.database), repeating={"On Repeat"})
    plain, repeated = (
        SavedPlaylist("x", recipe, "Anna's list", (), 0.0) for recipe in ("Mix", "On Repeat")
    )
    assert (await studio.request(plain)).glyph is Glyph.NONE
    assert (await studio.request(repeated)).glyph is Glyph.LOOP
    studio.close()


async def test_a_person_who_edits_a_playlist_loses_nothing_by_our_tag(world: Dressed) -> None:
    await world.push()
    looks = world.looks
    looks.edited["Overview"], looks.locked, looks.tags = "By hand", True, ["evening"]
    edited: dict[str, Any] = dict(looks.edited)
    await world.push()
    assert looks.tags == ["evening", *(await marks_of(world.store)).tags("mix")]
    assert (looks.edited, looks.locked) == (edited, True)


async def test_a_plain_user_gets_neither_and_nothing_is_tried(
    fake: FakeJellyfin, store: Store
) -> None:
    alice = fake.add_user("alice")
    studio = CoverStudio(Vectors(store.database))
    target = make_target(fake, store, alice.token, None, studio=studio)
    world = Dressed(fake, store, target, alice, False, studio, await store.add_albums(2))
    await world.mirror()
    for _ in range(2):
        await world.push()
    assert fake.seen("POST", "/Items/.*") == []
    assert studio.drawn == 0
    await target.close()
    studio.close()


async def test_covers_can_be_left_out(world: Dressed) -> None:
    target = make_target(world.fake, world.store, world.token, "alice")
    await target.push([item("mix", world.ids[:6])])
    await target.close()
    assert world.uploads() == 0
    assert world.looks.tags != []


@pytest.mark.sampled(4)
@pytest.mark.parametrize("status", [401, 403, 404, 503, None])
@pytest.mark.parametrize("path", ["/Items/[^/]+/Images/.*", "/Items/[0-9a-f]+"])
async def test_images_and_tags_that_fail_are_no_failure_and_come_later(
    world: Dressed, path: str, status: int | None
) -> None:
    """A 404 on an image says nothing about the playlist: it is neither made anew nor removed."""
    fault = Fault("POST", path, status=status, times=99)
    world.fake.faults.armed = [fault]
    report = await world.push()
    assert fault.hit
    assert (report.created, report.problems) == (1, ())
    assert report.retry == (status in (503, None))
    remote = world.named("Mix").id

    world.fake.faults.armed = []
    assert await world.push() == PushReport(unchanged=1)

    assert [*world.fake.playlists] == [remote]
    assert world.looks.primary is not None
    assert len(world.looks.backdrops) == 1
    assert len(world.looks.tags) == 2


async def test_what_one_image_lacks_the_others_have(world: Dressed) -> None:
    """A 404 is of one image; a refusal would be of all."""
    wanted = [item("a", world.ids[:3]), item("b", world.ids[3:6])]
    world.fake.faults.armed = [Fault("POST", IMAGES, status=404)]
    assert await world.push(*wanted) == PushReport(created=2)
    assert [one.looks.primary is None for one in world.fake.playlists.values()] == [True, False]


async def test_a_cover_that_cannot_be_thought_of_is_no_failure(
    world: Dressed, tmp_path: Path
) -> None:
    broken = await Database.open(tmp_path / "another.db")
    await broken.close()
    studio = CoverStudio(Vectors(broken))
    target = make_target(world.fake, world.store, world.token, "alice", studio=studio)
    report = await target.push([item("mix", world.ids[:6])])
    assert (report.created, report.problems, report.retry) == (1, (), True)
    await target.close()
    studio.close()


async def test_an_installation_knows_its_playlists_by_their_tag(world: Dressed) -> None:
    """Our table is lost with the disk; the name and the contents at the server are others."""
    await world.push()
    playlist = world.named("Mix")
    playlist.name, playlist.entries = "Named by hand", playlist.entries[:2]
    (row,) = await world.store.playlists.remotes("jellyfin")
    await world.store.playlists.forget_remote(row)
    gone = type(row)("jellyfin", "mix", row.user, "f" * 32, "Mix", row.content_hash, 0.0)
    await world.store.playlists.save_remote(gone)

    report = await world.push()

    assert [*world.fake.playlists] == (
        [playlist.id] if world.keeps_ids else [world.named("Mix").id]
    )
    assert report == PushReport(updated=1)
    assert world.named("Mix").entries == await world.expected(world.ids[:6])


async def test_another_installations_playlists_are_not_taken_for_ours(world: Dressed) -> None:
    theirs = world.fake.add_playlist(world.me, "Mix", await world.expected(world.ids[:3]))
    theirs.looks.tags = list(TagMarks("another-device").tags("mix"))
    gone = ("jellyfin", "mix", world.me.id, "f" * 32, "Mix", "", 0.0)
    await world.store.playlists.save_remote(RemotePlaylist(*gone))

    assert await world.push() == PushReport(created=1)

    assert world.fake.playlists[theirs.id].entries == await world.expected(world.ids[:3])
    assert len(world.fake.playlists) == 2
    assert await world.target.push([]) == PushReport(removed=1)
    assert [*world.fake.playlists] == [theirs.id]


async def test_each_user_has_their_own_of_one_tag(fake: FakeJellyfin, store: Store) -> None:
    """With an API key two users have playlists of one key, and the server shows both to each."""
    alice, bob = fake.add_user("alice"), fake.add_user("bob")
    fake.state.leaks_private_playlists = True
    target = make_target(fake, store, fake.api_key, "alice")
    world = World(fake, store, target, alice, True)
    ids = await store.add_albums(2)
    await world.mirror()
    wanted = [item("mix", ids, users=["alice", "bob"])]
    await target.push(wanted)
    of_bob = next(one for one in fake.playlists.values() if one.owner == bob.id)
    del fake.playlists[of_bob.id]

    report = await target.push(wanted)

    assert (report.created, report.unchanged) == (1, 1)
    assert sorted(one.owner for one in fake.playlists.values()) == sorted([alice.id, bob.id])
    await target.close()


async def test_a_trial_tells_whether_covers_are_kept(world: Dressed) -> None:
    await world.push()
    before = list(world.fake.playlists)
    said = [one.said for one in await world.target.try_out()]
    assert "a cover was drawn, and is shown there" in said
    assert list(world.fake.playlists) == before
    world.fake.faults.armed = [Fault("POST", IMAGES, status=500, times=99)]
    said = [one.said for one in await world.target.try_out()]
    assert "a cover is not kept there" in said
    assert list(world.fake.playlists) == before
