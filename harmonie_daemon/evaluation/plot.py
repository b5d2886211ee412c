"""The figures of an evaluation as bars, in SVG written by hand: three panels need no library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from harmonie_daemon.evaluation.judging import Figure
from harmonie_daemon.evaluation.report import Report, asked_words

WIDTH = 760
LEFT, RIGHT = 200, 110
BAR, GAP, HEAD, GROUP_GAP = 16, 4, 34, 14
COLOURS = ("#2a6f97", "#e07a5f", "#81b29a", "#8d99ae", "#6d597a", "#d4a373")


@dataclass(frozen=True, slots=True)
class _Bar:
    method: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class _Group:
    label: str
    bars: tuple[_Bar, ...]


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    groups: tuple[_Group, ...]
    top: float
    """The value at the right end of the scale."""

    @property
    def height(self) -> int:
        bars = sum(len(group.bars) for group in self.groups)
        return HEAD + bars * (BAR + GAP) + len(self.groups) * GROUP_GAP


def drawn(report: Report) -> str:
    """An SVG document with precision at 5, mean average precision and hubness per method."""
    panels = list(_panels(report))
    height = 60 + sum(panel.height for panel in panels)
    names = [method.name for method in report.methods]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        *_legend(names),
    ]
    y = 50
    for panel in panels:
        parts += _panel(panel, y)
        y += panel.height
    return "\n".join([*parts, "</svg>", ""])


def _panels(report: Report) -> Iterator[_Panel]:
    retrievals = [
        (
            asked_words(asked),
            [
                (place, found)
                for place, method in enumerate(report.methods)
                if (found := method.retrievals[asked]) is not None
            ],
        )
        for asked in report.asked
    ]
    yield _Panel(
        "precision at 5 (line: 95 % interval)",
        tuple(
            _Group(words, tuple(_Bar(place, found.precision_at_5) for place, found in known))
            for words, known in retrievals
        ),
        1.0,
    )
    yield _Panel(
        "mean average precision",
        tuple(
            _Group(
                words, tuple(_Bar(place, found.mean_average_precision) for place, found in known)
            )
            for words, known in retrievals
        ),
        1.0,
    )
    skews = [method.hubness.skewness for method in report.methods]
    yield _Panel(
        "hubness: skewness of the ten nearest (smaller is better)",
        (_Group("", tuple(_Bar(i, Figure(skew, skew, skew)) for i, skew in enumerate(skews))),),
        max(1.0, *skews),
    )


def _legend(names: Sequence[str]) -> Iterator[str]:
    x = 20
    for place, name in enumerate(names):
        yield f'<rect x="{x}" y="16" width="12" height="12" fill="{_colour(place)}"/>'
        yield f'<text x="{x + 17}" y="26">{escape(name)}</text>'
        x += 40 + 8 * len(name)


def _panel(panel: _Panel, y: int) -> Iterator[str]:
    yield f'<text x="20" y="{y + 18}" font-weight="bold">{escape(panel.title)}</text>'
    y += HEAD
    scale = (WIDTH - LEFT - RIGHT) / panel.top
    for group in panel.groups:
        yield f'<text x="20" y="{y + 12}">{escape(group.label)}</text>'
        for bar in group.bars:
            yield from _bar(bar, y, scale)
            y += BAR + GAP
        y += GROUP_GAP


def _bar(bar: _Bar, y: int, scale: float) -> Iterator[str]:
    """A negative value (a hubness below chance) is drawn as nothing and written out."""
    figure = bar.figure
    end = LEFT + max(0.0, figure.value) * scale
    yield (
        f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR}" '
        f'fill="{_colour(bar.method)}"/>'
    )
    if figure.high > figure.low:
        middle = y + BAR / 2
        yield (
            f'<path d="M{LEFT + figure.low * scale:.1f} {middle}H{LEFT + figure.high * scale:.1f}" '
            'stroke="black" stroke-width="1.5"/>'
        )
    x = max(end, LEFT + figure.high * scale) + 6
    yield f'<text x="{x:.1f}" y="{y + 12}">{figure.value:.2f}</text>'


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]
