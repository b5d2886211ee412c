"""The figures of an evaluation as tables for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table

from harmonie_daemon.evaluation.judging import Figure
from harmonie_daemon.evaluation.report import Asked, MethodReport, Report, asked_words


def tables(report: Report) -> Iterator[Table]:
    """One per question, one of the hubs, and one of the codecs if there were any."""
    for asked in report.asked:
        yield _retrieval_table(asked, report.methods)
    yield _hubness_table(report.methods)
    if report.codecs:
        yield _codec_table(report)


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
