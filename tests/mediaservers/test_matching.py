import os
from collections.abc import Sequence

import pytest

from harmonie_daemon.domain.catalogue import RemoteTrack
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.matching import match_tracks
from harmonie_daemon.mediaservers.path_mapping import FolderMapping, folded_parts, renamed
from harmonie_daemon.store.records import MatchKeys


def ours(
    id_: int,
    relative_path: str,
    *,
    root: str = "/srv/music",
    title: str | None = None,
    artist: str | None = None,
    album: str | None = None,
    number: int | None = None,
    duration_s: float = 200.0,
    recording: str | None = None,
    further_artists: tuple[str, ...] = (),
) -> MatchKeys:
    return MatchKeys(
        TrackId(id_),
        f"{root}/{relative_path}",
        relative_path,
        root,
        text_key(artist),
        None,
        text_key(album),
        text_key(title),
        number,
        duration_s,
        recording,
        None,
        None,
        None,
        frozenset(name.casefold() for name in further_artists),
    )


def theirs(
    id_: str,
    path: str | None,
    *,
    title: str | None = None,
    artists: tuple[str, ...] = (),
    album: str | None = None,
    number: int | None = None,
    duration_s: float | None = 200.0,
    musicbrainz: Sequence[str] = (),
) -> RemoteTrack:
    return RemoteTrack(id_, path, title, album, artists, number, duration_s, frozenset(musicbrainz))


def library(root: str, count: int = 30) -> list[MatchKeys]:
    return [ours(n, f"Artist {n % 7}/Album {n % 7}/{n:02}.flac", root=root) for n in range(count)]


def mirrored(tracks: Sequence[MatchKeys], root: str, separator: str = "/") -> list[RemoteTrack]:
    return [
        theirs(f"id{t.id}", (f"{root}/{t.relative_path}").replace("/", separator)) for t in tracks
    ]


def test_the_same_paths_match_without_any_mapping() -> None:
    tracks = library("/music")
    assert len(match_tracks(tracks, mirrored(tracks, "/music")).ids) == 30


def test_another_mount_point_is_learned() -> None:
    tracks = [*library("/srv/music"), ours(99, "loose.mp3")]
    found = match_tracks(tracks, mirrored(tracks, "/data/Media/music"))
    assert len(found.ids) == 31
    assert FolderMapping("/srv/music", "/data/Media/music") in found.learned
    assert not found.unmatched_by_root


def test_windows_shares_and_decomposed_names_are_understood() -> None:
    tracks = [ours(n, f"Bj\u00f6rk/D\u00e9but/{n:02}.mp3") for n in range(25)]
    remote = [
        theirs(f"id{n}", f"\\\\NAS\\Share\\BJO\u0308RK\\De\u0301but\\{n:02}.MP3") for n in range(25)
    ]
    assert len(match_tracks(tracks, remote).ids) == 25


def test_two_folders_of_one_root_may_lie_apart_over_there() -> None:
    tracks = [
        ours(n, f"{'flac' if n % 2 else 'mp3'}/Artist {n}/Album/{n:02}.x", root="/m")
        for n in range(50)
    ]
    remote = [
        theirs(f"id{n}", f"{'/lossless' if n % 2 else '/lossy'}/Artist {n}/Album/{n:02}.x")
        for n in range(50)
    ]
    found = match_tracks(tracks, remote)
    assert len(found.ids) == 50
    assert {m.theirs for m in found.learned} == {"/lossless", "/lossy"}


def test_a_contradicted_mapping_is_not_believed() -> None:
    tracks = library("/srv/music", 40)
    remote = [theirs(f"id{t.id}", f"/{'a' if t.id % 2 else 'b'}/{t.relative_path}") for t in tracks]
    assert match_tracks(tracks, remote).learned == ()


def test_a_stray_file_of_the_same_name_does_not_make_a_mapping() -> None:
    tracks = [*library("/srv/music"), ours(99, "intro.mp3")]
    remote = [theirs("x", "/elsewhere/Some/Album/intro.mp3")]
    assert match_tracks(tracks, remote).ids == {}


def test_a_folder_of_few_votes_is_believed_only_if_they_are_all_it_has() -> None:
    strays = [ours(n, f"Other/Album/{n:02}.flac", root="/srv/more") for n in range(100, 105)]
    remote = [theirs(f"id{track.id}", f"/away/{track.relative_path}") for track in strays[:3]]
    assert match_tracks(strays[:3], remote).learned == (FolderMapping("/srv/more", "/away"),)
    assert match_tracks(strays, remote).learned == ()


@pytest.mark.parametrize(
    "folded", ["/SRV/Music/A.mp3", "C:\\Music\\a b.MP3", "".join(map(chr, range(128)))]
)
def test_plain_letters_are_folded_as_all_others_are(folded: str) -> None:
    assert folded_parts(f"{folded}/ß")[:-1] == folded_parts(folded)


def test_an_explicit_mapping_goes_before_what_would_be_learned() -> None:
    tracks = [ours(1, "live/A/B/c.mp3")]
    remote = [theirs("wrong", "/x/live/A/B/c.mp3"), theirs("right", "/y/A/B/c.mp3")]
    mappings = [FolderMapping("/srv/music", "/x"), FolderMapping("/srv/music/live", "/y")]
    assert match_tracks(tracks, remote, mappings).ids == {1: "right"}


def test_of_paths_that_differ_in_case_the_same_spelling_wins() -> None:
    tracks = [ours(1, "A/b.mp3"), ours(2, "a/b.mp3")]
    remote = [theirs("upper", "/srv/music/A/b.mp3"), theirs("lower", "/srv/music/a/b.mp3")]
    assert match_tracks(tracks, remote).ids == {1: "upper", 2: "lower"}


def test_a_name_that_is_not_utf8_matches_its_replacement_characters() -> None:
    tracks = [ours(1, os.fsdecode(b"caf\xe9.mp3"))]
    assert match_tracks(tracks, [theirs("x", "/srv/music/caf\ufffd.mp3")]).ids == {1: "x"}


def test_musicbrainz_ids_match_when_the_duration_agrees_and_prefer_the_album() -> None:
    tracks = [
        ours(1, "a.mp3", recording="REC", album="Second"),
        ours(2, "b.mp3", recording="other"),
    ]
    remote = [
        theirs("first", "/q/1", album="First", musicbrainz=["rec"]),
        theirs("second", "/q/2", album="second", musicbrainz=["rec"], duration_s=202.0),
        theirs("long", "/q/3", musicbrainz=["other"], duration_s=260.0),
    ]
    assert match_tracks(tracks, remote).ids == {1: "second"}


def test_tags_match_by_album_and_number_then_by_duration() -> None:
    tracks = [
        ours(1, "a.mp3", artist="Björk", album="Post", title="Hyperballad", number=2),
        ours(2, "b.mp3", artist="BJÖRK", title="Jóga", duration_s=301.0),
        ours(3, "c.mp3", artist="Björk", title="Bachelorette", duration_s=100.0),
    ]
    remote = [
        theirs("live", None, artists=("Björk",), album="Live", title="Hyperballad", number=9),
        theirs("post", None, artists=("björk",), album="POST", title="hyperballad", number=2),
        theirs("joga", None, artists=("X", "Björk"), title="Jóga", duration_s=303.0),
        theirs("far", None, artists=("Björk",), title="Bachelorette"),
    ]
    found = match_tracks(tracks, remote)
    assert found.ids == {1: "post", 2: "joga"}
    assert found.unmatched_by_root == {"/srv/music": 1}


def test_a_large_library_is_matched_in_moments() -> None:
    tracks = [ours(n, f"Artist {n // 50}/Album {n // 10}/{n:05}.mp3") for n in range(5000)]
    assert len(match_tracks(tracks, mirrored(tracks, "/media")).ids) == 5000


def test_any_of_our_artists_matches_any_of_theirs() -> None:
    track = ours(1, "a.flac", title="Oral", artist="Björk", further_artists=("ROSALÍA",))
    item = theirs("x", None, title="Oral", artists=("Nobody", "Rosalía"))
    assert match_tracks([track], [item]).ids == {1: "x"}


@pytest.mark.parametrize(
    ("path", "theirs"),
    [
        ("/music/a.m3u8", "/media/a.m3u8"),
        ("/music/sub/x/a.m3u8", "/other/x/a.m3u8"),
        ("/musical/a.m3u8", None),
        ("/win/x/a.m3u8", "M:\\Music\\x\\a.m3u8"),
        ("/near/x/a.m3u8", "x/a.m3u8"),
    ],
)
def test_a_path_by_their_name_for_the_longest_folder_that_fits(
    path: str, theirs: str | None
) -> None:
    names = (("/music", "/media"), ("/music/sub/", "/other/"), ("/win", "M:\\Music"), ("/near", ""))
    assert renamed(path, names) == theirs
