"""Tags come out alike, whatever the container."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2, APEv2File
from mutagen.asf import ASF
from mutagen.flac import FLAC
from mutagen.id3 import (
    ID3,
    RVA2,
    TALB,
    TBPM,
    TCON,
    TDRC,
    TIT2,
    TKEY,
    TMOO,
    TPE1,
    TPE2,
    TPOS,
    TRCK,
    TXXX,
    UFID,
)
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4FreeForm
from mutagen.oggopus import OggOpus
from mutagen.wave import WAVE
from mutagen.wavpack import WavPack

from harmonie_daemon.domain.track import Tags
from harmonie_daemon.library.tag_job import TagsJob, read
from harmonie_daemon.library.tags import split_genres

RECORDING = "11111111-2222-3333-4444-555555555555"
RELEASE_TRACK = "66666666-2222-3333-4444-555555555555"
ALBUM = "77777777-2222-3333-4444-555555555555"
ARTIST = "88888888-2222-3333-4444-555555555555"
EXPECTED = Tags(
    artist="Björk",
    album_artist="Various",
    album="Début",
    title="春",
    track_number=3,
    disc_number=2,
    date="1993-07-05",
    genres=("Electronic", "Art Pop"),
    musicbrainz_recording_id=RECORDING,
    musicbrainz_track_id=RELEASE_TRACK,
    musicbrainz_album_id=ALBUM,
    musicbrainz_artist_id=ARTIST,
    bpm=120.5,
    key="Am",
    replaygain_track_gain_db=-6.5,
)
VORBIS = {
    "artist": "Björk",
    "albumartist": "Various",
    "album": "Début",
    "title": "春",
    "tracknumber": "03/12",
    "discnumber": "2",
    "date": "1993-07-05",
    "genre": ["Electronic", "Art Pop"],
    "musicbrainz_trackid": RECORDING,
    "musicbrainz_releasetrackid": RELEASE_TRACK,
    "musicbrainz_albumid": ALBUM,
    "musicbrainz_artistid": ARTIST.upper(),
    "bpm": "120.5",
    "initialkey": "Am",
    "replaygain_track_gain": "-6.50 dB",
}


def read_tags(path: str) -> Tags:
    return read(TagsJob(path)).tags


def make_audio(path: Path, codec: str) -> str:
    """A twentieth of a second of silence."""
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 2205), np.int16), "s16", layout="mono")
    frame.sample_rate = 44_100
    with av.open(str(path), "w") as container:
        rate = 48_000 if codec == "libopus" else 44_100
        stream = container.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = 64_000
        container.start_encoding()
        size = stream.codec_context.frame_size or 2205
        resampler = av.AudioResampler(stream.format, "mono", rate, size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return str(path)


def add_id3(tags: Any) -> None:
    tags.add(TPE1(encoding=3, text="Björk"))
    tags.add(TPE2(encoding=1, text="Various"))
    tags.add(TALB(encoding=0, text="Début"))
    tags.add(TIT2(encoding=3, text="春"))
    tags.add(TRCK(encoding=3, text="3/12"))
    tags.add(TPOS(encoding=3, text="2/2"))
    tags.add(TDRC(encoding=3, text="1993-07-05"))
    tags.add(TCON(encoding=3, text=["(52)", "Art Pop"]))
    tags.add(TBPM(encoding=3, text="120.5"))
    tags.add(TKEY(encoding=3, text="Am"))
    tags.add(UFID(owner="http://musicbrainz.org", data=RECORDING.encode()))
    tags.add(TXXX(encoding=3, desc="MusicBrainz Release Track Id", text=RELEASE_TRACK))
    tags.add(TXXX(encoding=3, desc="MusicBrainz Album Id", text=ALBUM))
    tags.add(TXXX(encoding=3, desc="MusicBrainz Artist Id", text=[ARTIST, ALBUM]))
    tags.add(TXXX(encoding=3, desc="REPLAYGAIN_TRACK_GAIN", text="-6.50 dB"))


def tag_id3(kind: Callable[[str], Any]) -> Callable[[str], None]:
    def tag(path: str) -> None:
        audio = kind(path)
        if audio.tags is None:
            audio.add_tags()
        add_id3(audio.tags)
        audio.save()

    return tag


def tag_vorbis(kind: Callable[[str], Any]) -> Callable[[str], None]:
    def tag(path: str) -> None:
        audio = kind(path)
        audio.update(VORBIS)
        audio.save()

    return tag


def tag_mp4(path: str) -> None:
    audio = MP4(path)
    free = "----:com.apple.iTunes:"
    audio.update(
        {
            "\xa9ART": "Björk",
            "aART": "Various",
            "\xa9alb": "Début",
            "\xa9nam": "春",
            "trkn": [(3, 12)],
            "disk": [(2, 0)],
            "\xa9day": "1993-07-05",
            "\xa9gen": ["Electronic", "Art Pop"],
            free + "BPM": MP4FreeForm(b"120.5"),
            free + "initialkey": MP4FreeForm(b"Am"),
            free + "MusicBrainz Track Id": MP4FreeForm(RECORDING.encode()),
            free + "MusicBrainz Release Track Id": MP4FreeForm(RELEASE_TRACK.encode()),
            free + "MusicBrainz Album Id": MP4FreeForm(ALBUM.encode()),
            free + "MusicBrainz Artist Id": MP4FreeForm(ARTIST.encode()),
            free + "replaygain_track_gain": MP4FreeForm(b"-6.50 dB"),
        }
    )
    audio.save()


def tag_asf(path: str) -> None:
    audio = ASF(path)
    audio.update(
        {
            "Author": "Björk",
            "WM/AlbumArtist": "Various",
            "WM/AlbumTitle": "Début",
            "Title": "春",
            "WM/TrackNumber": 3,
            "WM/PartOfSet": "2/2",
            "WM/Year": "1993-07-05",
            "WM/Genre": ["Electronic", "Art Pop"],
            "WM/BeatsPerMinute": "120.5",
            "WM/InitialKey": "Am",
            "MusicBrainz/Track Id": RECORDING,
            "MusicBrainz/Release Track Id": RELEASE_TRACK,
            "MusicBrainz/Album Id": ALBUM,
            "MusicBrainz/Artist Id": ARTIST,
            "replaygain_track_gain": "-6.50 dB",
        }
    )
    audio.save()


def tag_ape(path: str) -> None:
    names = {"albumartist": "Album Artist", "tracknumber": "Track", "discnumber": "Disc"}
    tags = APEv2()
    for name, value in VORBIS.items():
        tags[{**names, "date": "Year"}.get(name, name)] = value
    tags.save(path)


CONTAINERS = [
    ("x.mp3", "libmp3lame", tag_id3(MP3)),
    ("x.wav", "pcm_s16le", tag_id3(WAVE)),
    ("x.aiff", "pcm_s16be", tag_id3(AIFF)),
    ("x.flac", "flac", tag_vorbis(FLAC)),
    ("x.opus", "libopus", tag_vorbis(OggOpus)),
    ("x.m4a", "aac", tag_mp4),
    ("x.wma", "wmav2", tag_asf),
    ("x.wv", "wavpack", tag_ape),
    ("ape.mp3", "libmp3lame", tag_ape),
    ("x.tta", "tta", tag_ape),
    ("x.aac", "aac", tag_ape),
]


@pytest.mark.parametrize(("name", "codec", "tag"), CONTAINERS, ids=[row[0] for row in CONTAINERS])
def test_every_field_is_read_from_every_container(
    tmp_path: Path, name: str, codec: str, tag: Callable[[str], None]
) -> None:
    path = make_audio(tmp_path / name, codec)
    assert read_tags(path) == Tags()
    tag(path)
    assert read_tags(path) == EXPECTED


def two_artists(path: str, kind: Callable[[str], Any]) -> None:
    """Two ARTIST and two ALBUMARTIST values, as each container has them."""
    audio = kind(path)
    if audio.tags is None:
        audio.add_tags()
    match audio.tags:
        case ID3():
            audio.tags.add(TPE1(encoding=3, text=["Björk", "ROSALÍA"]))
            audio.tags.add(TPE2(encoding=3, text=["Björk", "Various"]))
        case APEv2():
            audio.update({"Artist": ["Björk", "ROSALÍA"], "Album Artist": ["Björk", "Various"]})
        case _:
            names = {MP4: ("\xa9ART", "aART"), ASF: ("Author", "WM/AlbumArtist")}
            artist, album_artist = names.get(kind, ("artist", "albumartist"))  # type: ignore[call-overload]
            audio.update({artist: ["Björk", "ROSALÍA"], album_artist: ["Björk", "Various"]})
    audio.save()


@pytest.mark.parametrize(
    ("name", "codec", "kind"),
    [
        ("x.mp3", "libmp3lame", MP3),
        ("x.wav", "pcm_s16le", WAVE),
        ("x.aiff", "pcm_s16be", AIFF),
        ("x.flac", "flac", FLAC),
        ("x.opus", "libopus", OggOpus),
        ("x.m4a", "aac", MP4),
        ("x.wma", "wmav2", ASF),
        ("x.wv", "wavpack", WavPack),
        ("ape.mp3", "libmp3lame", APEv2File),
        ("x.tta", "tta", APEv2File),
        ("x.aac", "aac", APEv2File),
    ],
)
def test_several_artists_stay_several_in_every_container(
    tmp_path: Path, name: str, codec: str, kind: Callable[[str], Any]
) -> None:
    path = make_audio(tmp_path / name, codec)
    two_artists(path, kind)
    found = read_tags(path)
    assert (found.artist, found.further_artists) == ("Björk", ("ROSALÍA",))
    assert (found.album_artist, found.further_album_artists) == ("Björk", ("Various",))


def test_a_list_of_artists_names_those_of_the_credit(tmp_path: Path) -> None:
    found = flac_with(tmp_path, artist="A feat. B", artists=["A", "B"])
    assert found.artists == ("A feat. B", "A", "B")


def test_artists_are_bounded_and_named_once(tmp_path: Path) -> None:
    found = flac_with(tmp_path, artist=["A", "A", *map(str, range(100))])
    assert found.artists == ("A", *map(str, range(19)))


def test_id3_and_ape_in_one_mp3_complete_each_other(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "x.mp3", "libmp3lame")
    both = APEv2()
    both.update({"Artist": "From APE", "Album": "From APE", "REPLAYGAIN_TRACK_GAIN": "+1.25 dB"})
    both.save(path)
    tags = ID3()
    tags.add(TPE1(text=["A", "B"]))
    tags.add(TALB(text=[" \0 "]))
    tags.save(path)
    found = read_tags(path)
    assert (found.artists, found.album) == (("A", "B"), "From APE")
    assert found.replaygain_track_gain_db == 1.25


def test_relative_volume_adjustment_is_a_gain(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "x.mp3", "libmp3lame")
    tags = ID3()
    tags.add(RVA2(desc="album", channel=1, gain=9, peak=0))
    tags.add(RVA2(desc="track", channel=1, gain=-3.5, peak=0))
    tags.save(path)
    assert read_tags(path).replaygain_track_gain_db == -3.5


def test_r128_gain_of_opus_is_brought_to_the_replaygain_reference(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "x.opus", "libopus")
    audio = OggOpus(path)
    audio["R128_TRACK_GAIN"] = "-2560"
    audio.save()
    assert read_tags(path).replaygain_track_gain_db == -5.0


def flac_with(tmp_path: Path, **tags: str | list[str]) -> Tags:
    path = make_audio(tmp_path / "x.flac", "flac")
    audio = FLAC(path)
    audio.update(tags)
    audio.save()
    return read_tags(path)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("03/12", 3),
        ("3 of 9", 3),
        ("0", None),
        ("A1", None),
        ("", None),
        ("20190101", None),
    ],
)
def test_track_numbers_are_counted_from_one(tmp_path: Path, text: str, number: int | None) -> None:
    assert flac_with(tmp_path, tracknumber=text).track_number == number


@pytest.mark.parametrize(
    ("text", "gain"),
    [("-6.5 dB", -6.5), ("+3", 3), ("−1,5 dB", -1.5), (".5", 0.5), ("loud", None), ("900", None)],
)
def test_gains_are_decibels(tmp_path: Path, text: str, gain: float | None) -> None:
    assert flac_with(tmp_path, replaygain_track_gain=text).replaygain_track_gain_db == gain


@pytest.mark.parametrize(
    ("text", "bpm"), [("128", 128), ("99,9", 99.9), ("0", None), ("nan", None), ("-5", None)]
)
def test_tempo_is_positive(tmp_path: Path, text: str, bpm: float | None) -> None:
    assert flac_with(tmp_path, bpm=text).bpm == bpm


def test_blank_and_meaningless_values_are_none(tmp_path: Path) -> None:
    assert flac_with(tmp_path, artist=["", " "], date="0000", musicbrainz_albumid="?") == Tags()


def test_endless_values_are_cut(tmp_path: Path) -> None:
    found = flac_with(tmp_path, title="x" * 100_000, genre=[f"g{n}" for n in range(1000)])
    assert found.title == "x" * 500
    assert len(found.genres) == 20


@pytest.mark.parametrize(
    ("values", "genres"),
    [
        (["Rock; Pop / Jazz", "rock"], ("Rock", "Pop", "Jazz")),
        (["Rock, Pop|Metal\\Doom"], ("Rock", "Pop", "Metal", "Doom")),
        (["Funk / Soul;Folk, World, & Country"], ("Funk / Soul", "Folk, World, & Country")),
        (["Drum & Bass", "Rock 'n' Roll"], ("Drum & Bass", "Rock 'n' Roll")),
        ([" ; , "], ()),
    ],
)
def test_genres_are_split_where_taggers_join_them(
    values: list[str], genres: tuple[str, ...]
) -> None:
    assert split_genres(values) == genres


def test_moods_are_read_as_written(tmp_path: Path) -> None:
    assert flac_with(tmp_path, mood=["Dark; epic", "calm"]).moods == ("Dark; epic", "calm")
    path = make_audio(tmp_path / "x.mp3", "libmp3lame")
    tags = ID3()
    tags.add(TMOO(text=["Happy"]))
    tags.save(path)
    assert read_tags(path).moods == ("Happy",)


def test_numeric_genres_of_id3_get_their_names(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "x.mp3", "libmp3lame")
    ID3().save(path)
    tags = ID3(path)
    tags.add(TCON(text=["17", "(4)(22)", "(255)"]))
    tags.save(path)
    assert read_tags(path).genres == ("Rock", "Disco", "Death Metal")


def test_lone_surrogates_and_broken_encodings_never_escape(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "x.flac", "flac")
    audio = FLAC(path)
    audio["artist"] = "XXXX"
    audio["title"] = "YYYY"
    audio.save()
    content = Path(path).read_bytes()
    content = content.replace(b"XXXX", b"\xff\xfeA\xe9").replace(b"YYYY", b"\xed\xa0\x80Z")
    Path(path).write_bytes(content)
    found = read_tags(path)
    assert found.artist is not None
    assert found.title is not None
    assert "A" in found.artist
    (found.artist + found.title).encode()
    utf16 = ID3()
    utf16.add(TIT2(encoding=1, text="QQQQ"))
    mp3 = make_audio(tmp_path / "x.mp3", "libmp3lame")
    utf16.save(mp3)
    Path(mp3).write_bytes(Path(mp3).read_bytes().replace("Q".encode("utf-16-le"), b"\x00\xd8", 1))
    (read_tags(mp3).title or "").encode()


def test_names_that_are_not_utf8_are_opened(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "x.flac", "flac")
    tag_vorbis(FLAC)(path)
    other = tmp_path / os.fsdecode(b"\xff.flac")
    Path(path).rename(other)
    assert read_tags(str(other)) == EXPECTED


def test_what_is_no_audio_has_no_tags(tmp_path: Path) -> None:
    for name, content in {"a.mp3": b"", "b.flac": b"fLaC", "c.m4a": b"text", "d.mka": b"x"}.items():
        (tmp_path / name).write_bytes(content)
        assert read_tags(str(tmp_path / name)) == Tags()
    assert read_tags(str(tmp_path / "gone.mp3")) == Tags()
    assert read_tags(str(tmp_path)) == Tags()


@pytest.mark.parametrize(("name", "codec", "tag"), CONTAINERS, ids=[row[0] for row in CONTAINERS])
def test_damaged_files_raise_nothing(
    tmp_path: Path, name: str, codec: str, tag: Callable[[str], None]
) -> None:
    path = make_audio(tmp_path / name, codec)
    tag(path)
    whole = Path(path).read_bytes()
    rng = random.Random(4)
    for _ in range(60):
        content = bytearray(whole[: rng.randrange(len(whole))] if rng.random() < 0.3 else whole)
        for _ in range(rng.randrange(1, 20)):
            place = rng.randrange(len(content) or 1)
            content[place : place + 4] = struct.pack(">I", rng.choice([0, 2**31, 2**32 - 1, 255]))
        Path(path).write_bytes(content)
        check_clean(read_tags(path))


def check_clean(tags: Tags) -> None:
    for field in fields(tags):
        value = getattr(tags, field.name)
        for text in value if isinstance(value, tuple) else [value]:
            if isinstance(text, str):
                assert text.encode()
                assert text == text.strip()
                assert "\0" not in text


@given(st.lists(st.text(max_size=20), max_size=5))
def test_split_genres_are_never_blank_or_double(values: list[str]) -> None:
    genres = split_genres(values)
    assert all(genre.strip() == genre != "" for genre in genres)
    assert len({genre.casefold() for genre in genres}) == len(genres)
