"""What the handlers of this family work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.web.endpoint import BodyT, Call, PathT, QueryT
from harmonie_daemon.web.own_address import OwnAddress
from harmonie_daemon.web.signing import Signer


@dataclass(frozen=True, slots=True)
class BeatovenDeps:
    """Everything the handlers work with."""

    studio: Studio
    signer: Signer
    own_address: OwnAddress
    can_write_aac: Callable[[], bool]
    """Whether there is a program that does."""


BeatovenCall: TypeAlias = Call[BeatovenDeps, PathT, QueryT, BodyT]
