"""Which formats this machine can write."""

from __future__ import annotations

import shutil

from harmonie_daemon.domain.composition import AudioFormat
from harmonie_daemon.domain.errors import EncodingError


def can_write_aac() -> bool:
    """Whether FFmpeg is there, which alone writes AAC."""
    return shutil.which("ffmpeg") is not None


def require_encoder(format: AudioFormat) -> None:
    """Raises ``EncodingError`` when this machine cannot write the format."""
    if format is AudioFormat.AAC and not can_write_aac():
        others = ", ".join(one.value for one in AudioFormat if one is not AudioFormat.AAC)
        raise EncodingError(f"AAC needs FFmpeg, which is not installed here; take one of {others}")
