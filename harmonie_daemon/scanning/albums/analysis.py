"""The newest albums, heard as one task with a part for each album."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from harmonie_daemon.domain.errors import AnalysisError
from harmonie_daemon.domain.task import Lane, TaskId, TaskRecord, TaskState
from harmonie_daemon.scanning.albums import log_lines
from harmonie_daemon.scanning.albums.elsewhere import ServerOnlyTracks
from harmonie_daemon.scanning.albums.hearing import Heard, TrackHearing
from harmonie_daemon.scanning.albums.request import (
    AlbumProgress,
    AlbumRequest,
    AnalysisProgress,
    AnalysisRequest,
)
from harmonie_daemon.scanning.albums.sources import Album, AlbumSources, AlbumTrack
from harmonie_daemon.scanning.run import ScanTools
from harmonie_daemon.tasks.context import LOG_LINE_CHARACTERS, TaskContext, TaskHandle
from harmonie_daemon.tasks.kind import TaskKind
from harmonie_daemon.tasks.runner import Runner

MAIN_ANALYSIS = "main_analysis"
ALBUM_ANALYSIS = "album_analysis"
NAMED_FAILURES = 10
NAMED_PARTS = 100
MOST_WAITING = 50
"""Analyses of different wishes."""

MainContext = TaskContext[AnalysisRequest, AnalysisProgress]
AlbumContext = TaskContext[AlbumRequest, AlbumProgress]


@dataclass(slots=True)
class _Run:
    """An analysis on its way."""

    context: MainContext
    albums: Sequence[Album]
    server_id: str | None
    so_far: AnalysisProgress
    parts: list[TaskId] = field(default_factory=list)

    async def tell(self, **changes: Any) -> None:
        """Say how far it is."""
        self.so_far = replace(self.so_far, **changes)
        done = self.so_far.albums_completed / max(1, self.so_far.total_albums)
        await self.context.progress(done, self.so_far)

    async def completed(self, part: TaskRecord) -> None:
        """Take in how an album ended."""
        so_far, details = self.so_far, part.details
        ended_well = part.state is TaskState.SUCCESS
        await self.tell(
            albums_completed=so_far.albums_completed + 1,
            successful_albums=so_far.successful_albums + ended_well,
            failed_albums=so_far.failed_albums + (not ended_well),
            total_tracks_analyzed=so_far.total_tracks_analyzed
            + int(details.get("tracks_analyzed", 0)),
            tracks_skipped=so_far.tracks_skipped + int(details.get("tracks_skipped", 0)),
            tracks_failed=so_far.tracks_failed + int(details.get("tracks_failed", 0)),
        )
        name = part.arguments.get("album_name", "")
        if not ended_well:
            self.context.log(log_lines.album_failed(name, part.error))
        self.context.log(log_lines.albums_done(self.so_far))

    async def failed(self, what: str) -> None:
        """Keep the reason of a failure for whoever looks."""
        recent = (*self.so_far.recent_failures, what[:LOG_LINE_CHARACTERS])[-NAMED_FAILURES:]
        await self.tell(recent_failures=recent)


class AlbumAnalysis:
    """Analyses of the newest albums, one after another in the lane of AudioMuse's mains.

    Which albums: ``AlbumSources``. What is done about a file: ``TrackHearing``. As many albums at a
    time as a scan has files, each track after track; the workers are those of scans.
    """

    def __init__(
        self,
        *,
        tools: ScanTools,
        sources: AlbumSources,
        hearing: TrackHearing,
        remote: ServerOnlyTracks,
        runner: Runner,
    ) -> None:
        self._tools = tools
        self._sources = sources
        self._hearing = hearing
        self._remote = remote
        self._runner = runner
        self._runs: dict[TaskId, _Run] = {}
        self._main: TaskKind[AnalysisRequest, AnalysisProgress] = runner.register(
            TaskKind(MAIN_ANALYSIS, Lane.MAIN, self._analyse, most_waiting=MOST_WAITING)
        )
        self._part: TaskKind[AlbumRequest, AlbumProgress] = runner.register(
            TaskKind(ALBUM_ANALYSIS, Lane.MAIN, self._album)
        )

    def submit(self, request: AnalysisRequest) -> TaskHandle:
        """Ask for an analysis; one that waits and is asked for in the same words is it.

        Raises ``NotReadyError`` when the daemon is stopping, ``BusyError`` when too many wait.
        """
        return self._runner.submit(self._main, request)

    async def _analyse(self, context: MainContext) -> Mapping[str, Any]:
        context.log(log_lines.STARTED)
        await context.progress(0.0)
        await self._tools.models.look()
        request = context.arguments
        found = await self._sources.newest(request.num_recent_albums, request.server)
        albums = found.albums
        context.log(log_lines.albums_found(len(albums)))
        run = _Run(context, albums, found.server_id, AnalysisProgress(len(albums), len(albums)))
        self._runs[context.record.id] = run
        try:
            await run.tell()
            await self._all(run)
        finally:
            del self._runs[context.record.id]
        _require_some_success(run.so_far)
        return asdict(run.so_far)

    async def _all(self, run: _Run) -> None:
        queue = iter(range(len(run.albums)))
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._tools.concurrency, len(run.albums))):
                group.create_task(self._consume(run, queue))

    async def _consume(self, run: _Run, queue: Iterator[int]) -> None:
        for number in queue:
            album = run.albums[number]
            wish = AlbumRequest(number, album.id, album.name, len(album.tracks))
            part = run.context.spawn(self._part, wish)
            run.parts = [*run.parts, part.id][-NAMED_PARTS:]
            await run.tell(album_task_ids=tuple(run.parts))
            record = await part.wait()
            if record.state is TaskState.FAILURE:
                await run.failed(f"{album.name}: {record.error}")
            await run.completed(record)

    async def _album(self, context: AlbumContext) -> Mapping[str, Any]:
        parent = context.record.parent_id
        run = self._runs[TaskId(parent or "")]
        album = run.albums[context.arguments.number]
        part = _Part(context, run, album)
        for number, track in enumerate(album.tracks, 1):
            await self._rest(part)
            await part.begin(track, number)
            heard = await self._hear(run, track)
            await part.end(track, number, heard)
        part.say(log_lines.album_done(part.so_far))
        return asdict(part.so_far)

    async def _rest(self, part: _Part) -> None:
        """Begin nothing while scans would not."""
        because = self._tools.rest.because()
        if because is not None:
            part.say(log_lines.resting(because))
            await part.tell(resting=because)
            await self._tools.rest.over()
            await part.tell(resting=None)

    async def _hear(self, run: _Run, track: AlbumTrack) -> Heard:
        request = run.context.arguments
        if track.file is not None:
            return await self._hearing.hear(track.file, request.top_n_moods)
        if track.only_there is None or request.server is None or run.server_id is None:
            return Heard("failed", "it is not on this machine")
        return await self._remote.hear(
            request.server, run.server_id, track.only_there, request.top_n_moods
        )


def _require_some_success(ended: AnalysisProgress) -> None:
    """Raise ``AnalysisError`` when nothing came of it: that is no success, whoever is to blame."""
    why = next(iter(ended.recent_failures[-1:]), "they were cancelled")
    if ended.total_albums and ended.failed_albums == ended.total_albums:
        raise AnalysisError(f"none of {ended.total_albums} albums could be analysed: {why}")
    if ended.tracks_failed and not ended.total_tracks_analyzed + ended.tracks_skipped:
        raise AnalysisError(f"none of {ended.tracks_failed} tracks could be analysed: {why}")


class _Part:
    """An album on its way; what it says, its analysis says too."""

    def __init__(self, context: AlbumContext, run: _Run, album: Album) -> None:
        self._context = context
        self._run = run
        self.so_far = AlbumProgress(album.name, len(album.tracks))

    def say(self, line: str) -> None:
        """Keep a line in both logs."""
        self._context.log(line)
        self._run.context.log(line)

    async def tell(self, **changes: Any) -> None:
        """Say how far it is, here and in the analysis."""
        self.so_far = so_far = replace(self.so_far, **changes)
        done = so_far.tracks_done / max(1, so_far.total_tracks_in_album)
        await self._context.progress(done, so_far)
        heard = so_far.current_track_analysis or self._run.so_far.current_track_analysis
        await self._run.tell(
            album_name=so_far.album_name,
            current_track=so_far.current_track,
            current_track_analysis=heard,
            resting=so_far.resting,
        )

    async def begin(self, track: AlbumTrack, number: int) -> None:
        """A track's turn has come."""
        self.say(log_lines.analysing(track.name, number, self.so_far.total_tracks_in_album))
        await self.tell(current_track=track.name)

    async def end(self, track: AlbumTrack, number: int, heard: Heard) -> None:
        """A track is done with."""
        so_far = self.so_far
        match heard.kind:
            case "analyzed":
                counted = {"tracks_analyzed": so_far.tracks_analyzed + 1}
                line = log_lines.analysed(heard.summary, track.name)
            case "known":
                counted = {"tracks_skipped": so_far.tracks_skipped + 1}
                line = log_lines.skipped(track.name)
            case "failed":
                counted = {"tracks_failed": so_far.tracks_failed + 1}
                line = log_lines.not_analysed(track.name, heard.reason)
                await self._run.failed(f"{track.name}: {heard.reason}")
        self.say(line)
        summary = heard.summary or so_far.current_track_analysis
        await self.tell(tracks_done=number, current_track_analysis=summary, **counted)
