"""Discogs-EffNet behind the ``Embedder`` protocol.

Alonso-Jiménez, Serra and Bogdanov, "Music Representation Learning Based on Editorial Metadata
from Discogs", ISMIR 2022; https://essentia.upf.edu/models.html#discogs-effnet
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from harmonie_daemon.analysis.effnet.backbone import Backbone, OnnxBackbone, TensorflowBackbone
from harmonie_daemon.analysis.effnet.head import EMBEDDING, GenreHead
from harmonie_daemon.analysis.effnet.mel import SAMPLE_RATE, Floats
from harmonie_daemon.analysis.embedded import Embedded
from harmonie_daemon.analysis.samples import Samples
from harmonie_daemon.analysis.weights.network_file import ONNX_SUFFIX
from harmonie_daemon.analysis.weights.registry import EFFNET_MODEL, Weights
from harmonie_daemon.domain.track import Embedding


class EffnetEmbedder:
    """The mean over patches of the embedding, of length 1, and of the style probabilities."""

    name = EFFNET_MODEL
    dim = EMBEDDING
    sample_rate = SAMPLE_RATE

    def __init__(self, backbone: Backbone, head: GenreHead) -> None:
        self._backbone = backbone
        self._head = head

    @classmethod
    def load(cls, weights: Weights, folder: Path) -> EffnetEmbedder:
        """From the files in ``folder``, ONNX first; ``ModelError`` if some are missing or bad."""
        backbone, head = (part.present(folder) for part in weights.parts)
        return cls(load_backbone(backbone), GenreHead.load(head))

    def embed(self, samples: Samples) -> Embedding | None:
        """See ``Embedder``."""
        heard = self.hear(samples)
        return heard.vector if heard is not None else None

    def hear(self, samples: Samples) -> Embedded | None:
        """See ``Embedder``; ``None`` below 2.05 s."""
        patches = self._backbone.embeddings(samples)
        if not len(patches):
            return None
        embedding = _unit(patches)
        if embedding is None:
            return None
        return Embedded(embedding, self._head.probabilities(patches).mean(axis=0))


def load_backbone(path: Path) -> Backbone:
    """What runs a file of this kind; ``ModelError`` if it does not."""
    return OnnxBackbone(path) if path.suffix == ONNX_SUFFIX else TensorflowBackbone(path)


def _unit(patches: Floats) -> Embedding | None:
    mean = patches.mean(axis=0, dtype=np.float64)
    length = np.linalg.norm(mean)
    if not np.isfinite(length) or length == 0:
        return None
    vector: Embedding = (mean / length).astype(np.float32)
    return vector
