"""Tags are read in workers of their own: a file whose tags are hostile is heard all the same."""

from __future__ import annotations

import logging
from dataclasses import replace

from harmonie_daemon.analysis.job import JobFailure
from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.domain.track import AudioFile, Tags, display_path
from harmonie_daemon.library.tag_job import TIMEOUT_S, TagsJob, TagsRead
from harmonie_daemon.scanning.faults import Faults
from harmonie_daemon.scanning.rest import OwnLoad
from harmonie_daemon.workers import Supervisor

log = logging.getLogger(__name__)
NO_TAGS = Tags()


class TagReader:
    """Has the tags of files read, whatever is in them."""

    def __init__(self, supervisor: Supervisor, own_load: OwnLoad) -> None:
        self._supervisor = supervisor
        self._own_load = own_load
        self._faults = Faults()

    async def read(self, file: AudioFile) -> TagsRead | JobFailure:
        """What the file says of itself, with none of it if that costs a worker.

        A failure is the machine's, and may pass.
        """
        try:
            with self._own_load.hearing():
                read: TagsRead = await self._supervisor.run(TagsJob(file.path), timeout_s=TIMEOUT_S)
        except WorkerError as error:
            if self._faults.may_pass(file, str(error)):
                return JobFailure(str(error))
            read = TagsRead(Tags(), left_out=str(error))
        self._faults.passed(file)
        if read.left_out is not None:
            log.warning(
                "%s: its tags were not read whole: %s", display_path(file.path), read.left_out
            )
        return read


def filled(read: Tags, known: Tags) -> Tags:
    """What a file says, and for names it leaves out what is known otherwise."""
    return replace(
        read,
        title=read.title or known.title,
        artist=read.artist or known.artist,
        album=read.album or known.album,
        album_artist=read.album_artist or known.album_artist,
        track_number=read.track_number or known.track_number,
    )
