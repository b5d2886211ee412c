"""Finished pieces become music of the library."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from harmonie_daemon.domain.brief import Genre, MusicalKey
from harmonie_daemon.domain.composition import AudioFormat
from harmonie_daemon.domain.track import Tags
from harmonie_daemon.library.tags import read_tags
from harmonie_daemon.tasks.composing.publishing import Publisher, tags_of
from tests.scanning.world import wait_until
from tests.tasks.composing.world import make_brief, open_world

KEY = MusicalKey(9, "minor")
SUBTYPES = {"mp3": "MPEG_LAYER_III", "wav": "PCM_16", "flac": "PCM_16", "ogg": "VORBIS"}
FORMATS = {"opus": ("OGG", "OPUS")}


def sound(path: Path, format: str) -> Path:
    """A second of silence."""
    if format == "aac":
        with av.open(str(path), "w", format="mp4") as container:
            stream = container.add_stream("aac", rate=48_000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.rate = 48_000
            container.mux([*stream.encode(frame), *stream.encode(None)])
        return path
    container, subtype = FORMATS.get(format, (format.upper(), SUBTYPES.get(format, "")))
    soundfile.write(path, np.zeros((48_000, 2)), 48_000, format=container, subtype=subtype)
    return path


@pytest.mark.parametrize("format", AudioFormat)
def test_what_is_put_there_says_what_it_is_and_others_may_read_it(
    tmp_path: Path, format: AudioFormat
) -> None:
    source = sound(tmp_path / "source", format)
    before = source.read_bytes()
    tags = tags_of(make_brief(Genre.RNB), "Night – ride", bpm=92.0, key=KEY, at=1_800_000_000)
    old_mask = os.umask(0o077)
    try:
        path = Publisher(tmp_path / "music" / "Composed").publish(source, format, tags)
    finally:
        os.umask(old_mask)
    assert path == tmp_path / "music" / "Composed" / "R&B" / f"Night – ride.{format.ending}"
    found = read_tags(str(path)).tags
    assert (found.title, found.artist, found.album_artist) == ("Night – ride", *["Harmonie"] * 2)
    assert (found.album, found.genres, found.bpm) == ("Harmonie: R&B", ("R&B",), 92.0)
    assert (found.key, found.date) == ("Am", "2027-01-15")
    assert source.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    for folder in (path.parent, path.parent.parent, tmp_path / "music"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name]


def test_nothing_that_is_there_is_touched(tmp_path: Path) -> None:
    source = sound(tmp_path / "source", "flac")
    publisher = Publisher(tmp_path / "music")
    tags = tags_of(make_brief(), "Song", bpm=None, key=None, at=0)
    (tmp_path / "music" / "Pop").mkdir(parents=True)
    own = tmp_path / "music" / "Pop" / "Song.flac"
    own.write_text("somebody's own")
    names = [publisher.publish(source, AudioFormat.FLAC, tags).name for _ in range(2)]
    assert names == ["Song (2).flac", "Song (3).flac"]
    assert own.read_text() == "somebody's own"


def test_a_file_system_without_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    source = sound(tmp_path / "source", "flac")
    tags = tags_of(make_brief(), "Song", bpm=None, key=None, at=0)
    publisher = Publisher(tmp_path / "music")
    names = [publisher.publish(source, AudioFormat.FLAC, tags).name for _ in range(2)]
    assert names == ["Song.flac", "Song (2).flac"]
    assert len(list((tmp_path / "music" / "Pop").iterdir())) == 2


async def test_pruning_and_deleting_leave_the_library_alone(tmp_path: Path) -> None:
    library = tmp_path / "music"
    told: list[str] = []

    async def tell(paths: frozenset[str]) -> None:
        told.extend(paths)

    async with open_world(tmp_path / "data", library=library, keep_days=1) as world:
        world.band.sound = sound(tmp_path / "played", "mp3").read_bytes()
        world.studio.tell_of_music(tell)
        made, version = await world.compose("Song")
        await world.compose("Other")
        assert version.library_path == str(library / "Pop" / "Song.mp3") == told[0]
        await world.studio.delete(made.id)
        world.clock.now += 10 * 86_400
        await world.studio.prune()
        assert (await world.studio.page()).total == 0
        assert sorted(one.name for one in (library / "Pop").iterdir()) == ["Other.mp3", "Song.mp3"]


async def test_without_a_writable_library_it_is_composed_all_the_same(tmp_path: Path) -> None:
    in_the_way = tmp_path / "music"
    in_the_way.write_text("no folder")
    async with open_world(tmp_path / "data", library=in_the_way) as world:
        with pytest.raises(OSError, match=str(in_the_way)):
            Publisher(in_the_way).check()
        _, started = await world.begin("Song")
        record = await world.runner.wait(started.task_id)
        assert record is not None
        assert record.error is None
        assert "not put into the library" in record.log[-1].text
        known = await world.studio.task(started.task_id)
        assert known is not None
        assert known[1].library_path is None


async def test_cancelling_while_it_is_published_leaves_no_file_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing, go_on = threading.Event(), threading.Event()

    def slowly(self: object, source: Path, format: AudioFormat, tags: Tags) -> Path:
        publishing.set()
        go_on.wait(timeout=10)
        return source

    monkeypatch.setattr(Publisher, "publish", slowly)
    async with open_world(tmp_path / "data", library=tmp_path / "music") as world:
        made, started = await world.begin("Song")
        await wait_until(publishing.is_set)
        assert world.studio.cancel(made.id, 1)
        await world.runner.wait(started.task_id)
        go_on.set()
        assert world.files() == []
