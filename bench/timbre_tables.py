"""The tables of timbre_left_out.py, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.evaluation.judging import CONFIDENCE, RESAMPLES, Hubness

Doubles = npt.NDArray[np.float64]
Outcomes = dict[int, list[Doubles]]
"""Position of a query to its judgements, one for each library it was asked in."""


@dataclass(frozen=True, slots=True)
class Robust:
    """One track that was changed."""

    cosine: float
    """To what it was before."""
    rank: int
    """Of the original, when the changed track is the query."""
    shared_neighbours: float
    """Of the ten nearest others."""


def retrieval(
    outcomes: Mapping[tuple[str, str], Outcomes],
    packages: npt.NDArray[np.str_],
    rng: np.random.Generator,
) -> str:
    """Precision and mean average precision with intervals over queries and over packages.

    The gain is the first method's mean average precision taken from each other's, track by track.
    """
    lines = [
        "| same | queries | packages | method | precision at 5 | mean average precision "
        "| over packages | gain, over packages |",
        "|---|---|---|---|---|---|---|---|",
    ]
    first: dict[str, Doubles] = {}
    truths = list(dict.fromkeys(truth for truth, _ in outcomes))
    for (truth, method), found in sorted(outcomes.items(), key=lambda row: truths.index(row[0][0])):
        places = np.array(sorted(found))
        values = np.stack([np.mean(found[place], axis=0) for place in places.tolist()])
        precision, average = values[:, 0], values[:, 2]
        gain = average - first.setdefault(truth, average)
        where = packages[places]
        cells = (
            truth if method == next(name for asked, name in outcomes if asked == truth) else "",
            str(len(places)),
            str(len(np.unique(where))),
            method,
            _figure(precision, _over_queries(precision, rng)),
            _figure(average, _over_queries(average, rng)),
            _interval(_over_packages(average, where, rng)),
            f"{gain.mean():+.3f} ({_interval(_over_packages(gain, where, rng), '+.3f')})",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def hubs(found: Mapping[str, Sequence[Hubness]]) -> str:
    """Mean over the libraries, and the worst."""
    lines = ["| method | skewness | most often | never |", "|---|---|---|---|"]
    for method, each in found.items():
        skewness = np.mean([hub.skewness for hub in each])
        most = np.mean([hub.most for hub in each])
        never = np.mean([hub.antihubs for hub in each])
        lines.append(f"| {method} | {skewness:.2f} | {most:.0f} | {never:.1%} |")
    return "\n".join([*lines, ""])


def changes(found: Mapping[tuple[str, str], Sequence[Robust]]) -> str:
    """What a change of level or codec does to tracks."""
    lines = [
        "| change | model | tracks | median cosine | least | original first | same neighbours |",
        "|---|---|---|---|---|---|---|",
    ]
    for (way, method), each in found.items():
        cosines = np.array([one.cosine for one in each])
        lines.append(
            f"| {way} | {method} | {len(each)} | {np.median(cosines):.3f} | {cosines.min():.3f} "
            f"| {np.mean([one.rank == 1 for one in each]):.0%} "
            f"| {np.mean([one.shared_neighbours for one in each]):.0%} |"
        )
    return "\n".join([*lines, ""])


def _over_queries(values: Doubles, rng: np.random.Generator) -> tuple[float, float]:
    means = [rng.choice(values, len(values)).mean() for _ in range(RESAMPLES)]
    return _tails(means)


def _over_packages(
    values: Doubles, packages: npt.NDArray[np.str_], rng: np.random.Generator
) -> tuple[float, float]:
    """Whole packages are drawn with replacement: what another set of soundtracks might give."""
    parts = [values[packages == package] for package in np.unique(packages)]
    sums, counts = (np.array([f(part) for part in parts], float) for f in (np.sum, len))
    draws = rng.integers(0, len(parts), (RESAMPLES, len(parts)))
    return _tails(sums[draws].sum(axis=1) / counts[draws].sum(axis=1))


def _tails(means: Sequence[float] | Doubles) -> tuple[float, float]:
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)


def _figure(values: Doubles, interval: tuple[float, float]) -> str:
    return f"{values.mean():.3f} ({_interval(interval)})"


def _interval(interval: tuple[float, float], form: str = ".2f") -> str:
    low, high = interval
    return f"{low:{form}} to {high:{form}}"
