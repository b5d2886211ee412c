"""Whatever lies among the music ends as one failure with a reason, or is heard sensibly."""

from __future__ import annotations

import asyncio
import http.server
import os
import struct
import threading
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from fractions import Fraction
from pathlib import Path

import av
import mutagen.flac
import mutagen.id3
import numpy as np
import pytest

from harmonie_daemon import app
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.formats import CODECS, CONTAINERS
from harmonie_daemon.analysis.job import PRELOAD, AnalysisJob, JobFailure, analyse
from harmonie_daemon.app import Core, open_core
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.domain.task import ScanStatus
from harmonie_daemon.domain.track import Analysis
from harmonie_daemon.library.scanner import AUDIO_EXTENSIONS
from harmonie_daemon.workers import Supervisor
from tests.analysis import measured
from tests.analysis.broken import (
    FAILING,
    HEARD,
    SECONDS,
    SUFFIXES,
    damaged_middle,
    lay_out,
    noise,
    whole,
)
from tests.analysis.sounds import RATE, sine, write

MIB = 1024 * 1024
LONG_AGO = 1_600_000_000.0


def outcome(path: Path, *models: str) -> Analysis | JobFailure:
    result = analyse(AnalysisJob(str(path), models))
    assert isinstance(result, Analysis | JobFailure)
    return result


def reason(path: Path) -> str:
    failure = outcome(path)
    assert isinstance(failure, JobFailure), f"heard {failure.duration_s} s"
    return failure.reason


def heard(path: Path) -> Analysis:
    analysis = outcome(path, BUILTIN_MODEL)
    assert isinstance(analysis, Analysis), analysis.reason
    return analysis


def test_the_kinds_are_many() -> None:
    assert len(FAILING) >= 20
    assert len(HEARD) >= 20


@pytest.mark.parametrize("name", FAILING)
def test_what_cannot_be_heard_says_why(tmp_path: Path, name: str) -> None:
    (path,) = lay_out(tmp_path, [name])
    text = reason(path)
    assert text.startswith(FAILING[name][1])
    assert str(path) not in text, "the path is recorded beside the reason"
    assert "Invalid data" not in text, "the words of a library"


@pytest.mark.parametrize("name", HEARD)
def test_what_is_only_odd_is_heard(tmp_path: Path, name: str) -> None:
    (path,) = lay_out(tmp_path, [name])
    analysis = heard(path)
    assert analysis.duration_s == pytest.approx(HEARD[name][1], rel=0.1, abs=0.05)
    vector = analysis.embeddings[BUILTIN_MODEL]
    assert vector is None or np.isfinite(vector).all()
    level = analysis.descriptors.loudness_db
    assert level is None or np.isfinite(level)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_may_end_anywhere(tmp_path: Path, suffix: str) -> None:
    data = whole(suffix)
    path = tmp_path / f"cut.{suffix}"
    points = {*range(1, 64, 7), *np.geomspace(64, len(data) - 1, 16).astype(int).tolist()}
    for point in sorted(points):
        path.write_bytes(data[:point])
        match outcome(path):
            case Analysis(duration_s=duration_s):
                assert duration_s <= SECONDS + 0.2, point
            case JobFailure(reason=text):
                assert text, point


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damage_anywhere_is_survived(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(7)
    path = tmp_path / f"damaged.{suffix}"
    for _ in range(10):
        data = bytearray(whole(suffix))
        for position in rng.integers(0, len(data), 50):
            data[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(data)
        result = outcome(path)
        assert isinstance(result, JobFailure) or 0 < result.duration_s < 10 * SECONDS


@pytest.mark.parametrize("extension", sorted(AUDIO_EXTENSIONS))
def test_random_bytes_are_no_music_under_any_extension(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"random.{extension}"
    path.write_bytes(noise(30_000))
    assert reason(path).startswith("not audio: ")


def test_there_is_a_demuxer_and_a_decoder_for_every_name_on_the_lists() -> None:
    for name in CONTAINERS:
        av.format.ContainerFormat(name, "r")
    for name in CODECS:
        assert av.codec.Codec(name, "r").type == "audio"


# What is no regular file


def test_pipes_devices_and_folders_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "folder.mp3").mkdir()
    (tmp_path / "link_to_pipe.mp3").symlink_to(tmp_path / "pipe.mp3")
    (tmp_path / "zero.mp3").symlink_to("/dev/zero")
    (tmp_path / "null.mp3").symlink_to("/dev/null")
    for path in tmp_path.iterdir():
        assert reason(path) == "unreadable: not a regular file"


def test_links_to_nowhere_and_in_circles_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "nowhere.mp3").symlink_to(tmp_path / "gone.mp3")
    (tmp_path / "circle.mp3").symlink_to(tmp_path / "circle.mp3")
    assert reason(tmp_path / "nowhere.mp3") == "unreadable: no such file or directory"
    assert reason(tmp_path / "circle.mp3").startswith("unreadable: too many levels")
    assert reason(tmp_path / ("x" * 300)) == "unreadable: file name too long"


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, if we have them."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "secret.flac", sine(440, 1.0))
    path.chmod(0)
    with as_nobody():
        text = reason(path)
    assert text == "unreadable: permission denied"


def test_a_file_that_grows_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    data = whole("wav")
    path = tmp_path / "growing.wav"
    path.write_bytes(data[: len(data) // 2])
    ended = threading.Event()

    def grow() -> None:
        with path.open("ab") as file:
            for start in range(len(data) // 2, len(data), 1_000):
                file.write(data[start : start + 1_000])
                file.flush()
        ended.set()

    writer = threading.Thread(target=grow)
    writer.start()
    during = heard(path)
    writer.join(timeout=30)
    assert ended.is_set()
    assert SECONDS / 2 - 0.1 <= during.duration_s <= SECONDS + 0.1
    assert heard(path).duration_s == pytest.approx(SECONDS)


# Files that point to other files


@pytest.fixture
def served() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and what it has been asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(whole("mp3"))

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hls(segment: str) -> str:
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:4", "#EXTINF:4,", segment, "#EXT-X-ENDLIST", ""]
    return "\n".join(lines)


def dash(address: str) -> str:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT4S"><Period><AdaptationSet mimeType="audio/mp4">'
        f'<Representation id="1" bandwidth="1"><BaseURL>{address}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    )


SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"


@pytest.mark.parametrize("extension", ["mp3", "m3u8", "ts", "ffconcat"])
def test_a_list_of_other_files_is_not_followed(
    tmp_path: Path, served: tuple[str, list[str]], extension: str
) -> None:
    address, asked = served
    write(tmp_path / "private.wav", sine(440, 4.0))
    for suffix in ("aac", "mp3", "m4a"):
        (tmp_path / f"private.{suffix}").write_bytes(whole(suffix))
    lists = {
        "concat": "ffconcat version 1.0\nfile 'private.wav'\n",
        "concat_elsewhere": f"ffconcat version 1.0\nfile '{address}/song.mp3'\n",
        "hls": hls("private.aac"),
        "hls_absolute": hls(str(tmp_path / "private.m4a")),
        "hls_elsewhere": hls(f"{address}/song.mp3"),
        "dash": dash(f"{address}/song.m4a"),
        "plain": f"{tmp_path}/private.mp3\n{address}/song.mp3\n",
        "session": SDP,
        "redirect": f"[Reference]\nRef1={address}/song.asf\n",
    }
    for name, text in lists.items():
        path = tmp_path / f"{name}.{extension}"
        path.write_text(text)
        assert reason(path) in ("not audio: a playlist", "not audio: text"), name
    assert asked == []


def test_ffmpeg_left_alone_would_follow_such_a_list(tmp_path: Path) -> None:
    write(tmp_path / "private.wav", sine(440, 4.0))
    path = tmp_path / "concat.mp3"
    path.write_text("ffconcat version 1.0\nfile 'private.wav'\n")
    with av.open(str(path)) as container:
        assert container.format.name == "concat"
        assert sum(frame.samples for frame in container.decode(audio=0)) == 4 * RATE


def test_a_path_that_looks_like_an_address_is_a_path(
    tmp_path: Path, served: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = served
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.wav", sine(440, 1.0))
    for path in (f"{address}/song.mp3", "concat:a.wav|a.wav", "subfile,,start,0,end,0,,:a.wav"):
        failure = analyse(AnalysisJob(path, ()))
        assert isinstance(failure, JobFailure)
        assert failure.reason.startswith("unreadable: ")
    assert asked == []


# Pictures and films


def film(path: Path, *, with_sound: bool) -> Path:
    """Half a second of grey, with a tone or without."""
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream("mpeg4", rate=10, width=64, height=64, pix_fmt="yuv420p")
        assert isinstance(video, av.VideoStream)
        audio = container.add_stream("aac", rate=RATE, layout="mono") if with_sound else None
        for number in range(20):
            picture = av.VideoFrame(64, 64, "yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 10)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        if isinstance(audio, av.AudioStream):
            for start in range(0, 2 * RATE, 1_024):
                tone = sine(440, 3.0)[None, start : start + 1_024]
                frame = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(tone), format="fltp", layout="mono"
                )
                frame.sample_rate, frame.pts = RATE, start
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path


def test_of_a_film_the_sound_is_heard(tmp_path: Path) -> None:
    analysis = heard(film(tmp_path / "film.m4a", with_sound=True))
    assert analysis.duration_s == pytest.approx(2.0, abs=0.1)


def test_a_film_without_sound_says_so(tmp_path: Path) -> None:
    text = reason(film(tmp_path / "silent.m4a", with_sound=False))
    assert text == "truncated or damaged: there is no sound in it"


def huge_picture(side: int) -> bytes:
    """A small PNG that fills hundreds of megabytes once it is decoded."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    squeeze = zlib.compressobj(1)
    rows = bytes(64 * (1 + 3 * side))
    body = b"".join(squeeze.compress(rows) for _ in range(side // 64)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            *(chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b"")),
        ]
    )


async def test_the_cover_is_never_decoded(tmp_path: Path) -> None:
    cover = huge_picture(10_000)
    song, album = tmp_path / "song.mp3", tmp_path / "album.flac"
    song.write_bytes(whole("mp3"))
    album.write_bytes(whole("flac"))
    tags = mutagen.id3.ID3()
    tags.add(mutagen.id3.APIC(mime="image/png", type=3, data=cover))
    tags.save(song)
    picture = mutagen.flac.Picture()
    picture.type, picture.mime, picture.data = 3, "image/png", cover
    flac = mutagen.flac.FLAC(album)
    flac.add_picture(picture)
    flac.save()
    async with working(measured.TARGET) as workers:
        for path in (song, album):
            result = await workers.run(AnalysisJob(str(path), ()), timeout_s=60)
            assert result.outcome.duration_s == pytest.approx(SECONDS, abs=0.1)
            assert result.peak_bytes < 400 * MIB


# Through the workers, and through a scan


@asynccontextmanager
async def working(target: str, count: int = 1) -> AsyncIterator[Supervisor]:
    workers = Supervisor(target, count, preload=PRELOAD, memory_limit_bytes=800 * MIB)
    try:
        yield workers
    finally:
        await workers.close()


def good_files(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"good {number}.flac" for number in range(count)]
    for path in paths:
        path.write_bytes(whole("flac"))
    return paths


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("crash.flac", "the worker crashed with SIGSEGV"),
        ("hang.flac", "the worker did not answer within 1 s"),
        ("swell.flac", "the worker needed more than 800 MiB of memory"),
    ],
)
async def test_a_decoder_that_fails_costs_its_own_file_only(
    tmp_path: Path, name: str, said: str
) -> None:
    bad = tmp_path / name
    bad.write_bytes(whole("flac"))
    paths = [*good_files(tmp_path, 2), bad, *good_files(tmp_path, 2)]
    async with working(measured.UNRELIABLE_TARGET, 2) as workers:
        await workers.start()
        jobs = [AnalysisJob(str(path), ()) for path in paths]
        limits_s = [1.0 if name == "hang.flac" and path == bad else 60.0 for path in paths]
        running = [
            workers.run(job, timeout_s=limit_s) for job, limit_s in zip(jobs, limits_s, strict=True)
        ]
        results = await asyncio.gather(*running, return_exceptions=True)
    for path, result in zip(paths, results, strict=True):
        if path == bad:
            assert isinstance(result, WorkerError)
            assert str(result).startswith(said)
        else:
            assert isinstance(result, Analysis), result


def age(folder: Path) -> None:
    """Make everything look as if it had been there for long."""
    for path in folder.iterdir():
        os.utime(path, (LONG_AGO, LONG_AGO))


async def scanned(core: Core) -> ScanStatus:
    await core.scan.start()
    return await core.scan.wait()


async def test_a_scan_records_each_broken_file_once(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    good_files(folder, 2)
    lay_out(folder, [*FAILING, *HEARD])
    os.mkfifo(folder / "pipe.mp3")
    (folder / "device.mp3").symlink_to("/dev/zero")
    (folder / "folder.mp3").mkdir()
    for path in folder.iterdir():
        if path.suffix and path.is_file():
            os.utime(path, (LONG_AGO, LONG_AGO))
    settings = Settings(libraries=(folder,), data_dir=tmp_path / "data", workers=2)
    async with open_core(settings) as core:
        first = await scanned(core)
        failures = dict(await core.services.tracks.failures(100))
        second = await scanned(core)
        counts = await core.services.tracks.counts()
    assert (first.full, first.failed) == (2 + len(HEARD), len(FAILING))
    assert {Path(path).name for path in failures} == set(FAILING)
    for path, text in failures.items():
        assert text.startswith(FAILING[Path(path).name][1])
    assert (second.full, second.failed, second.skipped) == (0, 0, first.full + first.failed)
    assert (counts.tracks, counts.failed) == (first.full, first.failed)


async def test_a_scan_survives_a_decoder_that_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    good_files(folder, 3)
    (folder / "crash.flac").write_bytes(damaged_middle("flac"))
    age(folder)
    monkeypatch.setattr(app, "TARGET", measured.UNRELIABLE_TARGET)
    settings = Settings(libraries=(folder,), data_dir=tmp_path / "data", workers=2)
    async with open_core(settings) as core:
        first = await scanned(core)
        ((path, text),) = await core.services.tracks.failures(100)
        second = await scanned(core)
    assert (first.full, first.failed) == (3, 1)
    assert Path(path).name == "crash.flac"
    assert "SIGSEGV" in text
    assert (second.full, second.failed, second.skipped) == (0, 0, 4)
