"""From what was asked for to a brief; parameters win over the prompt, the prompt over the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harmonie_daemon.api.beatoven.bodies import (
    SHORTEST_SECTION_MS,
    SectionRequest,
    TrackRequest,
)
from harmonie_daemon.api.beatoven.titles import title_of
from harmonie_daemon.compose.blocked import around, first_blocked
from harmonie_daemon.compose.prompt import parse_prompt
from harmonie_daemon.domain.brief import (
    LONGEST_MS,
    SHORTEST_MS,
    Brief,
    BriefSection,
    Emotion,
    Genre,
    TempoWord,
)
from harmonie_daemon.domain.errors import BadRequestError

DEFAULT = Brief(Genre.POP, TempoWord.MEDIUM, (BriefSection(Emotion.CALM, 0, 60_000),))
"""What a request without a prompt gets where it says nothing."""


def brief_of(body: TrackRequest, stored: Brief | None = None) -> Brief:
    """The brief of a request; ``stored``: what holds where neither body nor prompt says anything.

    A long prompt takes 20 ms: for a thread.

    A tempo that nobody chose gives way where the combination is blocked. Raises
    ``BadRequestError`` for sections that do not cover the track and for blocked combinations.
    """
    before = stored or DEFAULT
    if body.prompt is not None and body.prompt.strip():
        before = parse_prompt(body.prompt)
    brief = replace(
        before,
        genre=before.genre if body.genre is None else Genre(_word(body.genre)),
        sections=_sections(body, before),
    )
    brief = replace(brief, title=_title(body, brief, stored))
    if body.tempo is not None:
        brief = replace(brief, tempo=TempoWord(_word(body.tempo)), bpm=None)
    elif before is not stored:
        return around(brief)
    _check_combination(brief)
    return brief


def _title(body: TrackRequest, brief: Brief, stored: Brief | None) -> str:
    """The one that is given, else the one it has; one that we made up follows what it is of."""
    given = " ".join((body.title or "").split())
    had = brief.title if stored is None else stored.title
    if stored is not None and had == title_of(stored):
        had = ""
    return given or had or title_of(brief)


def _sections(body: TrackRequest, before: Brief) -> tuple[BriefSection, ...]:
    if body.sections:
        return _contiguous(body.sections, body.duration_ms)
    if body.duration_ms is None:
        return before.sections
    return _stretched(before.sections, body.duration_ms)


def _contiguous(
    sections: Sequence[SectionRequest], duration_ms: int | None
) -> tuple[BriefSection, ...]:
    """The sections, if they follow one another and fill the track."""
    end = 0
    for number, section in enumerate(sections, start=1):
        if section.start > end:
            raise BadRequestError(
                f"sections: there is a gap from {end} to {section.start} ms before section "
                f"{number}; each begins where the one before it ends, the first at 0"
            )
        if section.start < end:
            raise BadRequestError(
                f"sections: section {number} overlaps the one before it from {section.start} to "
                f"{end} ms; start is where a section begins, length how long it lasts"
            )
        end += section.length
    if duration_ms is None:
        _check_duration(end)
    elif end < duration_ms:
        raise BadRequestError(
            f"sections: there is a gap from {end} to {duration_ms} ms, the end of the track; "
            "make them as long as duration_ms, or leave that out"
        )
    elif end > duration_ms:
        raise BadRequestError(
            f"sections: they last {end} ms, longer than duration_ms, which is {duration_ms}; "
            "make them as long, or leave it out"
        )
    return tuple(
        BriefSection(Emotion(_word(one.emotion)), one.start, one.length) for one in sections
    )


def _check_duration(duration_ms: int) -> None:
    if not SHORTEST_MS <= duration_ms <= LONGEST_MS:
        raise BadRequestError(
            f"sections: they last {duration_ms} ms in all; a track lasts {SHORTEST_MS} to "
            f"{LONGEST_MS} ms"
        )


def _stretched(sections: Sequence[BriefSection], duration_ms: int) -> tuple[BriefSection, ...]:
    """The same sections in another time, to the millisecond."""
    before_ms = sum(section.length_ms for section in sections)
    edges = [section.start_ms * duration_ms // before_ms for section in sections]
    made = tuple(
        BriefSection(section.emotion, start, end - start)
        for section, start, end in zip(sections, edges, [*edges[1:], duration_ms], strict=True)
    )
    if min(section.length_ms for section in made) < SHORTEST_SECTION_MS:
        raise BadRequestError(
            f"duration_ms: {duration_ms} ms are too short for {len(made)} sections; send sections"
        )
    return made


def _check_combination(brief: Brief) -> None:
    emotion = first_blocked(brief)
    if emotion is not None:
        raise BadRequestError(
            f"{brief.genre} cannot be {emotion} at the tempo {brief.tempo}, a combination that "
            "composition_params lists as blocked; take another tempo, genre or emotion"
        )


def _word(text: str) -> str:
    return text.strip().lower()
