import asyncio
import errno
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers import m3u_folder, m3u_format
from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.m3u_files import is_file_of
from harmonie_daemon.mediaservers.m3u_format import LONGEST_STEM_BYTES, safe_stem
from tests.mediaservers.world import Store, item
from tests.scanning.world import wait_until


def target(store: Store, folder: Path) -> M3uTarget:
    return M3uTarget(folder, store.tracks, store.playlists, store.clock)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_playlist_becomes_an_extended_m3u_file_with_relative_paths(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "lists"
    first = await store.add(
        "Björk/Début/01.mp3", root=str(tmp_path / "music"), artist="Björk", title="Human Behaviour"
    )
    second = await store.add("loose.mp3", root=str(tmp_path / "music"), duration_s=61.6)

    report = await target(store, folder).push([item("mix", [second, first], name="Daily Mix")])

    assert report.created == 1
    content = (folder / "Daily Mix.m3u8").read_bytes()
    assert content.decode().split("\n") == [
        "#EXTM3U",
        "#HARMONIE:mix",
        "#PLAYLIST:Daily Mix",
        "#EXTINF:62,loose",
        "../music/loose.mp3",
        "#EXTINF:180,Björk - Human Behaviour",
        "../music/Björk/Début/01.mp3",
        "",
    ]


async def test_nothing_is_written_when_nothing_changed(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    ids = await store.add_albums(1)
    await target(store, folder).push([item("mix", ids)])
    before = (folder / "Mix.m3u8").stat()

    report = await target(store, folder).push([item("mix", ids)])

    assert (report.unchanged, report.updated, report.created) == (1, 0, 0)
    assert (folder / "Mix.m3u8").stat().st_ino == before.st_ino


async def test_a_refresh_replaces_the_file_and_leaves_no_temporary_one(
    store: Store, tmp_path: Path
) -> None:
    ids = await store.add_albums(1)
    await target(store, tmp_path / "lists").push([item("mix", ids)])

    report = await target(store, tmp_path / "lists").push([item("mix", ids[:1])])

    assert report.updated == 1
    assert names(tmp_path / "lists") == ["Mix.m3u8"]
    assert (tmp_path / "lists" / "Mix.m3u8").read_text().count("#EXTINF") == 1


async def test_a_renamed_playlist_gets_a_new_file_and_the_old_one_goes(
    store: Store, tmp_path: Path
) -> None:
    ids = await store.add_albums(1)
    await target(store, tmp_path / "lists").push([item("mix", ids, name="Old")])

    report = await target(store, tmp_path / "lists").push([item("mix", ids, name="New")])

    assert names(tmp_path / "lists") == ["New.m3u8"]
    assert (report.updated, report.removed) == (1, 0)
    assert [row.remote_id for row in await store.playlists.remotes("m3u")] == ["New.m3u8"]


async def test_a_playlist_that_is_no_longer_wanted_is_removed(store: Store, tmp_path: Path) -> None:
    ids = await store.add_albums(1)
    await target(store, tmp_path / "lists").push([item("a", ids), item("b", ids)])

    report = await target(store, tmp_path / "lists").push([item("b", ids)])

    assert report.removed == 1
    assert names(tmp_path / "lists") == ["B.m3u8"]
    assert [row.key for row in await store.playlists.remotes("m3u")] == ["b"]


async def test_a_file_of_someone_else_is_neither_overwritten_nor_removed(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "mix.M3U8").write_text("#EXTM3U\nmine.mp3\n")
    (folder / "Other.m3u8").write_text("mine too")
    ids = await store.add_albums(1)

    await target(store, folder).push([item("mix", ids)])
    assert names(folder) == ["Mix (2).m3u8", "Other.m3u8", "mix.M3U8"]
    await target(store, folder).push([])

    assert names(folder) == ["Other.m3u8", "mix.M3U8"]
    assert (folder / "mix.M3U8").read_text() == "#EXTM3U\nmine.mp3\n"


async def test_a_file_that_someone_put_in_place_of_ours_stays(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    ids = await store.add_albums(1)
    await target(store, folder).push([item("mix", ids)])
    (folder / "Mix.m3u8").write_text("#EXTM3U\nby hand.mp3\n")

    await target(store, folder).push([item("mix", ids[:2])])
    assert names(folder) == ["Mix (2).m3u8", "Mix.m3u8"]
    await target(store, folder).push([])

    assert names(folder) == ["Mix.m3u8"]
    assert "by hand" in (folder / "Mix.m3u8").read_text()


async def test_a_file_that_was_deleted_by_hand_comes_back(store: Store, tmp_path: Path) -> None:
    ids = await store.add_albums(1)
    await target(store, tmp_path / "lists").push([item("mix", ids)])
    (tmp_path / "lists" / "Mix.m3u8").unlink()

    assert (await target(store, tmp_path / "lists").push([item("mix", ids)])).created == 1
    assert names(tmp_path / "lists") == ["Mix.m3u8"]


async def test_two_playlists_of_one_name_keep_their_own_files(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    ids = await store.add_albums(1)
    wanted = [item("a", ids[:1], name="Mix"), item("b", ids[1:2], name="mix?")]
    clash = [*wanted, item("c", ids[2:3], name="MIX")]
    await target(store, folder).push(clash)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(before) == ["MIX (2).m3u8", "Mix.m3u8", "mix_.m3u8"]

    report = await target(store, folder).push(clash[::-1])

    assert report.unchanged == 3
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


async def test_tracks_whose_names_are_not_utf8_are_left_out_with_a_log_line(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad = await store.add(os.fsdecode(b"caf\xe9.mp3"))
    good = await store.add("#1 hit.mp3", root=str(tmp_path / "lists"))
    with caplog.at_level(logging.WARNING):
        report = await target(store, tmp_path / "lists").push([item("mix", [bad, good])])

    lines = (tmp_path / "lists" / "Mix.m3u8").read_text().splitlines()
    assert lines[3:] == ["#EXTINF:180,#1 hit", "./#1 hit.mp3"]
    assert report.unmatched == 1
    assert "caf\ufffd.mp3 is left out" in caplog.text


async def test_a_file_that_is_left_out_is_named_once_and_on_one_line(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad = await store.add("two\nlines\x1b[31m.mp3")
    place = target(store, tmp_path / "lists")
    for wanted in ([item("mix", [bad])], [item("mix", [bad]), item("other", [bad])]):
        assert (await place.push(wanted)).unmatched == 1
    assert caplog.messages == [
        r"/srv/music/two\nlines\x1b[31m.mp3 is left out of 'Mix': "
        "its name is not UTF-8 or has a line break"
    ]


async def test_a_push_waits_for_the_file_that_a_broken_off_one_is_still_writing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await store.add_albums(2)
    place = target(store, tmp_path / "lists")
    syncs: list[int] = []
    go_on = threading.Event()

    def slow_disk(descriptor: int) -> None:
        syncs.append(descriptor)
        if len(syncs) == 1:
            go_on.wait(10)

    monkeypatch.setattr(os, "fsync", slow_disk)
    broken = asyncio.create_task(place.push([item("mix", ids[:1])]))
    await wait_until(lambda: syncs)
    broken.cancel()
    await asyncio.wait([broken], timeout=1)
    assert broken.cancelled()
    following = asyncio.create_task(place.push([item("mix", ids)]))
    ended, _ = await asyncio.wait([following], timeout=0.2)
    assert not ended
    go_on.set()
    await following
    assert (tmp_path / "lists" / "Mix.m3u8").read_text().count("#EXTINF") == len(ids)
    assert names(tmp_path / "lists") == ["Mix.m3u8"]


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_circle(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("make", [a_pipe, Path.mkdir, a_circle])
async def test_what_cannot_be_read_in_the_place_of_a_file_keeps_no_other_from_being_written(
    store: Store, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    ids, folder = await store.add_albums(1), tmp_path / "lists"
    place = target(store, folder)
    await place.push([item("mix", ids)])
    (folder / "Mix.m3u8").unlink()
    make(folder / "Mix.m3u8")

    async with asyncio.timeout(10):
        report = await place.push([item("mix", ids), item("other", ids, name="Other")])

    assert (report.problems, report.created) == ((), 2)
    assert names(folder) == ["Mix (2).m3u8", "Mix.m3u8", "Other.m3u8"]


async def test_a_file_that_may_not_be_read_keeps_no_other_from_being_written(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of somebody who edited it as root."""
    ids, folder = await store.add_albums(1), tmp_path / "lists"
    place = target(store, folder)
    await place.push([item("mix", ids)])
    deny(monkeypatch, folder / "Mix.m3u8", enterable=True)
    await place.push([item("mix", ids), item("other", ids, name="Other")])
    assert names(folder) == ["Mix (2).m3u8", "Mix.m3u8", "Other.m3u8"]


async def test_a_folder_that_may_not_be_entered_has_lost_no_playlist(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, folder = await store.add_albums(1), tmp_path / "lists"
    place = target(store, folder)
    await place.push([item("mix", ids)])
    with monkeypatch.context() as while_it_lasts:
        deny(while_it_lasts, folder / "Mix.m3u8", enterable=False)
        with pytest.raises(MediaServerError, match="Permission"):
            await place.push([])
    assert (await place.push([])).removed == 1
    assert names(folder) == []


@pytest.mark.parametrize("make", [a_pipe, lambda path: path.symlink_to("../precious")])
async def test_what_lies_in_the_place_of_the_temporary_file_is_not_written_into(
    store: Store, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    ids, folder = await store.add_albums(1), tmp_path / "lists"
    (tmp_path / "precious").write_text("mine")
    folder.mkdir()
    make(folder / ".harmonie-playlist.tmp")

    async with asyncio.timeout(10):
        await target(store, folder).push([item("mix", ids)])

    assert (tmp_path / "precious").read_text() == "mine"
    assert names(folder) == ["Mix.m3u8"]


async def test_a_name_that_the_file_system_does_not_take_keeps_no_other_from_being_written(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an encrypted folder, which takes 143 bytes."""
    monkeypatch.setattr(m3u_format, "LONGEST_STEM_BYTES", 400)
    ids, place = await store.add_albums(1), target(store, tmp_path / "lists")

    for _ in range(2):
        report = await place.push([item("mix", ids, name="x" * 300), item("other", ids)])
        (problem,) = report.problems
        assert "the file system takes no file of this name (File name too long)" in problem

    assert names(tmp_path / "lists") == ["Other.m3u8"]
    assert report.unchanged == 1


async def test_a_folder_that_hangs_keeps_one_thread_however_often_it_is_asked(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a dead network share; the other threads are needed for all else that blocks."""
    ids, place = await store.add_albums(1), target(store, tmp_path / "lists")
    await place.push([item("mix", ids)])
    calls: list[Path] = []
    go_on = threading.Event()

    def hang(path: Path, key: str) -> bool:
        calls.append(path)
        go_on.wait(10)
        return is_file_of(path, key)

    monkeypatch.setattr(m3u_folder, "is_file_of", hang)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await place.push([item("mix", ids)])
    assert len(calls) == 1
    go_on.set()
    assert (await place.push([item("mix", ids)])).unchanged == 1


def deny(monkeypatch: pytest.MonkeyPatch, *denied: Path, enterable: bool) -> None:
    """What may be opened by somebody else alone; root, as whom tests may run, may open anything."""
    really = os.open

    def opened(path: Path, flags: int, *more: int) -> int:
        if path in denied:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return really(path, flags, *more)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "access", lambda *_, **__: enterable)


@pytest.mark.parametrize("renamed", [False, True], ids=["made", "renamed"])
async def test_a_file_is_remembered_before_it_is_written(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: bool
) -> None:
    """Else one that is written as the process ends would belong to nobody for ever."""
    ids = await store.add_albums(1)
    if renamed:
        await target(store, tmp_path / "lists").push([item("mix", ids, name="Old")])
    written = threading.Event()
    go_on = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _: (written.set(), go_on.wait(10)))
    dying = target(store, tmp_path / "lists")
    pushing = asyncio.create_task(dying.push([item("mix", ids, name="New")]))
    await wait_until(written.is_set)
    pushing.cancel()
    await asyncio.wait([pushing])
    go_on.set()
    await wait_until(lambda: "New.m3u8" in names(tmp_path / "lists"))

    await target(store, tmp_path / "lists").push([])

    assert names(tmp_path / "lists") == []
    assert await store.playlists.remotes("m3u") == []


async def test_a_folder_that_cannot_be_written_is_a_readable_error(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MediaServerError, match=r"cannot write playlists to .*file/l\ufffd"):
        await target(store, tmp_path / "file" / "l\udcff").push([item("mix", [])])


@given(st.text(st.characters(codec=None)))
def test_every_name_becomes_a_file_name_that_every_file_system_accepts(name: str) -> None:
    stem = safe_stem(name)
    assert 0 < len(stem.encode()) <= LONGEST_STEM_BYTES + 1
    assert not set(stem) & set('<>:"/\\|?*\0\n')
    assert not stem.startswith(".")
    assert not stem.endswith((".", " "))
    assert safe_stem(name) == stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [("AC/DC", "AC_DC"), ("..", "playlist"), ("con", "_con"), ("Mix.", "Mix"), ("a\nb", "a_b")],
)
def test_what_names_become(name: str, stem: str) -> None:
    assert safe_stem(name) == stem
