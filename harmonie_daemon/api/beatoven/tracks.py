"""Tracks: made, composed, taken apart into instruments, asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from harmonie_daemon.api.beatoven.answers import (
    ComposedTrack,
    CompositionStarted,
    StemsStarted,
    TrackCreated,
)
from harmonie_daemon.api.beatoven.asking import brief_of
from harmonie_daemon.api.beatoven.bodies import StemsRequest, TrackRequest
from harmonie_daemon.api.beatoven.deps import BeatovenCall
from harmonie_daemon.api.beatoven.files import link_of
from harmonie_daemon.api.beatoven.options import CompositionParams, composition_params
from harmonie_daemon.api.beatoven.translate import composed, parameters, stems
from harmonie_daemon.domain.composition import (
    Composition,
    CompositionId,
    Origin,
    VersionState,
)
from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.web.aside import aside
from harmonie_daemon.web.endpoint import Call, Nothing
from harmonie_daemon.web.validation import WHOLE_TEXT

FIRST_SEED = "seed"
"""Under this name a composition keeps the seed it was made with."""


class BeatovenTrackPath(BaseModel):
    """Which track."""

    id: str = Field(description="The id of the track.")


class VersionQuery(BaseModel):
    """Which version of it."""

    version: Annotated[int, Field(ge=0, le=2**31), WHOLE_TEXT] | None = Field(
        default=None, description="The newest that is composed, if it is left out."
    )


async def get_composition_params(
    _: Call[None, Nothing, Nothing, Nothing],
) -> CompositionParams:
    """The same for everybody, always."""
    return composition_params()


async def create_track(call: BeatovenCall[Nothing, Nothing, TrackRequest]) -> TrackCreated:
    """A track of which nothing is composed yet."""
    body = call.body
    brief = await aside(call.request.app, lambda: brief_of(body))
    made = await call.deps.studio.create(
        brief,
        title=brief.title,
        origin=Origin.BEATOVEN,
        prompt=body.prompt or "",
        texts={} if body.seed is None else {FIRST_SEED: str(body.seed)},
    )
    return TrackCreated(uuid=made.id, track=parameters(made, None, genre=body.genre))


async def compose_track(
    call: BeatovenCall[BeatovenTrackPath, Nothing, TrackRequest],
) -> CompositionStarted:
    """A new version, begun; what the body says is kept for later versions, too."""
    studio, body = call.deps.studio, call.body
    known = await studio.get(CompositionId(call.path.id))
    brief = await aside(call.request.app, lambda: brief_of(body, known.brief))
    seed = _first_seed(known) if body.seed is None else body.seed
    started = await studio.start(
        known.id, brief=brief, title=brief.title, prompt=body.prompt, seed=seed
    )
    return CompositionStarted(task_id=started.task_id, version=started.version, seed=started.seed)


def _first_seed(track: Composition) -> int | None:
    """What the track was made with holds for its first version; the next ones are to differ."""
    given = track.texts.get(FIRST_SEED)
    return None if given is None or track.version else int(given)


async def make_stems(
    call: BeatovenCall[BeatovenTrackPath, VersionQuery, StemsRequest],
) -> StemsStarted:
    """Every instrument by itself, begun."""
    track, number = CompositionId(call.path.id), call.query.version
    if number == 0:
        raise BadRequestError("version 0 is the track before it is composed; compose it first")
    started = await call.deps.studio.start_stems(track, number)
    return StemsStarted(task_id=started.task_id, version=started.version)


async def get_track_files(
    call: BeatovenCall[BeatovenTrackPath, VersionQuery, Nothing],
) -> ComposedTrack:
    """Whatever there is of it."""
    studio, number = call.deps.studio, call.query.version
    known = await studio.get(CompositionId(call.path.id))
    version = None if number == 0 else await studio.version(known.id, number)
    answer = ComposedTrack(uuid=known.id, track=parameters(known, version))
    if version is None:
        return answer
    link = link_of(call, version)
    answer.seed = version.seed
    if version.state is VersionState.COMPOSED:
        meta = composed(version, link)
        answer.download_url, answer.midi_url = meta.download_url, meta.midi_url
        answer.section_options = meta.section_options
    if version.has_stems:
        answer.instrument_urls = stems(version, link)
    return answer
