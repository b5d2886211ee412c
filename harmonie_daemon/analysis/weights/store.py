"""The folder in which weights are kept: what is there, whether it is right, getting more."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harmonie_daemon.analysis.weights.checks import Check, Checks, examine
from harmonie_daemon.analysis.weights.part_file import DownloadProgress
from harmonie_daemon.analysis.weights.registry import (
    DEFAULT_URL,
    REGISTRY,
    Part,
    Role,
    WeightFile,
    Weights,
)
from harmonie_daemon.domain.errors import ModelError


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file in the folder."""

    name: str
    role: Role
    size: int
    sha256: str
    is_published: bool
    """Its checksum is the known one of the published file."""
    is_trusted: bool
    """It is not, but somebody vouched for it."""
    problem: str | None
    """Why it cannot be used; ``None`` if it can."""


class WeightStore:
    """The weights in one folder. Every method but ``download`` may block for a moment."""

    def __init__(
        self,
        folder: Path,
        base_url: str = DEFAULT_URL,
        registry: Mapping[str, Weights] = REGISTRY,
    ) -> None:
        self.folder = folder
        self._base_url = base_url.rstrip("/")
        self._registry = registry
        self._checks = Checks(folder)

    def available(self) -> tuple[str, ...]:
        """The models whose weights are all here and right."""
        return tuple(model for model in self._registry if self.problem(model) is None)

    def problems(self) -> dict[str, str]:
        """Model to the reason why it cannot be used yet, in words for a person."""
        found = {model: self.problem(model) for model in self._registry}
        return {model: problem for model, problem in found.items() if problem is not None}

    def problem(self, model: str) -> str | None:
        """Why a model cannot be used; ``None`` if it can. ``ModelError`` if it is unknown."""
        weights = self._weights(model)
        checks = {part.role: self._best(part) for part in weights.parts}
        wrong = [check.problem for check in checks.values() if check and check.problem]
        if wrong:
            return wrong[0]
        missing = [part for part in weights.parts if checks[part.role] is None]
        if len(missing) == len(weights.parts):
            size = f"{weights.download_bytes / 1e6:.0f} MB"
            return f"no weights in {self.folder}; `harmonie models download` fetches {size}"
        if missing:
            return f"{missing[0].preferred.name} is missing; `harmonie models download` fetches it"
        return None

    def verify(self, model: str) -> tuple[FileReport, ...]:
        """Read every file of the model that is here anew, whatever was remembered."""
        return self.files(model, fresh=True)

    def files(self, model: str, *, fresh: bool = False) -> tuple[FileReport, ...]:
        """The files of the model that are here."""
        reports = []
        for part in self._weights(model).parts:
            for file in part.files:
                check = self._checks.of(file, fresh=fresh)
                if check is not None:
                    reports.append(_report(part, file, check))
        return tuple(reports)

    def add(self, source: Path, *, trust: bool = False) -> FileReport:
        """Take in a file that somebody got by other means; its name says which one it is.

        ``trust`` accepts content other than the published one, such as one's own conversion;
        it must still be a network of the right kind. Raises ``ModelError``.
        """
        _require_readable(source)
        part, file = self._named(source.name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".adding-", dir=self.folder) as folder:
                copy = Path(folder) / file.name
                shutil.copyfile(source, copy)
                check = examine(file, copy)
                if trust and check.problem:
                    check = examine(file, copy, accepted_sha256=check.sha256)
                if check.problem:
                    raise ModelError(_refusal(file, check))
                return _report(part, file, self._install(file, copy, check))
        except OSError as error:
            raise ModelError(_disk_trouble(error, self.folder)) from error

    async def download(
        self, model: str, progress: Callable[[DownloadProgress], None] | None = None
    ) -> tuple[FileReport, ...]:
        """Fetch what the model lacks; ``ModelError`` in one line if that fails.

        A file appears under its name only when it is whole and right. What had arrived before a
        failure is kept beside it as ``.part`` and continued the next time.
        """
        from harmonie_daemon.analysis.weights.download import fetch_all  # noqa: PLC0415 - workers

        lacking = [part.preferred for part in self._weights(model).parts if not self._is_good(part)]
        sources = {file: f"{self._base_url}/{file.folder}/{file.name}" for file in lacking}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            await fetch_all(sources, self.folder, self._install, progress or _ignore)
        except OSError as error:
            raise ModelError(_disk_trouble(error, self.folder)) from error
        return self.files(model)

    def _install(self, file: WeightFile, path: Path, check: Check) -> Check:
        target = self.folder / file.name
        path.replace(target)
        stat = target.stat()
        check = replace(check, size=stat.st_size, mtime_ns=stat.st_mtime_ns)
        self._checks.remember(file.name, check)
        return check

    def _best(self, part: Part) -> Check | None:
        """The check of the file that a worker would load."""
        for file in part.files:
            check = self._checks.of(file)
            if check is not None:
                return check
        return None

    def _is_good(self, part: Part) -> bool:
        check = self._best(part)
        return check is not None and check.problem is None

    def _weights(self, model: str) -> Weights:
        if model not in self._registry:
            known = ", ".join(self._registry)
            raise ModelError(f"no weights are known for {model!r}; there are those of {known}")
        return self._registry[model]

    def _named(self, name: str) -> tuple[Part, WeightFile]:
        for weights in self._registry.values():
            for part in weights.parts:
                for file in part.files:
                    if file.name == name:
                        return part, file
        known = ", ".join(
            file.name
            for weights in self._registry.values()
            for part in weights.parts
            for file in part.files
        )
        raise ModelError(f"{name} is none of the files that are used: {known}")


def _report(part: Part, file: WeightFile, check: Check) -> FileReport:
    return FileReport(
        name=file.name,
        role=part.role,
        size=check.size,
        sha256=check.sha256,
        is_published=check.sha256 == file.sha256,
        is_trusted=check.problem is None and file.sha256 not in (None, check.sha256),
        problem=check.problem,
    )


def _refusal(file: WeightFile, check: Check) -> str:
    if file.sha256 is not None and file.sha256 != check.sha256:
        return f"{check.problem}; --trust takes a conversion of your own"
    return str(check.problem)


def _require_readable(source: Path) -> None:
    try:
        with source.open("rb"):
            pass
    except OSError as error:
        raise ModelError(f"{source} cannot be read: {error.strerror}") from error


def _disk_trouble(error: OSError, folder: Path) -> str:
    if error.errno == errno.ENOSPC:
        return f"no space left for the weights in {folder}"
    return f"{error.filename or folder}: {error.strerror}"


def _ignore(progress: DownloadProgress) -> None:
    del progress
