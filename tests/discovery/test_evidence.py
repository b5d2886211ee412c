"""The evidence in memory is that of the store."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from harmonie_daemon.analysis.mood_cues import USUAL
from harmonie_daemon.discovery import evidence as module
from harmonie_daemon.discovery.evidence import EvidenceKeeper, TrackEvidence
from harmonie_daemon.domain.track import StyleScore, Tags
from harmonie_daemon.store.vectors import Vectors
from tests.discovery.shelf_of_music import MusicShelf

HOUSE, PUNK = StyleScore("Electronic", "House", 0.25), StyleScore("Rock", "Punk", 1.0)
FEATURES = {name: usual.centre for name, usual in USUAL.items()}


def keeper(shelf: MusicShelf) -> EvidenceKeeper:
    return EvidenceKeeper(Vectors(shelf.database), shelf.spaces)


def said(evidence: TrackEvidence) -> list[tuple[int, str, float]]:
    """Track, label and strength of every row, in any order of labels."""
    return sorted(
        (int(evidence.ids[owner]), evidence.labels[label].style, float(strength))
        for owner, label, strength in zip(
            evidence.owner, evidence.label, evidence.strength, strict=True
        )
    )


async def test_deltas_come_to_what_a_fresh_look_finds(shelf: MusicShelf) -> None:
    kept = keeper(shelf)
    await kept.current()
    for number in range(6):
        styles = [HOUSE, PUNK][number % 2 : number % 2 + 1]
        tags = Tags(date=f"{1990 + number}")
        unmapped = ["Zeuhl"] if number == 3 else []
        await shelf.add(
            f"{number}.flac", styles=styles, tags=tags, unmapped=unmapped, features=FEATURES
        )
        await kept.current()
    await shelf.add("2.flac", styles=[PUNK, HOUSE], tags=Tags(date="soon"), bpm=90.0)
    await kept.current()
    await shelf.tracks.hide([(await shelf.tracks.get_many([1]))[0].id])  # type: ignore[list-item]
    followed, fresh = await kept.current(), await keeper(shelf).current()
    for field in fields(TrackEvidence):
        if field.name in ("ids", "bpm", "year", "length_s", "key", "moods"):
            np.testing.assert_array_equal(
                getattr(followed, field.name), getattr(fresh, field.name), field.name
            )
    assert said(followed) == said(fresh)
    assert followed.ids.tolist() == [2, 3, 4, 5, 6]
    assert followed.year.tolist() == [1991, 0, 1993, 1994, 1995]
    assert (2, "Punk", 1.0) in said(followed)
    assert (5, "House", 0.5) in said(followed), "the root of its probability"


async def test_only_so_many_genre_tags_are_looked_at(
    shelf: MusicShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_TAGS", 2)
    for number, name in enumerate(["Zeuhl", "Gnawa", "Zeuhl", "Gnawa", "Rarest of all"]):
        await shelf.add(f"{number}.flac", unmapped=[name])
    evidence = await keeper(shelf).current()
    assert {label.style for label in evidence.labels} == {"Zeuhl", "Gnawa"}
    assert evidence.tag("zeuhl") is not None
    assert evidence.tag("Rarest of all") is None
