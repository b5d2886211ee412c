"""How much of what comes from outside is kept with a composition."""

from __future__ import annotations

from collections.abc import Mapping

from harmonie_daemon.domain.composition import LARGEST_SEED
from harmonie_daemon.domain.errors import BadRequestError

LONGEST_TITLE = 200
LONGEST_PROMPT = 10_000
LARGEST_TEXTS = 2**20
"""Characters of all further texts of a composition."""
LARGEST_MIDI_BYTES = 4 * 2**20


def require_short(title: str, prompt: str, texts: Mapping[str, str]) -> None:
    """Raises ``BadRequestError``, which says what is too long."""
    if len(title) > LONGEST_TITLE:
        raise BadRequestError(f"title has {len(title)} characters; it may have {LONGEST_TITLE}")
    if len(prompt) > LONGEST_PROMPT:
        raise BadRequestError(f"prompt has {len(prompt)} characters; it may have {LONGEST_PROMPT}")
    if sum(len(text) for text in texts.values()) > LARGEST_TEXTS:
        raise BadRequestError(f"its texts have more than {LARGEST_TEXTS} characters")


def require_seed(seed: int | None) -> None:
    """Raises ``BadRequestError`` for one that cannot be kept."""
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise BadRequestError(f"seed is {seed}; it may be 0 to {LARGEST_SEED}")


def require_small(midi: bytes) -> None:
    """Raises ``BadRequestError`` for a MIDI file that is too large."""
    if len(midi) > LARGEST_MIDI_BYTES:
        raise BadRequestError(f"the MIDI file has more than {LARGEST_MIDI_BYTES} bytes")
