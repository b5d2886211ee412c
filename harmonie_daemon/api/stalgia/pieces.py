"""Music from words: a wish, a program, or a piece that is to be another one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from harmonie_daemon.api.stalgia.deps import StalgiaCall
from harmonie_daemon.api.stalgia.errors import GenerationFailure, public
from harmonie_daemon.api.stalgia.schemas import GenerateBody, Generated, RenderBody, ReviseBody
from harmonie_daemon.compose.words.local_writer import brief_of_length, title_of
from harmonie_daemon.compose.words.piece import GenerationError, WordedPiece
from harmonie_daemon.compose.words.wish import Wish, cleaned
from harmonie_daemon.domain.composition import Origin
from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.web.answers import Answer, WithCookie
from harmonie_daemon.web.endpoint import Nothing

PieceAnswer = WithCookie[Generated] | Answer[GenerationFailure]


async def generate_music(call: StalgiaCall[Nothing, Nothing, GenerateBody]) -> PieceAnswer:
    """A piece for a wish."""
    wish = call.body.wish()
    return await _answered(call, wish, call.deps.composer.generate(wish))


async def render_code(call: StalgiaCall[Nothing, Nothing, RenderBody]) -> PieceAnswer:
    """What a program plays."""
    program = call.body.code
    if not program.strip():
        raise BadRequestError("there is no code; send a program of the dialect")
    brief = cleaned(call.body.brief or "")
    wish = Wish(_first_line(brief) or "A program")
    return await _answered(call, wish, call.deps.composer.render(program, brief))


async def revise_music(call: StalgiaCall[Nothing, Nothing, ReviseBody]) -> PieceAnswer:
    """Another piece for the same wish, or the same piece otherwise."""
    body, composer = call.body, call.deps.composer
    wish, request = body.wish(), cleaned(body.request)
    if body.mode == "regenerate":
        return await _answered(call, wish, composer.regenerate(wish, request))
    program = body.code or ""
    if not program.strip():
        raise BadRequestError("there is no code to change; send it, or use the mode regenerate")
    changed = composer.change(wish, cleaned(body.brief or ""), program, request)
    return await _answered(call, wish, changed)


async def _answered(
    call: StalgiaCall[Any, Any, Any], wish: Wish, making: Awaitable[WordedPiece]
) -> PieceAnswer:
    try:
        piece = await making
    except GenerationError as error:
        return Answer(500, GenerationFailure(error=public(str(error)), code=error.program))
    studio = call.deps.studio
    brief = await asyncio.to_thread(brief_of_length, wish, piece.score.duration_ms)
    composition = await studio.create(
        brief,
        title=title_of(wish),
        origin=Origin.STALGIA,
        prompt=wish.prompt,
        texts={"brief": piece.brief, "code": piece.code},
    )
    await studio.keep_midi(composition, piece.midi)
    cookie = call.deps.callers.made(call.request, composition.id)
    made = Generated(brief=piece.brief, code=piece.code, id=composition.id)
    return WithCookie(made, cookie)


def _first_line(brief: str) -> str:
    """What a brief begins with, headings aside."""
    lines = (line.strip("#* ") for line in brief.splitlines() if not line.startswith("#"))
    return next((line for line in lines if line), "")[:200]
