"""What the doctor says of how much of the library a server knows."""

from __future__ import annotations

import pytest

from harmonie_daemon.domain.catalogue import (
    CatalogueReport,
    MatchedBy,
    RootMatching,
    Unmatched,
)
from harmonie_daemon.domain.checkup import FindingVerdict
from harmonie_daemon.mediaservers.matched import matching_findings

FINE, NOTE, PROBLEM = FindingVerdict.FINE, FindingVerdict.NOTE, FindingVerdict.PROBLEM


def report(*roots: RootMatching, listed_at: float | None = 1.0) -> CatalogueReport:
    return CatalogueReport("jellyfin", "s", 100, listed_at, None, (), roots)


@pytest.mark.parametrize(
    ("matched", "verdict"), [(100, FINE), (95, FINE), (60, NOTE), (0, PROBLEM)]
)
def test_the_fewer_the_worse(matched: int, verdict: FindingVerdict) -> None:
    others = {Unmatched.NO_TAGS: 1, Unmatched.UNKNOWN_FOLDER: 99 - matched}
    unmatched = {why: count for why, count in others.items() if count > 0}
    root = RootMatching(
        "/music", 100, {MatchedBy.PATH: matched}, {} if matched == 100 else unmatched, ("a.mp3",)
    )
    (found,) = matching_findings("jellyfin", report(root))
    assert found.verdict is verdict
    assert found.said.startswith(f"{matched} of 100 tracks below /music are known there")
    if verdict is not FINE:
        assert "jellyfin.path_mappings" in (found.advice or "")
        assert "such as a.mp3" in found.said


@pytest.mark.parametrize("reason", Unmatched)
def test_every_reason_has_words_and_advice(reason: Unmatched) -> None:
    (found,) = matching_findings(
        "subsonic",
        report(RootMatching("/music", 3, {}, {reason: 3}), RootMatching("/x", 0, {}, {})),
    )
    assert found.verdict is PROBLEM
    assert found.advice
    assert "{target}" not in found.advice


@pytest.mark.parametrize("known", [None, report(listed_at=None)])
def test_before_the_first_listing(known: CatalogueReport | None) -> None:
    (found,) = matching_findings("jellyfin", known)
    assert found.verdict is NOTE
