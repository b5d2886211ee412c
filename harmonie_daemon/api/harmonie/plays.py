"""Plays: what players tell, what is kept, and forgetting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from harmonie_daemon.api.harmonie.deps import HarmonieCall, HarmonieDeps
from harmonie_daemon.api.harmonie.play_schemas import (
    MOST_TOLD,
    Forgotten,
    KeptPlay,
    ListenerCounts,
    ListenerQuery,
    PlayList,
    PlaysQuery,
    PlaysTaken,
    RefusedPlay,
    TakenInAgain,
    ToldPlay,
    ToldPlays,
)
from harmonie_daemon.domain.errors import BadRequestError, ParameterError
from harmonie_daemon.domain.listening import (
    Play,
    PlayOutcome,
    PlaySource,
    judge,
    listener_key,
)
from harmonie_daemon.domain.playlist import SeedRef
from harmonie_daemon.domain.track import Track, TrackId, display_path
from harmonie_daemon.web.endpoint import Nothing
from harmonie_daemon.web.errors import InvalidRequestError
from harmonie_daemon.web.validation import explain

FUTURE_SLACK_S = 60.0
"""The clock of a player may be so far ahead of ours."""
DAY_S = 86_400.0
LATEST_S = 1e11
"""Whoever sends more than that sends milliseconds."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One entry of a request that is well-formed."""

    index: int
    play: ToldPlay


async def tell_plays(call: HarmonieCall[Nothing, Nothing, ToldPlays]) -> PlaysTaken:
    """Keep what a player tells; a single play that cannot be kept is an error of the request."""
    root = call.body.root
    if not call.deps.settings.listening.enabled:
        raise BadRequestError("listening.enabled is false here: no plays are kept")
    if isinstance(root, list) and len(root) > MOST_TOLD:
        raise InvalidRequestError(f"send at most {MOST_TOLD} plays at once, not {len(root)}")
    taken = await _take(call.deps, root if isinstance(root, list) else [root])
    if isinstance(root, dict) and taken.refused:
        raise InvalidRequestError(taken.refused[0].detail)
    return taken


async def list_plays(call: HarmonieCall[Nothing, PlaysQuery, Nothing]) -> PlayList:
    """Plays, the latest first, and each listener in numbers."""
    query, deps = call.query, call.deps
    until = deps.clock() + FUTURE_SLACK_S if query.until is None else query.until
    plays = await deps.plays.between(query.since, until, query.listener, query.limit)
    tracks = {
        one.id: one
        for one in await deps.tracks.get_many(list(dict.fromkeys(p.track_id for p in plays)))
    }
    tallies = await deps.plays.tallies(query.since, until, query.listener)
    return PlayList(
        items=[_kept(one, tracks[one.track_id]) for one in plays if one.track_id in tracks],
        listeners=[
            ListenerCounts(
                listener=one.listener,
                counted=one.counted,
                skipped=one.skipped,
                partial=one.partial,
                tracks=one.tracks,
                heard_s=one.heard_s,
                last_played_at=one.last_played_at,
                own_playlists=one.own_lists,
            )
            for one in tallies
        ],
    )


async def forget_plays(call: HarmonieCall[Nothing, ListenerQuery, Nothing]) -> Forgotten:
    """Empty what is kept of a listener."""
    return Forgotten(plays=await call.deps.plays.forget(call.query.listener))


async def take_in_again(call: HarmonieCall[Nothing, ListenerQuery, Nothing]) -> TakenInAgain:
    """Let totals and favourites of before be read again."""
    return TakenInAgain(known=await call.deps.plays.take_in_again(call.query.listener))


async def _take(deps: HarmonieDeps, rows: Sequence[object]) -> PlaysTaken:
    refused: dict[int, str] = {}
    told: list[_Told] = []
    for index, row in enumerate(rows):
        try:
            told.append(_Told(index, _well_formed(deps, row)))
        except (ParameterError, InvalidRequestError) as error:
            refused[index] = str(error)
    tracks = await _tracks(deps, told)
    whose = dict.fromkeys(one.play.listener for one in told if one.index in tracks)
    too_many = await deps.plays.admit(list(whose))
    plays: list[Play] = []
    for one in told:
        track = tracks.get(one.index)
        if track is None:
            refused[one.index] = _unknown(one.play)
        elif one.play.listener in too_many:
            refused[one.index] = "there are too many listeners; this one is not added"
        else:
            plays.append(_play(one.play, track))
    ignored = deps.settings.listening.ignored
    wanted = [one for one in plays if listener_key(one.listener) not in ignored]
    new = await deps.plays.record(wanted)
    return PlaysTaken(
        new=new,
        known=len(plays) - new,
        refused=[RefusedPlay(index=i, detail=text) for i, text in sorted(refused.items())],
    )


def _well_formed(deps: HarmonieDeps, row: object) -> ToldPlay:
    """Raises ``ParameterError`` and ``InvalidRequestError``."""
    try:
        play = ToldPlay.model_validate(row)
    except ValidationError as error:
        given = row if isinstance(row, dict) else {}
        raise InvalidRequestError(explain(error, given)) from error
    listener_key(play.listener)
    _check_time(deps, play)
    return play


def _check_time(deps: HarmonieDeps, play: ToldPlay) -> None:
    now, started_at = deps.clock(), play.started_at
    if started_at > LATEST_S:
        raise InvalidRequestError("started_at: is in milliseconds, it seems; send Unix seconds")
    if started_at > now + FUTURE_SLACK_S:
        raise InvalidRequestError(
            f"started_at: lies {started_at - now:.0f} s in the future; send Unix seconds"
        )
    if started_at + (play.heard_s or 0.0) > now + FUTURE_SLACK_S:
        raise InvalidRequestError("heard_s: is longer than the time since started_at")
    keep_days = deps.settings.listening.keep_days
    if started_at < now - keep_days * DAY_S:
        raise InvalidRequestError(
            f"started_at: lies more than {keep_days:g} days back, and plays are kept for no longer"
        )


async def _tracks(deps: HarmonieDeps, told: Sequence[_Told]) -> dict[int, Track]:
    """By the index of the entry; entries that lead to no track are left out."""
    refs = {
        one.index: SeedRef(
            path=one.play.path,
            artist=one.play.artist,
            album=one.play.album,
            title=one.play.title,
        )
        for one in told
        if one.play.track_id is None
    }
    found = await deps.resolver.resolve_all(list(dict.fromkeys(refs.values())))
    ids = {
        one.index: TrackId(one.play.track_id)
        if one.play.track_id is not None
        else found.get(refs[one.index])
        for one in told
    }
    wanted = list(dict.fromkeys(id_ for id_ in ids.values() if id_ is not None))
    by_id = {track.id: track for track in await deps.tracks.get_many(wanted)}
    return {index: by_id[id_] for index, id_ in ids.items() if id_ in by_id}


def _unknown(play: ToldPlay) -> str:
    if play.track_id is not None:
        return f"track_id: no track has the id {play.track_id}"
    if play.path is None and play.title is None:
        return "say which track it is: track_id, path, or artist and title"
    if play.path is not None:
        return "path: no track has it; it is to be as this machine sees it, or give the track_id"
    return "no track matches; give its track_id or path"


def _play(told: ToldPlay, track: Track) -> Play:
    """What is left out is taken from what is there: at last, that all of it was heard."""
    heard_s, position_s, duration_s = told.heard_s, told.position_s, track.duration_s
    if heard_s is None:
        heard_s = position_s if position_s is not None else duration_s
        if told.outcome is PlayOutcome.SKIPPED and position_s is None:
            heard_s = 0.0
    if position_s is None:
        position_s = min(heard_s, duration_s)
    return Play(
        told.listener,
        track.id,
        told.started_at,
        told.started_at + heard_s,
        heard_s,
        told.outcome or judge(heard_s, position_s, duration_s),
        PlaySource.PLAYER,
    )


def _kept(play: Play, track: Track) -> KeptPlay:
    return KeptPlay(
        listener=play.listener,
        track_id=play.track_id,
        path=display_path(track.file.path),
        artist=track.tags.artist,
        title=track.tags.title,
        started_at=play.started_at,
        ended_at=play.ended_at,
        heard_s=play.heard_s,
        outcome=play.outcome,
        source=play.source,
    )
