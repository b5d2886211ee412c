"""Rows, labels and subjects for evaluations; always the same chances."""

from __future__ import annotations

import numpy as np

from harmonie_daemon.evaluation.ground_truth import Subject
from harmonie_daemon.evaluation.judging import Labels
from tests.factories import make_file, make_tags


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def one_each(*names: str) -> Labels:
    return Labels([[name] for name in names])


def unit_rows(count: int, dim: int = 8) -> np.ndarray:
    rows = rng().standard_normal((count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def subject(path: str = "Folder/01.flac", **tags: object) -> Subject:
    return Subject(make_file(path), make_tags(**tags))
