"""From one section into the next: where the feeling calms down, drums and melody leave early.

Where it grows livelier, the drums roll (``drums``) and the chords swell (``performance``).
"""

from __future__ import annotations

from collections.abc import Iterator

from harmonie_daemon.compose.arrange.plan import PiecePlan
from harmonie_daemon.compose.palettes import PartRole, Player
from harmonie_daemon.compose.score import Note

_CALMER_BY = 0.15
"""Of arousal."""
_LEAVING = (PartRole.DRUMS, PartRole.TALA, PartRole.LEAD)


def with_transitions(plan: PiecePlan, player: Player, notes: list[Note]) -> list[Note]:
    """The part without what would start in the last half bar before something calmer."""
    if player.role not in _LEAVING or len(plan.players) == 1:
        return notes
    quiet = list(_quiet_stretches(plan))
    return [note for note in notes if not any(start <= note.start < end for start, end in quiet)]


def _quiet_stretches(plan: PiecePlan) -> Iterator[tuple[int, int]]:
    for passage in plan.passages[:-1]:
        following = plan.passages[passage.number + 1]
        if following.section == passage.section:
            continue
        if following.affect.arousal < passage.affect.arousal - _CALMER_BY:
            bar = plan.grid.bars[passage.last - 1]
            yield bar.end - bar.length // 2, bar.end
