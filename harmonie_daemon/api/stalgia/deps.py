"""What the handlers of this family work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from harmonie_daemon.api.stalgia.callers import Callers
from harmonie_daemon.api.stalgia.sounding import Sounding
from harmonie_daemon.api.stalgia.tag_folder import TagFolder
from harmonie_daemon.compose.words.composer import WordComposer
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.web.endpoint import BodyT, Call, PathT, QueryT


@dataclass(frozen=True, slots=True)
class StalgiaDeps:
    """Everything the handlers work with."""

    composer: WordComposer
    studio: Studio
    tags: TagFolder
    sounding: Sounding
    callers: Callers = field(default_factory=Callers)


StalgiaCall: TypeAlias = Call[StalgiaDeps, PathT, QueryT, BodyT]
