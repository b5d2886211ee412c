"""Who may read the files, what they are called, and where they say the music is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from harmonie_daemon.mediaservers.m3u import M3uTarget
from harmonie_daemon.mediaservers.m3u_format import PLAIN, M3uStyle
from harmonie_daemon.mediaservers.push import PushReport
from tests.mediaservers.world import Store, item


@pytest.fixture
def _umask_of_the_service() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def target(
    store: Store, folder: Path, style: M3uStyle = PLAIN, *, is_ours: bool = False
) -> M3uTarget:
    return M3uTarget(
        folder, store.tracks, store.playlists, store.clock, style=style, is_ours=is_ours
    )


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def lines(store: Store, folder: Path, style: M3uStyle, *paths: str) -> list[str]:
    """The entries of a playlist of files below /srv/music."""
    ids = [await store.add(path) for path in paths]
    await target(store, folder, style).push([item("mix", ids)])
    text = (folder / "Mix.m3u8").read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.usefixtures("_umask_of_the_service")
async def test_everybody_may_read_what_is_made_whatever_the_umask(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "lists" / "mine"
    ids = await store.add_albums(1)
    await target(store, folder).push([item("mix", ids)])
    assert (mode(folder / "Mix.m3u8"), mode(folder), mode(folder.parent)) == (0o644, 0o755, 0o755)
    await target(store, folder).push([item("mix", ids[:1])])
    assert mode(folder / "Mix.m3u8") == 0o644


@pytest.mark.parametrize(
    ("file_mode", "folder_mode"), [(0o664, 0o775), (0o640, 0o750), (0o600, 0o700)]
)
async def test_a_setting_lets_more_or_fewer_read_them(
    store: Store, tmp_path: Path, file_mode: int, folder_mode: int
) -> None:
    ids = await store.add_albums(1)
    await target(store, tmp_path / "a", M3uStyle(file_mode=file_mode)).push([item("mix", ids)])
    assert mode(tmp_path / "a" / "Mix.m3u8") == file_mode
    assert mode(tmp_path / "a") == folder_mode


async def test_files_and_folder_of_an_earlier_version_become_readable(
    store: Store, tmp_path: Path
) -> None:
    ids = await store.add_albums(1)
    place = target(store, tmp_path / "playlists", is_ours=True)
    await place.push([item("mix", ids)])
    (tmp_path / "playlists" / "Mix.m3u8").chmod(0o640)
    (tmp_path / "playlists").chmod(0o750)

    assert await place.push([item("mix", ids)]) == PushReport(unchanged=1)

    assert mode(tmp_path / "playlists" / "Mix.m3u8") == 0o644
    assert mode(tmp_path / "playlists") == 0o755


async def test_a_folder_that_the_user_chose_and_files_of_others_keep_their_permissions(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "lists"
    folder.mkdir(mode=0o700)
    (folder / "Own.m3u8").write_text("mine")
    (folder / "Own.m3u8").chmod(0o600)
    await target(store, folder).push([item("mix", await store.add_albums(1))])
    assert (mode(folder), mode(folder / "Own.m3u8")) == (0o700, 0o600)


async def test_the_files_of_the_former_ending_go_when_it_changes(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "lists"
    ids = await store.add_albums(1)
    wanted = [item("mix", ids), item("other", ids)]
    await target(store, folder).push(wanted)
    (folder / "Own.m3u8").write_text("mine")
    for extension, others in (("m3u", ["Own.m3u8"]), ("m3u8", ["Own.m3u8"])):
        style = M3uStyle(extension=extension)  # type: ignore[arg-type]
        report = await target(store, folder, style).push(wanted)
        assert report == PushReport(updated=2)
        assert names(folder) == sorted([f"Mix.{extension}", f"Other.{extension}", *others])
        assert await target(store, folder, style).push(wanted) == PushReport(unchanged=2)
    assert [row.state for row in await store.playlists.remotes("m3u")] == ["current"] * 2


async def test_a_file_of_the_former_ending_that_somebody_made_their_own_stays(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "lists"
    wanted = [item("mix", await store.add_albums(1))]
    await target(store, folder).push(wanted)
    (folder / "Mix.m3u8").write_text("#EXTM3U\nby hand.mp3\n")
    await target(store, folder, M3uStyle(extension="m3u")).push(wanted)
    assert names(folder) == ["Mix.m3u", "Mix.m3u8"]


@pytest.mark.parametrize(
    ("mappings", "expected"),
    [
        ((), ["../../srv/music/A/1.mp3", "../../srv/music/A/B/2.mp3"]),
        ((("/srv/music", ""),), ["A/1.mp3", "A/B/2.mp3"]),
        ((("/srv/music/", "/nas/music/"),), ["/nas/music/A/1.mp3", "/nas/music/A/B/2.mp3"]),
        ((("/srv", "smb://nas"),), ["smb://nas/music/A/1.mp3", "smb://nas/music/A/B/2.mp3"]),
        ((("/", "/host"),), ["/host/srv/music/A/1.mp3", "/host/srv/music/A/B/2.mp3"]),
        ((("/srv/music", "M:\\"),), ["M:\\A\\1.mp3", "M:\\A\\B\\2.mp3"]),
        ((("/srv/music", "/"), ("/srv/music/A/B", "/b")), ["/A/1.mp3", "/b/2.mp3"]),
        ((("/srv/mus", "/x"),), ["../../srv/music/A/1.mp3", "../../srv/music/A/B/2.mp3"]),
    ],
)
async def test_paths_are_as_the_player_sees_them(
    store: Store, mappings: tuple[tuple[str, str], ...], expected: list[str], tmp_path: Path
) -> None:
    entries = await lines(
        store, tmp_path / "lists", M3uStyle(mappings=mappings), "A/1.mp3", "A/B/2.mp3"
    )
    up = os.path.relpath("/srv/music", tmp_path / "lists")
    assert entries == [entry.replace("../../srv/music", up) for entry in expected]


async def test_paths_from_the_root_on_where_no_mapping_changes_them(
    store: Store, tmp_path: Path
) -> None:
    style = M3uStyle(absolute=True, mappings=(("/srv/music/A", "M:\\"),))
    entries = await lines(store, tmp_path / "lists", style, "A/1.mp3", "B/2.mp3", "#3.mp3")
    assert entries == ["M:\\1.mp3", "/srv/music/B/2.mp3", "/srv/music/#3.mp3"]


async def test_folders_of_two_players_do_not_know_each_other(store: Store, tmp_path: Path) -> None:
    ids = await store.add_albums(1)
    first = target(store, tmp_path / "one")
    second = M3uTarget(
        tmp_path / "two", store.tracks, store.playlists, store.clock,
        style=M3uStyle("m3u"), player="kodi",
    )  # fmt: skip
    for place in (first, second):
        assert (await place.push([item("mix", ids)])).created == 1
    assert (first.name, second.name) == ("m3u", "m3u:kodi")
    assert (await first.push([])).removed == 1
    assert (names(tmp_path / "one"), names(tmp_path / "two")) == ([], ["Mix.m3u"])
    assert (await second.push([item("mix", ids)])).unchanged == 1


async def test_a_path_below_the_players_root_is_no_comment(store: Store, tmp_path: Path) -> None:
    style = M3uStyle(mappings=(("/srv/music", ""),))
    assert await lines(store, tmp_path / "lists", style, "#1.mp3") == ["./#1.mp3"]


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\x85", "\u2028", "\x0b", "\0"])
async def test_a_line_break_in_a_title_makes_no_line(
    store: Store, tmp_path: Path, line_break: str
) -> None:
    evil = f"x{line_break}/etc/passwd{line_break}#EXTINF:1,y"
    track = await store.add("a.mp3", title=evil, artist=evil)

    await target(store, tmp_path / "lists").push([item("mix", [track], name=f"Mix{evil}")])

    (file,) = (tmp_path / "lists").iterdir()
    text = file.read_bytes().decode()
    assert len(text.splitlines()) == 5
    assert text.count("/etc/passwd") == 3
