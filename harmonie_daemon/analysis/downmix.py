"""The mean of a decoded frame's channels."""

from __future__ import annotations

from typing import cast

import av
import numpy as np

from harmonie_daemon.analysis.samples import Samples

MISCOUNTED_PLANES = 8
"""From so many planes on PyAV (18.1) finds some that are not there; to read those is to crash."""

_SAMPLE_TYPES: dict[str, tuple[type[np.generic], float]] = {
    "u8": (np.uint8, 2.0**-7),
    "s16": (np.int16, 2.0**-15),
    "s32": (np.int32, 2.0**-31),
    "s64": (np.int64, 2.0**-63),
    "flt": (np.float32, 1.0),
    "dbl": (np.float64, 1.0),
}
"""FFmpeg's sample format to the type in memory and the factor that makes full scale 1."""


def mono_of_frame(frame: av.AudioFrame) -> Samples:
    """float32[samples]: the mean of the channels at the frame's own rate.

    Reads the planes directly: ``to_ndarray`` would double the cost of decoding Vorbis.
    """
    channels = frame.layout.nb_channels
    if frame.format.is_planar and channels >= MISCOUNTED_PLANES:
        (frame,) = av.AudioResampler(format="flt").resample(frame)
    kind, scale = _SAMPLE_TYPES[frame.format.packed.name]
    if frame.format.is_planar:
        planes = [
            np.frombuffer(cast(memoryview, plane), kind, frame.samples) for plane in frame.planes
        ]
        total = planes[0].astype(np.float32)
        for plane in planes[1:]:
            total += plane
    else:
        packed = np.frombuffer(cast(memoryview, frame.planes[0]), kind, frame.samples * channels)
        total = packed.reshape(-1, channels).sum(axis=1, dtype=np.float32)
    total *= np.float32(scale / channels)
    if kind is np.uint8:
        total -= 1
    return cast(Samples, total)
