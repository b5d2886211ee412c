"""What a walk finds, and what it means for what we know."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.domain.errors import ConfigurationError
from harmonie_daemon.domain.track import AudioFile, TrackId
from harmonie_daemon.library.access import reason, trouble_reading
from harmonie_daemon.library.scanner import Classification, KnownFile, Walk, classify, walk

NOBODY = 65534


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder to work in as a user who may not read everything."""
    user = os.geteuid()
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        if user == 0:
            os.seteuid(NOBODY)
        try:
            (Path(folder) / "root").mkdir()
            yield Path(folder) / "root"
        finally:
            os.seteuid(user)


def put(path: Path, content: bytes = b"sound", mtime: float | None = None) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return str(path)


def paths(found: Walk) -> set[str]:
    return {file.path for file in found.files}


def known(*files: AudioFile) -> list[KnownFile]:
    return [KnownFile(TrackId(number), file) for number, file in enumerate(files, 1)]


def missing(found: Walk, rows: list[KnownFile]) -> set[str]:
    return {row.file.path for row in classify(found, rows).missing}


def test_audio_is_found_by_its_ending_newest_first(tmp_path: Path) -> None:
    old = put(tmp_path / "a" / "old.FLAC", mtime=1000)
    new = put(tmp_path / "b" / "new.mp3", mtime=2000)
    empty = put(tmp_path / "empty.ogg", b"", mtime=1500)
    put(tmp_path / "cover.jpg")
    os.mkfifo(tmp_path / "pipe.mp3")
    found = walk([str(tmp_path)])
    assert [file.path for file in found.files] == [new, empty, old]
    assert found.files[2] == AudioFile(str(tmp_path), "a/old.FLAC", 5, 1000 * 10**9)
    assert found.covered == (str(tmp_path),)
    assert found.missing_roots == found.uncovered == found.empty_roots == ()


def test_a_folder_named_like_a_song_is_walked(tmp_path: Path) -> None:
    song = put(tmp_path / "album.mp3" / "x.mp3")
    assert paths(walk([str(tmp_path)])) == {song}


def test_hidden_and_system_folders_are_left_out(tmp_path: Path) -> None:
    kept = put(tmp_path / "kept.mp3")
    for name in (".trash/x.mp3", "._kept.mp3", "#recycle/x.mp3", "@eaDir/x.mp3", "a/.b/c/x.mp3"):
        put(tmp_path / name)
    assert paths(walk([str(tmp_path)])) == {kept}


@pytest.mark.parametrize(
    ("pattern", "left_out"),
    [
        ("*.wav", {"top.wav", "Books/deep/three.wav"}),
        ("Books", {"Books/one.mp3", "Books/deep/two.mp3", "Books/deep/three.wav"}),
        ("Books/", {"Books/one.mp3", "Books/deep/two.mp3", "Books/deep/three.wav"}),
        ("/deep", set()),
        ("deep", {"Books/deep/two.mp3", "Books/deep/three.wav"}),
        ("Books/**/*.mp3", {"Books/one.mp3", "Books/deep/two.mp3"}),
        ("Books/*.mp3", {"Books/one.mp3"}),
        ("#1", {"#1/hit.mp3"}),
        ("{root}/Books/deep", {"Books/deep/two.mp3", "Books/deep/three.wav"}),
    ],
)
def test_exclude_patterns_follow_gitignore(
    tmp_path: Path, pattern: str, left_out: set[str]
) -> None:
    names = {"top.wav", "Books/one.mp3", "Books/deep/two.mp3", "Books/deep/three.wav", "#1/hit.mp3"}
    for name in names:
        put(tmp_path / name)
    exclude = [pattern.replace("{root}", str(tmp_path))]
    found = walk([str(tmp_path)], exclude=exclude)
    assert {file.relative_path for file in found.files} == names - left_out
    only = [str(tmp_path / name) for name in names]
    assert walk([str(tmp_path)], exclude=exclude, only=only).files == found.files


def test_an_exception_takes_files_back_in(tmp_path: Path) -> None:
    kept = put(tmp_path / "a" / "keep.wav")
    put(tmp_path / "a" / "drop.wav")
    assert paths(walk([str(tmp_path)], exclude=["*.wav", "!keep.wav"])) == {kept}


@pytest.mark.parametrize("pattern", ["!", "oops\\", "[z-a]"])
def test_a_malformed_exclude_is_named(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(ConfigurationError, match="exclude"):
        walk([str(tmp_path)], exclude=[pattern])


def test_link_loops_end_and_links_into_the_library_add_nothing(tmp_path: Path) -> None:
    song = put(tmp_path / "real" / "song.mp3")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    (tmp_path / "a.mp3").symlink_to(song)
    (tmp_path / "self.mp3").symlink_to(tmp_path / "self.mp3")
    assert paths(walk([str(tmp_path)])) == {song}
    for alias in ("alias", "alias/song.mp3", "a.mp3", "real/up/alias"):
        assert walk([str(tmp_path)], only=[str(tmp_path / alias)]).files == ()


def test_linked_files_and_folders_outside_are_followed_once(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    put(outside / "album" / "x.mp3", b"one")
    (outside / "album" / "back").symlink_to(root)
    own = put(root / "own.mp3", b"other")
    for name in ("b", "a", "c"):
        (root / name).symlink_to(outside / "album")
    (root / "z.mp3").symlink_to(outside / "album" / "x.mp3")
    expected = {own, str(root / "a" / "x.mp3")}
    assert paths(walk([str(root)])) == expected
    assert paths(walk([str(root)], only=[str(root / "a")])) == expected - {own}


def test_a_link_may_show_what_lies_in_a_hidden_folder(tmp_path: Path) -> None:
    put(tmp_path / ".store" / "x.mp3")
    (tmp_path / "shown").symlink_to(tmp_path / ".store")
    assert paths(walk([str(tmp_path)])) == {str(tmp_path / "shown" / "x.mp3")}


def test_excludes_hold_for_links_too(tmp_path: Path) -> None:
    put(tmp_path / "outside" / "x.mp3")
    root = tmp_path / "root"
    root.mkdir()
    (root / "books").symlink_to(tmp_path / "outside")
    assert walk([str(root)], exclude=["books/"]).files == ()


def test_hard_links_are_one_file_under_the_smallest_path(tmp_path: Path) -> None:
    put(tmp_path / "m.mp3")
    os.link(tmp_path / "m.mp3", tmp_path / "z.mp3")
    (tmp_path / "d").mkdir()
    os.link(tmp_path / "m.mp3", tmp_path / "d" / "y.mp3")
    assert paths(walk([str(tmp_path)])) == {str(tmp_path / "d" / "y.mp3")}


def test_nested_and_repeated_roots_never_double_a_file(tmp_path: Path) -> None:
    put(tmp_path / "top.mp3")
    put(tmp_path / "in" / "deep" / "x.mp3")
    (tmp_path / "again").symlink_to(tmp_path / "in")
    inner = str(tmp_path / "in")
    found = walk([inner, str(tmp_path), str(tmp_path) + "/", str(tmp_path / "again"), inner])
    assert sorted((file.root, file.relative_path) for file in found.files) == [
        (str(tmp_path), "top.mp3"),
        (str(tmp_path / "again"), "deep/x.mp3"),
    ]
    both = walk([inner, str(tmp_path)], only=[str(tmp_path)])
    assert {file.root for file in both.files} == {inner, str(tmp_path)}


def test_roots_that_are_links_to_each_other_agree_in_partial_walks(tmp_path: Path) -> None:
    put(tmp_path / "a" / "fav" / "x.mp3")
    (tmp_path / "b").symlink_to(tmp_path / "a" / "fav")
    (tmp_path / "c").symlink_to(tmp_path / "a")
    roots = [str(tmp_path / name) for name in "abc"]
    whole = paths(walk(roots))
    assert whole == {str(tmp_path / "b" / "x.mp3")}
    every = [str(tmp_path / name) for name in ("a/fav/x.mp3", "b/x.mp3", "c/fav/x.mp3", "c/fav")]
    assert paths(walk(roots, only=every)) == whole


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.mp3")
    put(tmp_path / name)
    put(tmp_path / "line\nbreak.mp3")
    found = walk([str(tmp_path)], exclude=["*.wav"])
    assert {file.relative_path for file in found.files} == {name, "line\nbreak.mp3"}


def test_a_missing_root_prunes_nothing(tmp_path: Path) -> None:
    put(tmp_path / "there" / "x.mp3")
    roots = [str(tmp_path / "there"), str(tmp_path / "gone")]
    found = walk(roots)
    assert found.missing_roots == (roots[1],)
    rows = known(*found.files, AudioFile(roots[1], "y.mp3", 1, 1))
    assert missing(found, rows) == set()
    assert walk([str(tmp_path / "there" / "x.mp3")]).missing_roots  # a file is no root


def test_a_missing_root_inside_another_prunes_nothing(tmp_path: Path) -> None:
    put(tmp_path / "x.mp3")
    inner = str(tmp_path / "usb")
    found = walk([str(tmp_path), inner])
    rows = known(AudioFile(inner, "a.mp3", 1, 1), AudioFile(str(tmp_path), "b.mp3", 1, 1))
    assert missing(found, rows) == {str(tmp_path / "b.mp3")}


def test_a_root_that_is_suddenly_empty_prunes_nothing(tmp_path: Path) -> None:
    put(tmp_path / "disk" / "NOT MOUNTED.txt")
    root = str(tmp_path / "disk")
    gone = AudioFile(root, "a/x.mp3", 1, 1)
    for only in (None, [gone.path], [root]):
        found = walk([root], only=only)
        assert found.empty_roots == (root,)
        assert missing(found, known(gone)) == set()


def test_the_last_file_of_a_root_that_keeps_its_folders_is_pruned(tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    gone = AudioFile(str(tmp_path), "album/x.mp3", 1, 1)
    assert missing(walk([str(tmp_path)]), known(gone)) == {gone.path}


@pytest.mark.parametrize("mode", [0, 0o444], ids=["nothing", "names only"])
def test_an_unreadable_folder_prunes_nothing(as_nobody: Path, mode: int) -> None:
    song = put(as_nobody / "locked" / "deep" / "x.mp3")
    put(as_nobody / "locked" / "z.mp3")
    put(as_nobody / "y.mp3")
    rows = known(*walk([str(as_nobody)]).files)
    (as_nobody / "locked").chmod(mode)
    for only in (None, [song], [str(as_nobody / "locked")]):
        found = walk([str(as_nobody)], only=only)
        assert len(found.files) <= 1
        assert missing(found, rows) == set()
    (as_nobody / "locked").chmod(0o755)


def test_an_unreadable_root_is_missing(as_nobody: Path) -> None:
    as_nobody.chmod(0)
    assert walk([str(as_nobody)]).missing_roots == (str(as_nobody),)


def test_a_file_that_cannot_be_opened_has_a_reason(as_nobody: Path) -> None:
    song = Path(put(as_nobody / "x.mp3"))
    assert trouble_reading(str(song)) is None
    song.chmod(0)
    reasons = [
        reason(error)
        for path in (song, song / "below", as_nobody / "gone", as_nobody)
        if (error := trouble_reading(str(path)))
    ]
    assert reasons == [
        "no permission to read it",
        "it is not a folder",
        "it is not there",
        "is a directory",
    ]


def test_what_cannot_be_read_is_named_with_the_reason(as_nobody: Path) -> None:
    root = as_nobody / "music"
    put(root / "a" / "locked" / "deep" / "x.mp3")
    for name in ("1.mp3", "2.mp3"):
        put(root / "b" / "names only" / name)
    put(root / "fine.mp3")
    put(as_nobody / "file")
    (root / "usb").symlink_to("/not mounted")
    (root / "a" / "locked").chmod(0)
    (root / "b" / "names only").chmod(0o444)
    roots = [str(root), str(as_nobody / "file"), str(as_nobody / "gone")]
    found = walk(roots)
    (root / "a" / "locked").chmod(0o755)
    (root / "b" / "names only").chmod(0o755)
    assert found.unreadable == (
        (str(as_nobody / "file"), "it is not a folder"),
        (str(as_nobody / "gone"), "it is not there"),
        (str(root / "a" / "locked"), "no permission to read it"),
        (str(root / "b" / "names only"), "no permission to read it"),
        (str(root / "usb"), "its link leads nowhere"),
    )
    assert paths(found) == {str(root / "fine.mp3")}


def test_a_link_to_an_unmounted_disk_prunes_nothing_but_a_lost_target_does(tmp_path: Path) -> None:
    root, disk = tmp_path / "root", tmp_path / "disk" / "music"
    put(disk / "x.mp3")
    single = put(disk / "single.mp3", b"other")
    put(root / "own.mp3")
    (root / "usb").symlink_to(disk)
    (root / "one.mp3").symlink_to(single)
    found = walk([str(root)], exclude=["usb/single.mp3"])
    rows = known(*found.files)
    assert paths(found) == {str(root / name) for name in ("own.mp3", "usb/x.mp3", "one.mp3")}
    Path(single).unlink()
    assert missing(walk([str(root)]), rows) == {str(root / "one.mp3")}
    disk.rename(tmp_path / "elsewhere")
    assert missing(walk([str(root)]), rows) == set()
    assert missing(walk([str(root)], only=[str(root / "usb" / "x.mp3")]), rows) == set()


def test_only_limits_the_walk_and_covers_deleted_folders(tmp_path: Path) -> None:
    first = put(tmp_path / "a" / "1.mp3")
    put(tmp_path / "b" / "2.mp3")
    gone = AudioFile(str(tmp_path), "gone/deep/3.mp3", 1, 1)
    rows = [*known(*walk([str(tmp_path)]).files), KnownFile(TrackId(9), gone)]
    only = [str(tmp_path / "a"), str(tmp_path / "gone"), "/elsewhere", str(tmp_path / ".x")]
    found = walk([str(tmp_path)], only=only)
    assert paths(found) == {first}
    assert missing(found, rows) == {gone.path}
    under_missing = walk([str(tmp_path / "no")], only=[str(tmp_path / "no" / "x")])
    assert under_missing.covered == ()
    assert under_missing.missing_roots == (str(tmp_path / "no"),)


def test_a_walk_of_everything_equals_a_walk_of_each_file(tmp_path: Path) -> None:
    for name in ("a/1.mp3", "a/b/2.mp3", ".h/3.mp3", "c.txt", "d.ogg"):
        put(tmp_path / name)
    (tmp_path / "l.mp3").symlink_to(tmp_path / "a" / "1.mp3")
    every = [str(path) for path in tmp_path.rglob("*")]
    assert paths(walk([str(tmp_path)], only=every)) == paths(walk([str(tmp_path)]))


def test_a_stopped_walk_ends_at_once_and_covers_nothing(tmp_path: Path) -> None:
    for number in range(50):
        put(tmp_path / f"{number // 10}" / f"{number}.mp3")
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 20

    found = walk([str(tmp_path)], stopped=stopped)
    assert asked == 21
    assert found.covered == ()
    assert missing(found, known(AudioFile(str(tmp_path), "gone.mp3", 1, 1))) == set()


def test_files_and_roots_that_vanish_during_the_walk_are_survived(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for number in range(5):
        put(root / f"folder{number}" / f"{number}.mp3")
    rows = known(*walk([str(root)]).files)
    asked = 0

    def pull_the_plug() -> bool:
        nonlocal asked
        asked += 1
        if asked == 12:
            root.rename(tmp_path / "away")
        return False

    found = walk([str(root)], stopped=pull_the_plug)
    assert found.missing_roots == (str(root),)
    assert missing(found, rows) == set()


def test_a_walk_lists_each_folder_once_however_many_files_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in range(20):
        (tmp_path / str(folder)).mkdir()
        for number in range(100):
            (tmp_path / str(folder) / f"{number}.mp3").touch()
    listed: list[object] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (listed.append(path), scandir(path))[1])
    assert len(walk([str(tmp_path)]).files) == 2_000
    assert len(listed) <= 20 + 2, "the root is looked at twice: whether it is empty, then for all"


names = st.sampled_from(["a.mp3", "b.mp3", "d/a.mp3", "d/e/b.mp3", "f/c.mp3"])
audio_files = st.builds(
    AudioFile, st.sampled_from(["/m", "/m/d", "/n", "/o"]), names, st.just(1), st.integers(1, 2)
)
by_path = st.lists(audio_files, unique_by=lambda file: file.path, max_size=8)
places = st.lists(st.sampled_from(["/m", "/m/d", "/m/d/e", "/m/f", "/n", "/o"]), max_size=4)


@given(by_path, by_path, st.tuples(places, places, places, places))
def test_every_file_lands_in_exactly_one_class(
    seen: list[AudioFile], remembered: list[AudioFile], marks: tuple[list[str], ...]
) -> None:
    covered, uncovered, gone, empty = marks
    rows = known(*remembered)
    found = Walk(tuple(seen), tuple(gone), tuple(covered), tuple(uncovered), tuple(empty))
    result = classify(found, rows)
    counted = [file.path for file in result.new]
    counted += [file.path for _, file in result.changed]
    counted += [row.file.path for row in result.unchanged]
    assert sorted(counted) == sorted(file.path for file in seen)
    classes = [row for row, _ in result.changed] + [*result.unchanged, *result.missing]
    assert len(classes) == len({row.id for row in classes})
    unseen = {row.file.path for row in rows} - {file.path for file in seen}
    assert {row.file.path for row in result.missing} <= unseen
    for row in result.missing:
        inside = [place for place in {*covered, *gone, *uncovered} if within(row.file.path, place)]
        assert max(inside, key=len) in set(covered) - set(gone) - set(uncovered)
        assert not any(within(row.file.path, place) for place in empty)
    assert all(row in result.unchanged for row, _ in result.rerooted)
    if not (uncovered or gone or empty) and {"/m", "/n", "/o"} <= set(covered):
        assert {row.file.path for row in result.missing} == unseen


def within(path: str, folder: str) -> bool:
    return path.startswith(folder + "/")


def test_classes_depend_on_size_and_mtime_and_a_failure_is_unchanged() -> None:
    files = [AudioFile("/m", f"{name}.mp3", 10, 20) for name in "abcd"]
    rows = known(*files)
    rows[3] = KnownFile(TrackId(4), files[3], failure="no sound in it")
    bigger, later = AudioFile("/m", "a.mp3", 11, 20), AudioFile("/m", "b.mp3", 10, 21)
    rerooted = AudioFile("/m/", "c.mp3", 10, 20)
    found = Walk((bigger, later, rerooted, files[3]), covered=("/m",))
    assert classify(found, rows) == Classification(
        changed=((rows[0], bigger), (rows[1], later)),
        unchanged=(rows[2], rows[3]),
        rerooted=((rows[2], rerooted),),
    )
