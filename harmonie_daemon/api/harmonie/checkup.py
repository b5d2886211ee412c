"""The doctor, over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from harmonie_daemon.api.harmonie.deps import HarmonieCall
from harmonie_daemon.domain.checkup import Finding, FindingVerdict
from harmonie_daemon.web.endpoint import Nothing


class FindingEntry(BaseModel):
    """One thing that was looked at."""

    area: str = Field(description="`folders`, `disk`, `watching`, …, or a target: `jellyfin`.")
    verdict: Literal["fine", "note", "problem"] = Field(
        description="A `note` works, but may be worth knowing; a `problem` needs a hand."
    )
    said: str
    advice: str | None = Field(description="What to do about it; every problem has some.")


class Checkup(BaseModel):
    """What an examination found."""

    ok: bool = Field(description="Whether there is no problem.")
    findings: list[FindingEntry]


async def examine(call: HarmonieCall[Nothing, Nothing, Nothing]) -> Checkup:
    """Look at everything, changing nothing."""
    return checkup(await call.deps.doctor.examine())


async def try_out(call: HarmonieCall[Nothing, Nothing, Nothing]) -> Checkup:
    """Look at everything, and try the targets."""
    return checkup(await call.deps.doctor.try_out())


def checkup(findings: Sequence[Finding]) -> Checkup:
    """The findings as they are sent."""
    return Checkup(
        ok=all(one.verdict is not FindingVerdict.PROBLEM for one in findings),
        findings=[
            FindingEntry(
                area=one.area,
                verdict=one.verdict.value,
                said=_sendable(one.said),
                advice=None if one.advice is None else _sendable(one.advice),
            )
            for one in findings
        ],
    )


def _sendable(text: str) -> str:
    """Words may name a file whose name is no text; that hides nothing else."""
    return text.encode("utf-8", "replace").decode()
