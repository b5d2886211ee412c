"""The styles of a track: rows for filters, and the classifier's whole vector.

Each function runs inside one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.domain.text import text_key
from harmonie_daemon.domain.track import Embedding, StyleScore
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.keys import clean_text
from harmonie_daemon.store.rows import fetch

STORED = np.dtype("<f2")
"""Half precision: 11 bits are more than a probability of this kind is worth."""

_FORGET_ROWS = "DELETE FROM track_styles WHERE track_id = ?"
_KNOW_STYLE = """
INSERT INTO styles (genre, style, genre_key, style_key) VALUES (?, ?, ?, ?)
ON CONFLICT (genre, style) DO NOTHING
"""
_SAVE_ROW = """
INSERT INTO track_styles (track_id, style_id, probability)
VALUES (?, (SELECT id FROM styles WHERE (genre, style) = (?, ?)), ?)
"""
_SAVE_PROBABILITIES = """
INSERT INTO style_probabilities (track_id, probabilities) VALUES (?, ?)
ON CONFLICT (track_id) DO UPDATE SET probabilities = excluded.probabilities
"""
_PROBABILITIES = "SELECT probabilities FROM style_probabilities WHERE track_id = ?"
_FORGET_PROBABILITIES = "DELETE FROM style_probabilities WHERE track_id = ?"


def save(
    connection: Connection,
    track_id: int,
    styles: Sequence[StyleScore],
    probabilities: Embedding | None,
) -> None:
    """Replace the rows. Without ``probabilities``, rows that the classifier made stay.

    Raises ``StoreError`` for probabilities that are not one finite vector of 0 to 1.
    """
    if probabilities is not None:
        fetch(connection, _SAVE_PROBABILITIES, (track_id, _packed(probabilities)))
    elif fetch(connection, _PROBABILITIES, (track_id,)):
        return
    connection.execute(_FORGET_ROWS, (track_id,))
    for score in as_stored(styles):
        keys = text_key(score.genre) or "", text_key(score.style) or ""
        connection.execute(_KNOW_STYLE, (score.genre, score.style, *keys))
        connection.execute(_SAVE_ROW, (track_id, score.genre, score.style, score.probability))


def as_stored(styles: Sequence[StyleScore]) -> tuple[StyleScore, ...]:
    """The rows as they come out of the database again: each label once, most probable first."""
    rows: dict[tuple[str, str], float] = {}
    for score in styles:
        genre, style = clean_text(score.genre), clean_text(score.style)
        if genre is not None and style is not None:
            probability = float(score.probability)
            rows[genre, style] = max(rows.get((genre, style), probability), probability)
    in_order = sorted(rows.items(), key=lambda row: (-row[1], row[0]))
    return tuple(StyleScore(*label, probability) for label, probability in in_order)


def forget_probabilities(connection: Connection, track_id: int) -> None:
    """The file sounds different now; its rows are the next to be replaced."""
    connection.execute(_FORGET_PROBABILITIES, (track_id,))


def probabilities(connection: Connection, track_id: int) -> Embedding | None:
    """The classifier's vector as float32[n]; ``None`` without one."""
    found = fetch(connection, _PROBABILITIES, (track_id,))
    return np.frombuffer(found[0][0], dtype=STORED).astype(np.float32) if found else None


def _packed(probabilities: Embedding) -> bytes:
    values = np.asarray(probabilities, dtype=np.float32)
    if values.ndim != 1 or not np.all((values >= 0.0) & (values <= 1.0)):  # also true of NaN
        raise StoreError(f"style probabilities must be 0 to 1, not of shape {values.shape}")
    return values.astype(STORED).tobytes()
