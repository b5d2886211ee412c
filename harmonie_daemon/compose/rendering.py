"""From a brief or a MIDI file to files of sound: what a worker does for one job."""

from __future__ import annotations

import math
import shutil
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from harmonie_daemon.compose.composer import compose
from harmonie_daemon.compose.desk import Desk, Played
from harmonie_daemon.compose.encoding import write_sound
from harmonie_daemon.compose.excerpts import PREVIEW_FRAMES, loudest_start, preview_of, section_of
from harmonie_daemon.compose.master import Mastering, mastering_for
from harmonie_daemon.compose.midi import read_midi, write_midi
from harmonie_daemon.compose.render_job import Rendering, RenderJob
from harmonie_daemon.compose.rendering_progress import (
    ENCODING_COSTS,
    MASTERING_COST,
    PLAYING_COST,
    Progress,
    Stage,
    Tell,
)
from harmonie_daemon.compose.score import Score
from harmonie_daemon.compose.soundfont import SoundFont
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound
from harmonie_daemon.domain.composition import (
    AudioFormat,
    CompositionFile,
    FileKind,
    SectionTake,
)
from harmonie_daemon.library.tag_writing import write_tags

MIDI_NAME = "piece.mid"
EXCERPT_FORMAT = AudioFormat.MP3
"""Of sections, previews and stems."""
_MP3 = EXCERPT_FORMAT.value


def render(job: RenderJob, tell: Tell) -> Rendering:
    """Make the files. Raises ``OSError``, ``SoundFontError``, ``BriefError``, ``MidiError``."""
    return _Session(job, tell).render()


class _Session:
    """One job under way."""

    def __init__(self, job: RenderJob, tell: Tell) -> None:
        self._job = job
        self._folder = Path(job.folder)
        self._score = _score_of(job)
        self._seconds = self._score.duration_ms / 1000
        self._progress = Progress(tell, self._planned())
        self._files: list[CompositionFile] = []

    def render(self) -> Rendering:
        """All of it, one after the other: no more than one piece of sound is in memory."""
        pieces, score = self._job.pieces, self._score
        desk = Desk(score, SoundFont.open(Path(self._job.soundfont)))
        mix, mastering = self._mastered(desk)
        peak = float(max(-mix.min(initial=0.0), mix.max(initial=0.0)))
        previews = [loudest_start(mix, score, number) for number in range(len(score.sections))]
        if pieces.mix is not None:
            file = CompositionFile(FileKind.MIX, f"mix.{pieces.mix.value}", pieces.mix.value)
            self._write(file, mix)
        if pieces.midi:
            (self._folder / MIDI_NAME).write_bytes(write_midi(score))
            self._files.append(CompositionFile(FileKind.MIDI, MIDI_NAME, "mid"))
        if pieces.sections:
            self._write_sections(mix, previews)
        del mix
        if pieces.stems:
            for index in range(len(score.parts)):
                self._write_stem(desk, mastering, index, previews)
        self._tag_mix()
        return Rendering(
            files=tuple(self._files),
            takes=self._takes() if pieces.sections else (),
            duration_ms=score.duration_ms,
            loudness_lufs=round(mastering.loudness_lufs, 2),
            peak_dbfs=round(20 * math.log10(max(peak, 1e-5)), 2),
            bpm=_bpm(score),
            key=score.key,
        )

    def _mastered(self, desk: Desk) -> tuple[Sound, Mastering]:
        played = self._played(desk)
        self._progress.begin(Stage.MASTERING, MASTERING_COST * self._seconds)
        looping = self._score.looping
        mastering = mastering_for(played.sound, played.part_peaks, looping=looping)
        mastering.apply(played.sound)
        return played.sound, mastering

    def _played(self, desk: Desk, only: int | None = None) -> Played:
        self._progress.begin(Stage.PLAYING, PLAYING_COST * self._seconds)
        return desk.play(only, self._progress.within)

    def _write_sections(self, mix: Sound, previews: list[int]) -> None:
        take = self._job.take
        for number, preview_start in enumerate(previews):
            name = f"section-{number + 1}-take-{take + 1}"
            file = CompositionFile(FileKind.MIX, f"{name}.mp3", _MP3, number, take)
            if len(previews) == 1 and self._job.pieces.mix is EXCERPT_FORMAT:
                self._copy(self._files[0], file)
            else:
                with section_of(mix, self._score, number) as section:
                    self._write(file, section)
            preview = replace(file, kind=FileKind.PREVIEW, path=f"{name}-preview.mp3")
            self._write(preview, preview_of(mix, self._score, number, preview_start))

    def _write_stem(
        self, desk: Desk, mastering: Mastering, index: int, previews: list[int]
    ) -> None:
        """A function of its own: when it returns, nothing holds the sound any more."""
        part = self._score.parts[index]
        stem = self._played(desk, index).sound
        mastering.apply(stem)
        name = f"stem-{index + 1}-{part.name}"
        whole = CompositionFile(FileKind.STEM, f"{name}.mp3", _MP3, instrument=part.name)
        self._write(whole, stem)
        for number, preview_start in enumerate(previews):
            where = f"section-{number + 1}-{name}"
            file = replace(whole, path=f"{where}.mp3", section=number)
            if len(previews) == 1:
                self._copy(whole, file)
            else:
                with section_of(stem, self._score, number) as section:
                    self._write(file, section)
            excerpt = preview_of(stem, self._score, number, preview_start)
            path = f"{where}-preview.mp3"
            self._write(replace(file, kind=FileKind.STEM_PREVIEW, path=path), excerpt)

    def _write(self, file: CompositionFile, sound: Sound) -> None:
        format = AudioFormat(file.format)
        self._progress.begin(Stage.ENCODING, ENCODING_COSTS[format] * len(sound) / SAMPLE_RATE)
        write_sound(self._folder / file.path, format, sound, self._progress.within)
        duration_ms = round(len(sound) * 1000 / SAMPLE_RATE)
        self._files.append(replace(file, duration_ms=duration_ms))

    def _copy(self, known: CompositionFile, file: CompositionFile) -> None:
        """The same sound is encoded once."""
        shutil.copyfile(self._folder / known.path, self._folder / file.path)
        self._files.append(replace(file, duration_ms=self._score.duration_ms))

    def _tag_mix(self) -> None:
        format, tags = self._job.pieces.mix, self._job.tags
        if format is None or tags is None:
            return
        key = None if self._score.key is None else self._score.key.text
        tags = replace(tags, bpm=round(_bpm(self._score), 1), key=key)
        write_tags(self._folder / f"mix.{format.value}", format.value, tags)

    def _takes(self) -> tuple[SectionTake, ...]:
        names = tuple(part.name for part in self._score.parts)
        return tuple(
            SectionTake(
                number, self._job.take, self._job.seed + self._job.take, names, section.length_ms
            )
            for number, section in enumerate(self._score.sections)
        )

    def _planned(self) -> float:
        """The cost of all stages, in seconds of playing."""
        pieces, seconds = self._job.pieces, self._seconds
        sections = [section.length_ms / 1000 for section in self._score.sections]
        previews = sum(min(PREVIEW_FRAMES / SAMPLE_RATE, length) for length in sections)
        excerpt = ENCODING_COSTS[EXCERPT_FORMAT]
        cost = (PLAYING_COST + MASTERING_COST) * seconds
        if pieces.mix is not None:
            cost += ENCODING_COSTS[pieces.mix] * seconds
        if pieces.sections:
            is_copied = len(sections) == 1 and pieces.mix is EXCERPT_FORMAT
            cost += excerpt * (previews + (0.0 if is_copied else seconds))
        if pieces.stems:
            whole = seconds if len(sections) == 1 else 2 * seconds
            each = PLAYING_COST * seconds + excerpt * (previews + whole)
            cost += each * len(self._score.parts)
        return cost


def _score_of(job: RenderJob) -> Score:
    if job.brief is None:
        return read_midi(Path(job.midi_path).read_bytes())
    return compose(job.brief, job.seed + job.take)


def _bpm(score: Score) -> float:
    """The tempo that lasts longest."""
    ends = [tempo.at for tempo in score.tempos[1:]]
    end = max((section.start + section.length for section in score.sections), default=0)
    lasting: dict[int, int] = defaultdict(int)
    for tempo, until in zip(score.tempos, [*ends, max(end, score.tempos[-1].at + 1)], strict=True):
        lasting[tempo.microseconds_per_beat] += (until - tempo.at) * tempo.microseconds_per_beat
    return 60e6 / max(lasting, key=lambda tempo: lasting[tempo])
