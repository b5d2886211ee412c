"""Who plays a part: held tones by pitch and velocity, kept as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from harmonie_daemon.compose.score import ScorePart, Voice
from harmonie_daemon.compose.soundfont import SoundFont, Tone, play_tone, release_of
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE
from harmonie_daemon.compose.voices import (
    TABLA_RELEASE_S,
    TANPURA_RELEASE_S,
    pluck_tanpura,
    strike_tabla,
)
from harmonie_daemon.domain.brief import MusicalKey

CACHE_BYTES = 64 * 2**20
_VELOCITY_STEP = 32
"""Tones of velocities this near sound alike but for their loudness."""
_ROUNDED = SAMPLE_RATE // 4
_Play = Callable[[int, int, int], Tone]
"""Takes pitch, velocity and frames."""
_Release = Callable[[int, int], float]


class Instrument:
    """Plays tones of one part."""

    def __init__(
        self, name: tuple[str, int, bool], play: _Play, release: _Release, cache: ToneCache
    ) -> None:
        self._name = name
        self._play = play
        self._release = release
        self._cache = cache
        self._wanted: dict[tuple[int, int], int] = {}

    def expect(self, pitch: int, velocity: int, frames: int) -> None:
        """Say ahead how long a tone will be wanted, so that it is not made twice."""
        place = (pitch, _alike(velocity))
        self._wanted[place] = max(frames, self._wanted.get(place, 0))

    def tone(self, pitch: int, velocity: int, frames: int) -> Tone:
        """A held tone of at least so many frames, unless it fades before."""
        velocity = _alike(velocity)
        key = (*self._name, pitch, velocity)
        known = self._cache.get(key)
        if known is None or (len(known.sound) < frames and not known.rings_out):
            frames = max(frames, self._wanted.get((pitch, velocity), 0))
            known = self._play(pitch, velocity, -(-frames // _ROUNDED) * _ROUNDED)
            self._cache.put(key, known)
        return known

    def release_s(self, pitch: int, velocity: int) -> float:
        """In which a tone falls by 100 dB when it is let go."""
        return self._release(pitch, _alike(velocity))


def _alike(velocity: int) -> int:
    return min(127, velocity // _VELOCITY_STEP * _VELOCITY_STEP + _VELOCITY_STEP // 2)


class ToneCache:
    """The tones last asked for, up to a number of bytes."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._tones: OrderedDict[tuple[str | int, ...], Tone] = OrderedDict()

    def get(self, key: tuple[str | int, ...]) -> Tone | None:
        """A tone that is still here."""
        tone = self._tones.get(key)
        if tone is not None:
            self._tones.move_to_end(key)
        return tone

    def put(self, key: tuple[str | int, ...], tone: Tone) -> None:
        """Keep one; those unused for longest go."""
        former = self._tones.pop(key, None)
        self._bytes += tone.sound.nbytes - (former.sound.nbytes if former else 0)
        self._tones[key] = tone
        while self._bytes > self._most_bytes and len(self._tones) > 1:
            _, gone = self._tones.popitem(last=False)
            self._bytes -= gone.sound.nbytes


def instrument_for(
    part: ScorePart, font: SoundFont, cache: ToneCache, *, key: MusicalKey | None = None
) -> Instrument:
    """The instrument that a part asks for; the tabla is tuned to the tonic."""
    name = (part.voice.value, part.program, part.is_drums)
    match part.voice:
        case Voice.TABLA:
            strike = strike_tabla if key is None else partial(strike_tabla, sa=key.tonic)
            return Instrument(name, strike, lambda *_: TABLA_RELEASE_S, cache)
        case Voice.TANPURA:
            return Instrument(name, pluck_tanpura, lambda *_: TANPURA_RELEASE_S, cache)
        case Voice.SOUNDFONT:
            zones = font.zones(part.program, is_drums=part.is_drums)

    def play(pitch: int, velocity: int, frames: int) -> Tone:
        return play_tone(font, zones, pitch, velocity, frames)

    def release(pitch: int, velocity: int) -> float:
        return release_of(zones, pitch, velocity)

    return Instrument(name, play, release, cache)
