"""How long composing takes, stage by stage, and how much memory a worker needs for it.

    python bench/compose.py [--seconds 60] [--memory] [--takes]

Prints how many times faster than real time a piece of each genre is composed, played, mastered and
written as MP3, in processor time (wall time beside it: on a busy machine it is longer), against
encoding alone as the baseline of the same run. ``--takes``: what three more takes of every section
add. ``--memory``: the peak of a real worker for 60 s and for ten minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.desk import Desk
from harmonie_daemon.compose.encoding import write_sound
from harmonie_daemon.compose.master import mastering_for
from harmonie_daemon.compose.render_job import Pieces, RenderJob
from harmonie_daemon.compose.renderer import open_renderer, usual_soundfont
from harmonie_daemon.compose.rendering import render
from harmonie_daemon.compose.soundfont import SoundFont
from harmonie_daemon.domain.brief import Brief, BriefSection, Emotion, Genre, TempoWord
from harmonie_daemon.domain.composition import AudioFormat
from harmonie_daemon.workers import Budget

SEED = 7
STAGES = ("compose", "balance", "play", "master", "mp3")


class Stopwatch:
    """Processor seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began


def brief_of(genre: Genre, seconds: int) -> Brief:
    half_ms = seconds * 500
    sections = (
        BriefSection(Emotion.CALM, 0, half_ms),
        BriefSection(Emotion.HAPPY, half_ms, half_ms),
    )
    return Brief(genre, TempoWord.MEDIUM, sections, title=f"{genre} of {seconds} s")


def mix_of(brief: Brief, path: Path) -> Stopwatch:
    watch = Stopwatch()
    with watch.stage("compose"):
        score = compose(brief, SEED)
    with watch.stage("balance"):
        desk = Desk(score, SoundFont.open(usual_soundfont()))
    with watch.stage("play"):
        played = desk.play()
    with watch.stage("master"):
        mastering_for(played.sound, played.part_peaks).apply(played.sound)
    with watch.stage("mp3"):
        write_sound(path, AudioFormat.MP3, played.sound)
    return watch


def print_stages(seconds: int) -> None:
    print(
        "| genre | " + " | ".join(STAGES) + " | all, CPU s | wall s | × real time | × MP3 alone |"
    )
    print("|---" * (len(STAGES) + 5) + "|")
    with tempfile.TemporaryDirectory() as folder:
        mix_of(brief_of(Genre.POP, 5), Path(folder) / "warm.mp3")
        for genre in Genre:
            began = time.perf_counter()
            watch = mix_of(brief_of(genre, seconds), Path(folder) / "mix.mp3")
            wall, total = time.perf_counter() - began, sum(watch.seconds.values())
            stages = " | ".join(f"{watch.seconds[stage]:.2f}" for stage in STAGES)
            print(
                f"| {genre} | {stages} | {total:.1f} | {wall:.1f} | {seconds / total:.0f}"
                f" | {total / watch.seconds['mp3']:.1f} |"
            )


def print_takes(seconds: int) -> None:
    """The whole of what Beatoven's clients get, and then the stems."""
    wanted = {
        "mix, sections, previews": [Pieces(mix=AudioFormat.MP3, midi=True, sections=True)],
        "three more takes": [Pieces(sections=True)] * 3,
        "stems": [Pieces(stems=True)],
    }
    for genre in (Genre.POP, Genre.CINEMATIC):
        for name, jobs in wanted.items():
            began = time.process_time()
            for take, pieces in enumerate(jobs):
                with tempfile.TemporaryDirectory() as folder:
                    job = RenderJob(
                        folder,
                        pieces,
                        brief=brief_of(genre, seconds),
                        seed=SEED,
                        take=take + (len(jobs) > 1),
                        soundfont=str(usual_soundfont()),
                    )
                    render(job, lambda _: None)
            print(f"{genre}, {seconds} s, {name}: {time.process_time() - began:.1f} CPU s")


async def worker_peak_mb(genre: Genre, seconds: int) -> float:
    """The most that any process below this one had in memory."""
    async with open_renderer(None, Budget(1)) as renderer:
        with tempfile.TemporaryDirectory() as folder:
            pieces = Pieces(mix=AudioFormat.MP3, sections=True, stems=True)
            job = RenderJob(folder, pieces, brief=brief_of(genre, seconds), seed=SEED)
            await renderer.render(job)
            return max(peaks_kb(os.getpid())) / 1000


def peaks_kb(parent: int) -> Iterator[int]:
    """VmHWM of all descendants."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
            pid = int(stat.parent.name)
            for line in (stat.parent / "status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    yield int(line.split()[1])
            yield from peaks_kb(pid)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--takes", action="store_true")
    asked = parser.parse_args()
    print_stages(asked.seconds)
    if asked.takes:
        print_takes(asked.seconds)
    if asked.memory:
        for genre in (Genre.POP, Genre.AMBIENT):
            for seconds in (60, 600):
                peak = asyncio.run(worker_peak_mb(genre, seconds))
                print(f"worker, {genre}, {seconds} s with stems: {peak:.0f} MB")


if __name__ == "__main__":
    main()
