"""Which formats this machine can write."""

from __future__ import annotations

from harmonie_daemon.domain.composition import AudioFormat
from harmonie_daemon.domain.errors import EncodingError


def can_write_aac() -> bool:
    """Whether PyAV's FFmpeg has the encoder; the one in its wheels does, a system's may not."""
    import av  # noqa: PLC0415 - the daemon itself decodes nothing; 0.1 s, once

    return "aac" in av.codecs_available


def require_encoder(format: AudioFormat) -> None:
    """Raises ``EncodingError`` when this machine cannot write the format."""
    if format is AudioFormat.AAC and not can_write_aac():
        others = ", ".join(one.value for one in AudioFormat if one is not AudioFormat.AAC)
        raise EncodingError(f"PyAV's FFmpeg has no encoder for AAC here; take one of {others}")
