"""What an evaluation found, as tables and as JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from harmonie_daemon.similarity.evaluation import Figure, Hubness, Retrieval
from harmonie_daemon.similarity.ground_truth import Truth
from harmonie_daemon.similarity.listening import Progress as OnProgress
from harmonie_daemon.similarity.robustness import Robustness

CHANCE = "random"
"""The name of the baseline that does not listen."""

Asked = tuple[Truth, Truth | None]
"""What is to be found again, and whose tracks are left out."""


@dataclass(frozen=True, slots=True)
class MethodReport:
    """One way of comparing tracks."""

    name: str
    retrievals: Mapping[Asked, Retrieval | None]
    hubness: Hubness


@dataclass(frozen=True, slots=True)
class CodecReport:
    """One codec as one model hears it."""

    codec: str
    model: str
    robustness: Robustness


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run measured."""

    source: str
    made_at: float
    """Unix time."""
    tracks: int
    """Compared with each other."""
    library_tracks: int
    """Among which a transcode has to find its original."""
    asked: tuple[Asked, ...]
    methods: tuple[MethodReport, ...]
    codecs: tuple[CodecReport, ...]
    notes: tuple[str, ...]


def asked_words(asked: Asked) -> str:
    """A question in words: ``same genre, other artists``."""
    truth, filter_ = asked
    return f"same {truth}" + (f", other {filter_}s" if filter_ else "")


def as_document(report: Report) -> dict[str, Any]:
    """The report as JSON has it."""
    return {
        "source": report.source,
        "made_at": datetime.fromtimestamp(report.made_at, UTC).isoformat(timespec="seconds"),
        "tracks": report.tracks,
        "library_tracks": report.library_tracks,
        "methods": [
            {
                "name": method.name,
                "hubness": asdict(method.hubness),
                "retrieval": [
                    {"truth": truth, "without_same": filter_, **asdict(found)}
                    for (truth, filter_), found in method.retrievals.items()
                    if found is not None
                ],
            }
            for method in report.methods
        ],
        "transcodes": [
            {"codec": codec.codec, "model": codec.model, **asdict(codec.robustness)}
            for codec in report.codecs
        ],
        "notes": list(report.notes),
    }


def print_tables(report: Report) -> None:
    """The report for a person."""
    console = Console(highlight=False)
    console.print(f"{report.tracks} tracks of {report.source}, 95 % intervals over the queries")
    for asked in report.asked:
        console.print(_retrieval_table(asked, report.methods))
    console.print(_hubness_table(report.methods))
    if report.codecs:
        console.print(_codec_table(report))
    for note in report.notes:
        console.print(f"note: {note}", soft_wrap=True, markup=False)


@contextlib.contextmanager
def progress_bar(what: str, *, quiet: bool) -> Iterator[OnProgress]:
    """A progress bar on standard error, if a person looks at it."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done, total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


def _retrieval_table(asked: Asked, methods: Sequence[MethodReport]) -> Table:
    found = [(method.name, method.retrievals[asked]) for method in methods]
    known = [(name, retrieval) for name, retrieval in found if retrieval is not None]
    first = known[0][1]
    title = f"{asked_words(asked)} ({first.queries} queries"
    if first.best_precision_at_5 < 1:
        title += f", at best {first.best_precision_at_5:.2f} at 5"
    table = _table(title + ")", "method", "precision at 5", "precision at 10", "mean avg precision")
    for name, retrieval in known:
        table.add_row(
            name,
            _figure(retrieval.precision_at_5),
            _figure(retrieval.precision_at_10),
            _figure(retrieval.mean_average_precision),
        )
    return table


def _hubness_table(methods: Sequence[MethodReport]) -> Table:
    table = _table("hubs in the ten nearest", "method", "skewness", "most often", "never")
    for method in methods:
        hubness = method.hubness
        table.add_row(
            method.name, f"{hubness.skewness:.2f}", str(hubness.most), f"{hubness.antihubs:.0%}"
        )
    return table


def _codec_table(report: Report) -> Table:
    table = _table(
        f"encoded anew, then looked for among {report.library_tracks} tracks",
        "codec", "model", "tracks", "cosine", "least", "to another", "found first", "worst rank",
        "same neighbours",
    )  # fmt: skip
    for codec in report.codecs:
        found = codec.robustness
        table.add_row(
            codec.codec,
            codec.model,
            str(found.tracks),
            f"{found.median_cosine:.3f}",
            f"{found.least_cosine:.3f}",
            f"{found.other_cosine:.3f}",
            f"{found.found_first:.0%}",
            str(found.worst_rank),
            f"{found.shared_neighbours:.0%}",
        )
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False,
        header_style="dim",
    )  # fmt: skip
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    return table


def _figure(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.2f}-{figure.high:.2f})"
