"""The order of a finished list: as few and as small jumps as can be.

The usual way for playlists (Pohle, Pampalk & Widmer, "Generating Similarity-Based Playlists Using
Traveling Salesman Algorithms", 2005): a short path through the tracks, begun with the nearest
track after each (and with the order they were picked in), then made better by 2-opt and Or-opt
(``local_search.py``). Steps count by their square, so that one large jump is worse than two small
ones; it is the worst one that a listener hears.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.playlist import EnergyCurve, Transitions
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.diversity import LONGEST_RUN
from harmonie_daemon.playlists.harmony import HOURS, wheel_distances
from harmonie_daemon.playlists.local_search import Costs, LocalSearch, Mask, Order
from harmonie_daemon.playlists.tempo import tempo_gaps
from harmonie_daemon.playlists.transitions import may_follow
from harmonie_daemon.similarity.columns import Columns
from harmonie_daemon.similarity.index import positions_of
from harmonie_daemon.similarity.space import Space

SOUND, TEMPO, KEY, ENERGY = 0.4, 0.3, 0.1, 0.2
"""What a step costs at most for each of these; sound is what a listener hears most."""
SAME_ARTIST, SAME_ALBUM = 0.3, 0.1
"""Besides: for an artist who comes again soon, and for the album just heard."""
WORST_TEMPO_OCTAVES = 0.32
"""A quarter faster; from here on it makes no difference."""
UNSURE_TEMPO, UNSURE_KEY, UNKNOWN_ENERGY = 0.6, 0.5, 0.3
"""What an unknown tempo, key or energy costs, of 1: as much as two tracks differ on average."""
FORBIDDEN = 100.0
"""The cost of a step that was asked not to be."""
CURVE = 1.0
"""What a place costs whose energy is as far from the curve as can be."""
WAVE_LENGTH = 20
"""Tracks in a wave."""
LONGEST = 500
"""Tracks up to which a list is ordered."""


def sequenced(
    space: Space,
    track_ids: Sequence[TrackId],
    fixed: Collection[int] = (),
    *,
    curve: EnergyCurve | None = None,
    transitions: Transitions | None = None,
) -> tuple[TrackId, ...]:
    """The tracks in an order whose worst step is smaller, or as they are.

    Those at the places ``fixed`` stay there, and nothing moves past them. ``transitions`` that
    hold between all neighbours hold afterwards. With a ``curve`` the order follows it as far as
    that goes together with small steps.
    """
    ids = np.array(track_ids, np.int64)
    _, has_vector = positions_of(space.index.ids, ids)
    if not 2 < len(ids) <= LONGEST or not has_vector.all():
        return tuple(track_ids)
    columns = space.columns.take(np.sort(ids)).in_order(ids)
    costs = step_costs(space, columns)
    if transitions is not None:
        allowed = [
            may_follow(transitions, bpm, key, columns)
            for bpm, key in zip(columns.bpm.tolist(), columns.key.tolist(), strict=True)
        ]
        costs = costs + FORBIDDEN * ~np.array(allowed)
    stays = np.isin(np.arange(len(ids)), list(fixed))
    picked = np.arange(len(ids))
    found = _found(costs, columns, stays, None if curve is None else _off_curve(columns, curve))
    is_better = curve is not None or _worst(costs, found) < _worst(costs, picked)
    is_kept = _worst(costs, found) < FORBIDDEN or _worst(costs, picked) >= FORBIDDEN
    is_spaced = _longest_run(columns, found) <= max(LONGEST_RUN, _longest_run(columns, picked))
    chosen = found if is_better and is_kept and is_spaced else picked
    return tuple(track_ids[place] for place in chosen.tolist())


def step_costs(space: Space, columns: Columns) -> Costs:
    """float64[n, n], 0 to 1 (and more for the same artist): how much of a jump each step is."""
    vectors = space.index.vectors(columns.ids)
    sound = np.clip(1.0 - vectors @ vectors.T, 0.0, 1.0).astype(np.float64)
    tempo = tempo_gaps(columns.bpm[:, None], columns.bpm[None, :]) / WORST_TEMPO_OCTAVES
    key = wheel_distances(columns.key) / (HOURS // 2)
    energy = np.abs(columns.energy[:, None] - columns.energy[None, :])
    same_album = (columns.album[:, None] == columns.album[None, :]) & (columns.album >= 0)
    return np.asarray(
        SOUND * sound
        + TEMPO * _as_sure(np.minimum(tempo, 1.0), columns.tempo_confidence, UNSURE_TEMPO)
        + KEY * _as_sure(key, columns.key_strength, UNSURE_KEY)
        + ENERGY * np.nan_to_num(energy, nan=UNKNOWN_ENERGY)
        + SAME_ARTIST * _same_artist(columns)
        + SAME_ALBUM * same_album
    )


def _as_sure(gaps: Costs, confidence: npt.NDArray[np.float32], otherwise: float) -> Costs:
    """The gaps as far as both sides are sure, for the rest what is usual."""
    weight = np.sqrt(confidence[:, None] * confidence[None, :]).astype(np.float64)
    return np.asarray(weight * np.nan_to_num(gaps, nan=otherwise) + (1.0 - weight) * otherwise)


def _same_artist(columns: Columns) -> Costs:
    return np.array([columns.is_by(artist) for artist in columns.artist.tolist()], np.float64)


def _found(costs: Costs, columns: Columns, stays: Mask, places: Costs | None) -> Order:
    """The best of what the search makes of the order of picking and of the nearest first.

    What is found is not bettered by looking once more.
    """
    search = LocalSearch(costs**2, SAME_ARTIST**2 * _same_artist(columns), stays, places)
    order = search.improved(np.arange(len(costs)))
    while True:
        other = search.improved(nearest_first(costs, order, stays))
        if search.total(other) >= search.total(order):
            return order
        order = other


def nearest_first(costs: Costs, order: Order, stays: Mask) -> Order:
    """From the first on always the nearest of what is left, between the places that stay."""
    found: list[int] = []
    left: list[int] = []
    for place, is_fixed in enumerate([*stays.tolist(), True]):
        if not is_fixed:
            left.append(int(order[place]))
            continue
        while left:
            nearest = min(left, key=lambda one: costs[found[-1], one]) if found else left[0]
            left.remove(nearest)
            found.append(nearest)
        if place < len(stays):
            found.append(int(order[place]))
    return np.array(found, np.intp)


def _off_curve(columns: Columns, curve: EnergyCurve) -> Costs:
    """float64[n, n]: the cost of each track at each place, by the rank of its energy."""
    count = len(columns)
    energy = np.nan_to_num(columns.energy.astype(np.float64), nan=float(_middle(columns.energy)))
    ranks = np.argsort(np.argsort(energy, kind="stable"), kind="stable") / (count - 1)
    along = np.arange(count) / (count - 1)
    match curve:
        case EnergyCurve.RISE:
            wanted = along
        case EnergyCurve.FALL:
            wanted = 1.0 - along
        case EnergyCurve.WAVE:
            waves = max(1, round(count / WAVE_LENGTH))
            wanted = 0.5 - 0.5 * np.cos(2 * np.pi * waves * along)
    return np.asarray((CURVE * (ranks[:, None] - wanted[None, :])) ** 2)


def _middle(energy: npt.NDArray[np.float32]) -> float:
    known = energy[~np.isnan(energy)]
    return float(np.median(known)) if len(known) else 0.5


def _worst(costs: Costs, order: Order) -> float:
    return float(costs[order[:-1], order[1:]].max())


def _longest_run(columns: Columns, order: Order) -> int:
    """How many tracks of one artist stand in a row at most."""
    artists = columns.artist[order]
    longest = run = 1
    for before, after in zip(artists[:-1].tolist(), artists[1:].tolist(), strict=True):
        run = run + 1 if before == after and before >= 0 else 1
        longest = max(longest, run)
    return longest
