"""What a key of a preset is made of: zones with their generators, as SoundFont 2.04 has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Generator(IntEnum):
    """Numbers of section 8.1.2 of the specification; what is not here is not played."""

    START_OFFSET = 0
    END_OFFSET = 1
    LOOP_START_OFFSET = 2
    LOOP_END_OFFSET = 3
    START_COARSE_OFFSET = 4
    MOD_ENV_TO_PITCH = 7
    FILTER_CUTOFF = 8
    FILTER_Q = 9
    MOD_ENV_TO_FILTER = 11
    END_COARSE_OFFSET = 12
    PAN = 17
    MOD_DELAY = 25
    MOD_ATTACK = 26
    MOD_HOLD = 27
    MOD_DECAY = 28
    MOD_SUSTAIN = 29
    KEY_TO_MOD_HOLD = 31
    KEY_TO_MOD_DECAY = 32
    DELAY = 33
    ATTACK = 34
    HOLD = 35
    DECAY = 36
    SUSTAIN = 37
    RELEASE = 38
    KEY_TO_HOLD = 39
    KEY_TO_DECAY = 40
    INSTRUMENT = 41
    KEY_RANGE = 43
    VELOCITY_RANGE = 44
    LOOP_START_COARSE_OFFSET = 45
    KEY = 46
    VELOCITY = 47
    ATTENUATION = 48
    LOOP_END_COARSE_OFFSET = 50
    COARSE_TUNE = 51
    FINE_TUNE = 52
    SAMPLE = 53
    SAMPLE_MODES = 54
    SCALE_TUNING = 56
    ROOT_KEY = 58


_G = Generator
_DEFAULTS = {
    _G.FILTER_CUTOFF: 13_500,
    _G.MOD_DELAY: -12_000,
    _G.MOD_ATTACK: -12_000,
    _G.MOD_HOLD: -12_000,
    _G.MOD_DECAY: -12_000,
    _G.DELAY: -12_000,
    _G.ATTACK: -12_000,
    _G.HOLD: -12_000,
    _G.DECAY: -12_000,
    _G.RELEASE: -12_000,
    _G.KEY: -1,
    _G.VELOCITY: -1,
    _G.SCALE_TUNING: 100,
    _G.ROOT_KEY: -1,
}
_EVERYTHING = (0, 127)
_ONLY_OF_INSTRUMENTS = frozenset(
    {
        _G.START_OFFSET,
        _G.END_OFFSET,
        _G.LOOP_START_OFFSET,
        _G.LOOP_END_OFFSET,
        _G.START_COARSE_OFFSET,
        _G.END_COARSE_OFFSET,
        _G.LOOP_START_COARSE_OFFSET,
        _G.LOOP_END_COARSE_OFFSET,
        _G.KEY,
        _G.VELOCITY,
        _G.SAMPLE_MODES,
        _G.ROOT_KEY,
        _G.KEY_RANGE,
        _G.VELOCITY_RANGE,
        _G.INSTRUMENT,
        _G.SAMPLE,
    }
)

_KNOWN = frozenset(int(generator) for generator in Generator)

Generators = Mapping[int, int]
"""Amounts by number; ranges as the two bytes read as one little-endian number."""


@dataclass(frozen=True, slots=True)
class Zone:
    """One sample of a preset, with all it says about how to play it."""

    sample: int
    keys: tuple[int, int]
    velocities: tuple[int, int]
    amounts: Generators

    def plays(self, key: int, velocity: int) -> bool:
        """Whether a key that is struck so is for this zone."""
        (low, high), (soft, loud) = self.keys, self.velocities
        return low <= key <= high and soft <= velocity <= loud

    def amount(self, generator: Generator) -> int:
        """What a generator is set to, or its default."""
        return self.amounts.get(generator, _DEFAULTS.get(generator, 0))

    def seconds(self, generator: Generator) -> float:
        """A time; from 0.001 s to 100 s."""
        return float(2.0 ** (min(max(self.amount(generator), -12_000), 8_000) / 1200))


def preset_zones(
    preset: tuple[Generators, ...], instruments: Mapping[int, tuple[Generators, ...]]
) -> Iterator[Zone]:
    """The zones of a preset with those of its instruments inside (section 9.4)."""
    for outer in _with_global(preset, _G.INSTRUMENT):
        for inner in _with_global(instruments.get(outer[_G.INSTRUMENT], ()), _G.SAMPLE):
            keys = _both(outer, inner, _G.KEY_RANGE)
            velocities = _both(outer, inner, _G.VELOCITY_RANGE)
            if keys[0] <= keys[1] and velocities[0] <= velocities[1]:
                yield Zone(inner[_G.SAMPLE], keys, velocities, _added(outer, inner))


def _with_global(zones: tuple[Generators, ...], ends_with: Generator) -> Iterator[dict[int, int]]:
    """A first zone that leads nowhere holds what the others take for granted."""
    common: Generators = {}
    for number, zone in enumerate(zones):
        if ends_with in zone:
            yield {**common, **zone}
        elif number == 0:
            common = zone


def _both(outer: Generators, inner: Generators, which: Generator) -> tuple[int, int]:
    first, second = _range(outer.get(which)), _range(inner.get(which))
    return max(first[0], second[0]), min(first[1], second[1])


def _range(amount: int | None) -> tuple[int, int]:
    return _EVERYTHING if amount is None else (amount & 0xFF, amount >> 8 & 0xFF)


def _added(outer: Generators, inner: Generators) -> dict[int, int]:
    """Of an instrument amounts are absolute, of a preset they are added."""
    amounts = dict(inner)
    for generator, amount in outer.items():
        if generator not in _ONLY_OF_INSTRUMENTS and generator in _KNOWN:
            amounts[generator] = (
                amounts.get(generator, _DEFAULTS.get(Generator(generator), 0)) + amount
            )
    return amounts
