"""A recording through the lossy codecs that libraries are full of, and back into a vector."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harmonie_daemon.analysis.job import AnalysisJob, hear
from harmonie_daemon.domain.track import Analysis, Embedding
from harmonie_daemon.evaluation.baselines import Unheard

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler
    from av.container import InputContainer

TARGET = "harmonie_daemon.evaluation.transcoding:hear_transcode"
"""What a ``workers.Supervisor`` is to run."""
VORBIS = "vorbis by libsndfile"
VORBIS_Q2 = 0.8
"""libsndfile's compression level, 1 less a tenth of the quality that Vorbis encoders ask for."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A lossy codec at one bit rate, always stereo."""

    name: str
    encoder: str
    """FFmpeg's name, or ``VORBIS``, which PyAV's FFmpeg cannot write and libsndfile can."""
    suffix: str
    """Of the file, which decides the container."""
    bits_per_second: int
    sample_rate: int


CODECS: Mapping[str, Codec] = {
    codec.name: codec
    for codec in (
        Codec("mp3 128k", "libmp3lame", ".mp3", 128_000, 44_100),
        Codec("opus 64k", "libopus", ".opus", 64_000, 48_000),
        Codec("aac 96k", "aac", ".m4a", 96_000, 44_100),
        Codec("ogg q2", VORBIS, ".ogg", 96_000, 44_100),
    )
}


@dataclass(frozen=True, slots=True)
class TranscodeJob:
    """A file that is to be encoded anew by one codec and heard by these models."""

    path: str
    codec: str
    """A name in ``CODECS``."""
    models: tuple[str, ...]
    folder: str
    """Where the encoded file may lie for the moment."""
    weights_dir: str | None = None


def hear_transcode(job: TranscodeJob) -> Mapping[str, Embedding | None] | Unheard:
    """Run in a worker: encode, hear, delete; model name to vector."""
    import av.error  # noqa: PLC0415 - only workers need it

    codec = CODECS[job.codec]
    with tempfile.TemporaryDirectory(dir=job.folder) as folder:
        target = str(Path(folder) / f"transcode{codec.suffix}")
        try:
            transcode(job.path, target, codec)
        except av.error.FFmpegError as error:
            return Unheard(f"cannot be encoded as {codec.name}: {error.strerror}")
        heard = hear(AnalysisJob(target, job.models, job.weights_dir, descriptors=False))
    return heard.embeddings if isinstance(heard, Analysis) else Unheard(heard.reason)


def transcode(source: str, target: str, codec: Codec) -> None:
    """Encode the first audio stream of ``source``. Raises ``av.error.FFmpegError``."""
    if codec.encoder == VORBIS:
        _transcode_with_soundfile(source, target, codec)
    else:
        _transcode_with_av(source, target, codec)


def _transcode_with_av(source: str, target: str, codec: Codec) -> None:
    import av  # noqa: PLC0415 - only workers need it

    with av.open(source, metadata_errors="replace") as original, av.open(target, "w") as copy:
        stream = copy.add_stream(codec.encoder, rate=codec.sample_rate, layout="stereo")
        if not isinstance(stream, av.AudioStream):
            raise TypeError(f"{codec.encoder} does not encode sound")
        stream.bit_rate = codec.bits_per_second
        stream.codec_context.open()
        resampler = av.AudioResampler(
            format=stream.codec_context.format,
            layout="stereo",
            rate=codec.sample_rate,
            frame_size=stream.codec_context.frame_size,
        )
        for part in _parts(original, resampler):
            copy.mux(stream.encode(part))
        copy.mux(stream.encode(None))


def _transcode_with_soundfile(source: str, target: str, codec: Codec) -> None:
    import av  # noqa: PLC0415 - only workers need them
    import soundfile  # noqa: PLC0415

    resampler = av.AudioResampler(format="flt", layout="stereo", rate=codec.sample_rate)
    with (
        av.open(source, metadata_errors="replace") as original,
        soundfile.SoundFile(
            target, "w", codec.sample_rate, 2, "VORBIS", format="OGG", compression_level=VORBIS_Q2
        ) as copy,
    ):
        for part in _parts(original, resampler):
            copy.write(part.to_ndarray().reshape(-1, 2))


def _parts(original: InputContainer, resampler: AudioResampler) -> Iterator[AudioFrame]:
    """The frames of the first audio stream, resampled."""
    for frame in original.decode(audio=0):
        frame.pts = None
        yield from resampler.resample(frame)
    yield from resampler.resample(None)
