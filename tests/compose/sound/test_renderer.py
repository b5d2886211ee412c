"""Jobs in real workers: files, progress, memory, cancelling, a disk that is full."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from mutagen.id3 import ID3

from harmonie_daemon.compose.midi import write_midi
from harmonie_daemon.compose.render_job import Pieces, RenderJob
from harmonie_daemon.compose.renderer import Renderer, open_renderer
from harmonie_daemon.compose.rendering_progress import RenderProgress, Stage
from harmonie_daemon.compose.score import Note, ScorePart, Tempo
from harmonie_daemon.domain.brief import Brief, Emotion, Genre, Stem
from harmonie_daemon.domain.composition import AudioFormat, FileKind
from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.domain.track import Tags
from harmonie_daemon.workers import Budget
from tests.compose.asked import in_sections, make_brief
from tests.compose.sound.heard import lufs, make_score
from tests.e2e.harness import children_of

TWO_SECTIONS = in_sections([4_003, 3_500], [Emotion.CALM, Emotion.HAPPY])


@asynccontextmanager
async def renderer() -> AsyncIterator[Renderer]:
    async with open_renderer(None, Budget(1)) as opened:
        yield opened


def job_for(folder: Path, pieces: Pieces, brief: Brief | None = None) -> RenderJob:
    return RenderJob(str(folder), pieces, brief=brief or make_brief(duration_ms=5_000), seed=4)


def peak_of_workers() -> int:
    """Bytes that the largest process below us has ever had in memory."""
    peaks = []
    for pid in children_of(os.getpid()):
        status = Path(f"/proc/{pid}/status").read_text()
        peaks += [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
    return 1024 * max(peaks)


async def test_all_files_of_a_piece_have_the_lengths_they_say(tmp_path: Path) -> None:
    brief = Brief(Genre.POP, make_brief().tempo, TWO_SECTIONS, title="Two halves")
    told: list[RenderProgress] = []

    async def hear(progress: RenderProgress) -> None:
        told.append(progress)

    pieces = Pieces(mix=AudioFormat.WAV, midi=True, sections=True, stems=True)
    tags = Tags(title="Two halves", artist="Harmonie", genres=("Pop",))
    async with renderer() as opened:
        made = await opened.render(replace(job_for(tmp_path, pieces, brief), tags=tags), hear)
    assert made.duration_ms == 7_503
    assert made.loudness_lufs == pytest.approx(-14, abs=0.5)
    assert made.peak_dbfs <= -1
    assert {file.path for file in made.files} == {path.name for path in tmp_path.iterdir()}
    for file in made.files:
        if file.kind is not FileKind.MIDI:
            info = soundfile.info(tmp_path / file.path)
            assert info.frames == pytest.approx(44.1 * (file.duration_ms or 0), abs=45)
    mix = next(file for file in made.files if file.section is None)
    assert soundfile.info(tmp_path / mix.path).frames == round(7_503 * 44.1)
    sections = [file for file in made.files if file.kind is FileKind.MIX and file.take is not None]
    assert [file.duration_ms for file in sections] == [4_003, 3_500]
    stems = {file.instrument for file in made.files if file.kind is FileKind.STEM}
    assert stems == set(made.takes[0].instruments)
    assert len(stems) == 4
    assert len(made.files) == 2 + 2 * 2 + 4 * (1 + 2 * 2)
    fractions = [one.fraction for one in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.95
    assert [one.stage for one in told[:1]] == [Stage.PLAYING]
    assert {one.stage for one in told} == set(Stage)


async def test_a_mix_is_tagged_and_the_same_job_gives_the_same_bytes(tmp_path: Path) -> None:
    tags = Tags(title="Morning", artist="Harmonie", album="Harmonie: Pop", genres=("Pop",))
    async with renderer() as opened:
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            job = job_for(tmp_path / name, Pieces(mix=AudioFormat.MP3))
            made = await opened.render(replace(job, tags=tags))
    first, second = (tmp_path / name / "mix.mp3" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    found = ID3(first)
    assert (str(found["TIT2"]), str(found["TCON"])) == ("Morning", "Pop")
    assert float(str(found["TBPM"])) == pytest.approx(made.bpm, abs=0.5)
    assert str(found["TKEY"]) == (made.key.text if made.key else "")


@pytest.mark.thorough
async def test_previews_begin_at_the_loudest_bar_and_last_ten_seconds(tmp_path: Path) -> None:
    brief = make_brief(Genre.CINEMATIC, Emotion.TRIUMPHANT, duration_ms=24_000)
    async with renderer() as opened:
        made = await opened.render(
            job_for(tmp_path, Pieces(mix=AudioFormat.WAV, sections=True), brief)
        )
    preview = next(file for file in made.files if file.kind is FileKind.PREVIEW)
    sound, _ = soundfile.read(tmp_path / preview.path, dtype="float32")
    whole, _ = soundfile.read(tmp_path / "mix.wav", dtype="float32")
    assert preview.duration_ms == 10_000
    assert lufs(sound) >= lufs(whole) - 1


@pytest.mark.thorough
async def test_a_midi_file_of_others_sounds_below_the_ceiling(tmp_path: Path) -> None:
    """Sixteen channels of loud clusters; nothing clips and nothing is out of bounds."""
    parts = tuple(
        ScorePart(
            f"part {channel}", Stem.CHORDS,
            tuple(Note(960 * beat, 900, 40 + channel + 3 * voice, 127)
                  for beat in range(12) for voice in range(8)),
            program=8 * channel,
        )
        for channel in range(15)
    )  # fmt: skip
    score = replace(make_score(seconds=8.0), parts=parts, tempos=(Tempo(0, 500_000),))
    path = tmp_path / "theirs.mid"
    path.write_bytes(write_midi(score))
    out = tmp_path / "out"
    out.mkdir()
    job = RenderJob(str(out), Pieces(mix=AudioFormat.WAV), midi_path=str(path))
    async with renderer() as opened:
        made = await opened.render(job)
    assert made.peak_dbfs <= -1
    assert soundfile.info(out / "mix.wav").frames == round(made.duration_ms * 44.1)


async def test_cancelling_ends_the_worker_at_once(tmp_path: Path) -> None:
    playing = asyncio.Event()

    async def hear(_: RenderProgress) -> None:
        playing.set()

    brief = make_brief(Genre.INDIE, duration_ms=300_000)
    async with renderer() as opened:
        job = job_for(tmp_path, Pieces(mix=AudioFormat.MP3), brief)
        rendering = asyncio.ensure_future(opened.render(job, hear))
        await playing.wait()
        rendering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await rendering
        made = await opened.render(job_for(tmp_path, Pieces(mix=AudioFormat.WAV)))
        assert made.duration_ms == 5_000
        assert not (tmp_path / "mix.mp3").exists()


@pytest.mark.thorough
async def test_a_full_disk_is_told_and_the_worker_lives_on(tmp_path: Path) -> None:
    (tmp_path / "mix.flac").symlink_to("/dev/full")
    async with renderer() as opened:
        with pytest.raises(WorkerError, match=r"could not be written whole|no space"):
            await opened.render(job_for(tmp_path, Pieces(mix=AudioFormat.FLAC)))
        made = await opened.render(job_for(tmp_path, Pieces(mix=AudioFormat.WAV)))
        assert made.files[0].path == "mix.wav"


@pytest.mark.thorough
async def test_a_worker_stays_below_500_mb_for_a_minute(tmp_path: Path) -> None:
    brief = make_brief(Genre.CINEMATIC, Emotion.SAD, duration_ms=60_000)
    async with renderer() as opened:
        await opened.render(job_for(tmp_path, Pieces(mix=AudioFormat.WAV), brief))
        assert peak_of_workers() < 500e6


@pytest.mark.thorough
async def test_a_worker_stays_below_500_mb_for_ten_minutes(tmp_path: Path) -> None:
    brief = make_brief(Genre.AMBIENT, Emotion.CALM, duration_ms=600_000)
    async with renderer() as opened:
        await opened.render(job_for(tmp_path, Pieces(mix=AudioFormat.WAV, sections=True), brief))
        assert peak_of_workers() < 500e6
