"""From what we keep to the shapes of the document; pure."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from itertools import groupby

from harmonie_daemon.api.beatoven.answers import (
    ComposedMeta,
    SectionOption,
    SectionStems,
    StemAddresses,
    TrackParameters,
    TrackSection,
)
from harmonie_daemon.api.beatoven.stem_names import by_stem
from harmonie_daemon.domain.brief import Brief, Stem
from harmonie_daemon.domain.composition import (
    Composition,
    CompositionFile,
    CompositionVersion,
    FileKind,
    SectionTake,
)

Link = Callable[[CompositionFile | None], str]
"""From a file to its address; no address for none."""


def parameters(
    composition: Composition, version: CompositionVersion | None, *, genre: str | None = None
) -> TrackParameters:
    """Of a version, or of a track that has none. ``genre``: as the client spelled it."""
    brief = composition.brief if version is None else version.brief
    return TrackParameters(
        created_at=formatdate(composition.created_at, usegmt=True),
        duration_ms=brief.duration_ms,
        genre=genre or brief.genre.value,
        sections=_sections(brief),
        tempo=brief.tempo.value,
        title=brief.title,
        version=0 if version is None else version.number,
    )


def _sections(brief: Brief) -> list[TrackSection]:
    return [
        TrackSection(emotion=one.emotion.value, length=one.length_ms, start=one.start_ms)
        for one in brief.sections
    ]


def composed(version: CompositionVersion, link: Link) -> ComposedMeta:
    """Of a version that is composed."""
    return ComposedMeta(
        download_url=link(version.file(FileKind.MIX)),
        section_options=section_options(version, link),
        midi_url=link(version.file(FileKind.MIDI)),
        seed=version.seed,
        track_id=version.composition_id,
        version=version.number,
    )


def section_options(version: CompositionVersion, link: Link) -> list[list[SectionOption]]:
    """By section, then take."""
    by_section = groupby(version.takes, key=lambda take: take.section)
    return [[_option(version, take, link) for take in takes] for _, takes in by_section]


def _option(version: CompositionVersion, take: SectionTake, link: Link) -> SectionOption:
    mix = version.file(FileKind.MIX, section=take.section, take=take.take)
    preview = version.file(FileKind.PREVIEW, section=take.section, take=take.take)
    return SectionOption(
        instruments=list(take.instruments),
        object_name="" if mix is None else mix.path.rpartition("/")[2],
        preview_url=link(preview),
        section_duration=take.length_ms,
        track_url=link(mix),
        seed=take.seed,
    )


def stems(version: CompositionVersion, link: Link) -> list[list[SectionStems]]:
    """By section a list of one object, which holds every instrument."""
    played = [take for take in version.takes if take.take == 0]
    return [[_stems_of_section(version, take, link)] for take in played]


def _stems_of_section(version: CompositionVersion, take: SectionTake, link: Link) -> SectionStems:
    def address(kind: FileKind, instrument: str) -> str:
        return link(version.file(kind, section=take.section, instrument=instrument))

    return {
        stem: StemAddresses(
            preview_url=address(FileKind.STEM_PREVIEW, instrument),
            track_url=address(FileKind.STEM, instrument),
        )
        for stem, instrument in by_stem(version.brief.genre, take.instruments).items()
    }


def whole_stems(version: CompositionVersion, link: Link) -> dict[Stem, str]:
    """From stem to the address of the whole piece with that alone; no address for a silent one."""
    instruments = by_stem(
        version.brief.genre, version.takes[0].instruments if version.takes else ()
    )
    return {
        stem: link(version.file(FileKind.STEM, instrument=instruments.get(stem, "")))
        for stem in Stem
    }
