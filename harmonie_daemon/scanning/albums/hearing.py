"""Hearing one file that somebody asked for, by the rules that scans go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from harmonie_daemon.domain.track import AudioFile, Track, display_path
from harmonie_daemon.library.scanner import KnownFile, Walk, classify
from harmonie_daemon.scanning.albums.request import TrackSummary
from harmonie_daemon.scanning.assignment import Assignment, Outcome
from harmonie_daemon.scanning.plan import plan
from harmonie_daemon.scanning.run import ScanTools

_NOT_NOW = {
    "vanished": "it is not there any more",
    "growing": "it is still being written",
    "set_aside": "the model is out of order",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """How hearing a track ended."""

    kind: Literal["analyzed", "known", "failed"]
    reason: str = ""
    """Why it failed."""
    summary: TrackSummary | None = None
    """Of a track that was analysed now."""


class TrackHearing:
    """Does for single files what a scan would: no more than is out of date, and at times to rest.

    Files are not begun in quiet hours, under load or while scans are paused (``ScanTools.rest``).
    """

    def __init__(self, tools: ScanTools) -> None:
        self._tools = tools

    async def known(self, file: AudioFile) -> KnownFile | None:
        """What is remembered of the file at this path."""
        known = await self._tools.tracks.known_files([file.path])
        return next((one for one in known if one.file.path == file.path), None)

    async def works(self, file: AudioFile) -> Sequence[Assignment]:
        """What there is to do about the file as it is now."""
        known = await self.known(file)
        at_path = () if known is None else (known,)
        classified = classify(Walk(files=(file,), covered=(file.path,)), at_path)
        return plan(classified, (), self._tools.models.wanted).works

    async def hear(self, file: AudioFile, top_n_moods: int) -> Heard:
        """Do it, if anything is to be done. Raises ``StoreError``."""
        works = await self.works(file)
        if not works:
            known = await self.known(file)
            failed = None if known is None else known.failure
            return Heard("known") if failed is None else Heard("failed", failed)
        outcomes = [await self._tools.ear.hear(work) for work in works]
        for outcome in outcomes:
            if why := trouble(outcome):
                return Heard("failed", why)
        if all(outcome.kind == "tags" for outcome in outcomes):
            return Heard("known")
        return Heard("analyzed", summary=await self.summary(file, top_n_moods))

    async def summary(self, file: AudioFile, top_n_moods: int) -> TrackSummary | None:
        """What is known of the track at the file's path; ``None`` if it went meanwhile."""
        tracks = self._tools.tracks
        ids = await tracks.look_up(lambda lookup: lookup.by_path([file.path]))
        found = await tracks.get_many(list(ids.values()))
        if not found:
            return None
        (track,) = found
        moods = (await tracks.moods([track.id])).get(track.id)
        strongest = [] if moods is None else moods.top(top_n_moods)
        heard = track.descriptors
        return TrackSummary(
            track_name(track),
            None if heard.bpm is None else round(heard.bpm, 2),
            heard.key,
            None if heard.scale is None else heard.scale.value,
            {label: round(value, 2) for label, value in strongest},
        )


def track_name(track: Track) -> str:
    """``title by artist``, as far as the tags tell."""
    title = track.tags.title or display_path(PurePath(track.file.relative_path).stem)
    artist = track.tags.album_artist or track.tags.artist
    return f"{title} by {artist}" if artist else title


def trouble(outcome: Outcome) -> str | None:
    """Why a file has not been heard; ``None`` when it has."""
    if outcome.kind in ("failed", "unreadable"):
        return outcome.reason
    return _NOT_NOW.get(outcome.kind)
