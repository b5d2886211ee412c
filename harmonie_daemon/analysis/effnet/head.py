"""The classification head ``genre_discogs400``: one dense layer and a sigmoid, run in numpy.

The backbone has 400 outputs of its own, but the two were trained apart: they never stand in
for the head.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from harmonie_daemon.analysis.weights.network_file import Floats, read_network
from harmonie_daemon.domain.errors import ModelError

EMBEDDING, STYLES = 1280, 400


@dataclass(frozen=True, slots=True)
class GenreHead:
    """The layer's numbers."""

    weights: Floats
    """float32[1280, 400]."""
    bias: Floats
    """float32[400]."""

    @classmethod
    def load(cls, path: Path) -> GenreHead:
        """From the published .pb or a conversion to ONNX; ``ModelError`` if it is another net."""
        tensors = read_network(path).tensors
        kernels = [tensor for tensor in tensors if sorted(tensor.shape) == [STYLES, EMBEDDING]]
        biases = [tensor for tensor in tensors if tensor.shape == (STYLES,)]
        if len(kernels) != 1 or len(biases) != 1:
            raise ModelError(f"{path.name} is not one dense layer from {EMBEDDING} to {STYLES}")
        kernel = kernels[0] if kernels[0].shape[0] == EMBEDDING else kernels[0].T
        return cls(kernel, biases[0])

    def probabilities(self, embeddings: Floats) -> Floats:
        """float32[patches, 400], 0 to 1, of float32[patches, 1280]."""
        logits = np.clip(embeddings @ self.weights + self.bias, -60, 60)
        return cast(Floats, (1 / (1 + np.exp(-logits))).astype(np.float32))
