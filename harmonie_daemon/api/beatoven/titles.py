"""A title for a track that was given none."""

from __future__ import annotations

from harmonie_daemon.domain.brief import Brief, Genre

_SPELLED = {Genre.RNB: "R&B", Genre.HIPHOP: "hip hop"}


def title_of(brief: Brief) -> str:
    """What it feels like and its genre: ``Calm to triumphant cinematic``."""
    first, last = brief.sections[0].emotion, brief.sections[-1].emotion
    feeling = first.value if first == last else f"{first} to {last}"
    return f"{feeling.capitalize()} {_SPELLED.get(brief.genre, brief.genre.value)}"
