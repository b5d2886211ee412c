"""Lists of other files, films and covers: FFmpeg would open and decode them if it were let."""

from __future__ import annotations

import http.server
import struct
import threading
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import mutagen.flac
import mutagen.id3
import numpy as np
import pytest

from harmonie_daemon.analysis.job import AnalysisJob, JobFailure, hear
from tests.analysis.broken import (
    SECONDS,
    whole,
)
from tests.analysis.hearing import MEASURED_TARGET, MIB, heard, reason, working
from tests.analysis.sounds import RATE, sine, write


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
        failure = hear(AnalysisJob(path, ()))
        assert isinstance(failure, JobFailure)
        assert failure.reason.startswith("unreadable: ")
    assert asked == []


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
    async with working(MEASURED_TARGET) as workers:
        for path in (song, album):
            result = await workers.run(AnalysisJob(str(path), ()), timeout_s=60)
            assert result.outcome.duration_s == pytest.approx(SECONDS, abs=0.1)
            assert result.peak_bytes < 400 * MIB
