"""Whether a file is what its name promises; remembered, so that asking again costs nothing."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from harmonie_daemon.analysis.weights.network_file import read_network
from harmonie_daemon.analysis.weights.registry import WeightFile
from harmonie_daemon.domain.errors import ModelError

log = logging.getLogger(__name__)

MEMORY = "verified.json"


@dataclass(frozen=True, slots=True)
class Check:
    """What a look into a file found; good for as long as size and time stay the same."""

    size: int
    mtime_ns: int
    sha256: str
    accepted_sha256: str | None = None
    """Of the content that was taken in as right: downloaded, added, or found and looking so."""
    problem: str | None = None
    """Why it cannot be used, in words for a person."""

    def is_of(self, stat: os.stat_result) -> bool:
        """Whether the file is as it was when it was checked."""
        return (self.size, self.mtime_ns) == (stat.st_size, stat.st_mtime_ns)


class Checks:
    """The checks of one folder, kept in its ``verified.json``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, file: WeightFile, *, fresh: bool = False) -> Check | None:
        """What is known about a file of the folder, looking if need be; ``None`` if not there."""
        path = self._folder / file.name
        known = self._read().get(file.name)
        try:
            stat = path.stat()
            if known and not fresh and known.is_of(stat):
                return known
            found = examine(file, path, accepted_sha256=known.accepted_sha256 if known else None)
        except OSError:
            return None
        self.remember(file.name, found)
        return found

    def remember(self, name: str, check: Check) -> None:
        """Keep a check. A folder that cannot be written is no problem: the next one looks again."""
        known = {**self._read(), name: check}
        content = json.dumps({name: asdict(check) for name, check in known.items()}, indent=2)
        new = self._folder / f"{MEMORY}.new"
        try:
            new.write_text(content, encoding="utf-8")
            new.replace(self._folder / MEMORY)
        except OSError as error:
            log.debug("%s: %s", new, error)

    def _read(self) -> dict[str, Check]:
        try:
            stored = json.loads((self._folder / MEMORY).read_text(encoding="utf-8"))
            return {name: Check(**check) for name, check in stored.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}


def examine(file: WeightFile, path: Path, *, accepted_sha256: str | None = None) -> Check:
    """Read the whole file at ``path`` as if it were ``file``; ``OSError`` if it cannot be read.

    ``accepted_sha256`` goes before the published checksum: somebody vouched for that content.
    """
    stat = path.stat()
    found = Check(stat.st_size, stat.st_mtime_ns, _sha256(path), accepted_sha256)
    expected = accepted_sha256 or file.sha256
    if expected is not None and found.sha256 != expected:
        word = "the published one" if expected == file.sha256 else "when it was taken in"
        wrong = f"its checksum is {found.sha256[:12]}…, {word} {expected[:12]}…"
        return replace(found, problem=f"{file.name} is damaged or another file: {wrong}")
    problem = structural_problem(file, path)
    if problem is None:
        return replace(found, accepted_sha256=found.sha256)
    return replace(found, problem=problem)


def structural_problem(file: WeightFile, path: Path) -> str | None:
    """Why the content cannot be this network; ``None`` if it looks like it."""
    suffix = Path(file.name).suffix
    try:
        network = read_network(path, suffix)
    except ModelError as error:
        return str(error).replace(path.name, file.name)
    missing = sorted(file.must_contain - network.nodes)
    if missing:
        return f"{file.name} is another network: it has no {missing[0]}"
    shapes = {tuple(sorted(tensor.shape)) for tensor in network.tensors}
    if file.must_hold and tuple(sorted(file.must_hold)) not in shapes:
        size = " x ".join(map(str, file.must_hold))
        return f"{file.name} is another network: it has no layer of {size}"
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
