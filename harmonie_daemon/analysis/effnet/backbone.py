"""The backbone on whatever runs it: onnxruntime, or the TensorFlow inside Essentia.

Both give the same numbers; onnxruntime is five times cheaper and loads in a fraction of the
time, so TensorFlow serves only where nothing but its .pb files are present.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from harmonie_daemon.analysis.effnet.head import EMBEDDING
from harmonie_daemon.analysis.effnet.mel import (
    BANDS,
    HOP,
    PATCH_FRAMES,
    Floats,
    mel_bands,
    patch_batches,
    patch_starts,
)
from harmonie_daemon.analysis.memory import give_back
from harmonie_daemon.analysis.samples import Samples
from harmonie_daemon.domain.errors import ModelError, in_words

BATCH = 8
"""The cheapest per patch, and still small in memory."""
SILENT = 4
"""onnxruntime's log level for fatal errors only; the others arrive as exceptions."""
TENSORFLOW_OUTPUT = "PartitionedCall:1"


class Backbone(Protocol):
    """The network up to the embedding."""

    def embeddings(self, samples: Samples) -> Floats:
        """float32[patches, 1280] of mono samples at 16 kHz; no rows below 2.05 s."""


class OnnxBackbone:
    """By onnxruntime, one thread, eight patches at once."""

    def __init__(self, path: Path, *, most_patches: int | None = None) -> None:
        """Raises ``ModelError`` if the file is not this network.

        ``most_patches`` bounds the cost of long tracks by hearing evenly spaced patches only;
        64 give a centred cosine of 0.999 to all (median of 79 tracks). By default every patch
        is heard, so that vectors are those of the published pipeline.
        """
        self._most_patches = most_patches
        self._session = _session(path)
        entry = self._session.get_inputs()[0]
        self._input: str = entry.name
        self._fixed_batch = entry.shape[0] if isinstance(entry.shape[0], int) else None
        self._output = self._find_output(path)
        self._rest()

    def embeddings(self, samples: Samples) -> Floats:
        """See ``Backbone``."""
        bands = mel_bands(samples)
        starts = patch_starts(len(bands), self._most_patches)
        batches = patch_batches(bands, starts, self._fixed_batch or BATCH)
        rows = [self._run(batch, [self._output])[0] for batch in batches]
        self._rest()
        return np.concatenate(rows) if rows else np.empty((0, EMBEDDING), np.float32)

    def _find_output(self, path: Path) -> str:
        """The output of 1280 numbers: published files and conversions differ in names."""
        names: list[str] = [output.name for output in self._session.get_outputs()]
        try:
            results = self._run(self._silence(), names)
        except _onnx_errors() as error:
            reason = _first_line(error)
            raise ModelError(f"{path.name} does not take mel patches: {reason}") from error
        for name, result in zip(names, results, strict=True):
            if result.shape[-1] == EMBEDDING:
                return name
        raise ModelError(f"{path.name} has no output of {EMBEDDING} numbers")

    def _run(self, patches: Floats, outputs: list[str]) -> list[Floats]:
        count = len(patches)
        if self._fixed_batch and count < self._fixed_batch:
            missing = np.zeros((self._fixed_batch - count, *patches.shape[1:]), np.float32)
            patches = np.concatenate([patches, missing])
        results = self._session.run(outputs, {self._input: patches})
        return [result[:count] for result in results]

    def _rest(self) -> None:
        """Free what inference works in, 30 MB, until the next track; costs as much as a patch."""
        self._session.run([self._output], {self._input: self._silence()}, _last_run())
        give_back()

    def _silence(self) -> Floats:
        return np.zeros((self._fixed_batch or 1, PATCH_FRAMES, BANDS), np.float32)


class TensorflowBackbone:
    """By Essentia's TensorflowPredictEffnetDiscogs, which has a mel front end of its own."""

    def __init__(self, path: Path) -> None:
        """Raises ``ModelError`` without TensorFlow, or if the file is not this network."""
        for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ.setdefault(variable, "1")
        from harmonie_daemon.analysis.essentia import standard  # noqa: PLC0415 - late on purpose

        algorithm = getattr(standard(), "TensorflowPredictEffnetDiscogs", None)
        if algorithm is None:
            raise ModelError(
                f"{path.name} needs essentia-tensorflow, which is not installed; "
                "`harmonie models download` fetches the ONNX file, which does not"
            )
        silence = np.zeros(PATCH_FRAMES * HOP, np.float32)
        try:
            self._predict = algorithm(graphFilename=str(path), output=TENSORFLOW_OUTPUT)
            width = np.shape(self._predict(silence))[-1]
        except RuntimeError as error:
            raise ModelError(f"{path.name} cannot be loaded: {_first_line(error)}") from error
        if width != EMBEDDING:
            raise ModelError(f"{path.name} has no output of {EMBEDDING} numbers")

    def embeddings(self, samples: Samples) -> Floats:
        """See ``Backbone``."""
        rows = np.asarray(self._predict(samples), np.float32)
        return rows.reshape(-1, EMBEDDING)


def _session(path: Path) -> Any:
    try:
        import onnxruntime  # noqa: PLC0415 - only where such a file is used
    except ImportError as error:
        raise ModelError(f"{path.name} needs onnxruntime, which cannot be loaded") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = SILENT
    options.enable_mem_pattern = False  # a plan for one batch size: no faster, 15 MB more
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except _onnx_errors() as error:
        raise ModelError(f"{path.name} cannot be loaded: {_first_line(error)}") from error


def _last_run() -> Any:
    """Options of a run after which memory is given back."""
    import onnxruntime  # noqa: PLC0415 - as above

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _onnx_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: a dozen classes without a common ancestor of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # noqa: PLC0415 - as above

    own = [kind for kind in vars(state).values() if isinstance(kind, type)]
    return (RuntimeError, ValueError, *(kind for kind in own if issubclass(kind, Exception)))


def _first_line(error: Exception) -> str:
    return (str(error) or in_words(error)).splitlines()[0]
