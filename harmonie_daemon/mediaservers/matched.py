"""How much of our library a server knows, in findings of the doctor."""

from __future__ import annotations

from collections.abc import Iterator

from harmonie_daemon.domain.catalogue import CatalogueReport, RootMatching, Unmatched
from harmonie_daemon.domain.checkup import Finding, fine, note, problem
from harmonie_daemon.domain.track import display_path

ENOUGH = 0.9
"""Share of a root's tracks from which on the rest is nothing to worry about."""
_WORDS = {
    Unmatched.UNKNOWN_FOLDER: "it shows nothing below that folder",
    Unmatched.NOT_THERE: "it does not show these files",
    Unmatched.NO_TAGS: "it names them otherwise, and they have no tags to be recognised by",
    Unmatched.DIFFERS: "it has them of another album and duration",
    Unmatched.AMBIGUOUS: "it has several that could be meant",
}
_ADVICE = {
    Unmatched.UNKNOWN_FOLDER: "add the folder to one of its music libraries; if it is there under "
    "another name, write {target}.path_mappings",
    Unmatched.NOT_THERE: "let it scan its music library; see whether it may read these files",
    Unmatched.NO_TAGS: "tag them with artist and title, or write {target}.path_mappings",
    Unmatched.DIFFERS: "write {target}.path_mappings, so that paths decide",
    Unmatched.AMBIGUOUS: "write {target}.path_mappings, so that paths decide",
}


def matching_findings(target: str, report: CatalogueReport | None) -> Iterator[Finding]:
    """A finding for each library root that has tracks."""
    if report is None or report.listed_at is None:
        yield note(target, "its tracks have not been listed yet", "harmonie push lists them")
        return
    for root in report.roots:
        if root.tracks:
            yield _of_root(target, root)


def _of_root(target: str, root: RootMatching) -> Finding:
    matched = sum(root.matched.values())
    said = f"{matched} of {root.tracks} tracks below {display_path(root.root)} are known there"
    if matched >= root.tracks or not root.unmatched:
        return fine(target, said)
    reason = max(root.unmatched, key=lambda why: root.unmatched[why])
    said += f"; of most others {_WORDS[reason]}"
    if root.examples:
        said += f", such as {display_path(root.examples[0])}"
    advice = _ADVICE[reason].format(target=target)
    if not matched:
        return problem(target, said, advice)
    return fine(target, said) if matched >= ENOUGH * root.tracks else note(target, said, advice)
