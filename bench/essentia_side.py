"""The baseline: the plain Essentia pipeline, algorithm for algorithm with its documented defaults.

MonoLoader at 44.1 kHz for RhythmExtractor2013 (multifeature), KeyExtractor, ReplayGain,
Danceability and OnsetRate; MonoLoader at 16 kHz for TensorflowPredictEffnetDiscogs and
TensorflowPredict2D. Both loaders resample at quality 4, the cheap one: at the default a file of
48 kHz costs five times as much. Run by sides.py: ``essentia_side.py EFFNET_PB HEAD_PB``.
"""

from __future__ import annotations

import sys
from typing import Any

import essentia
import numpy as np

essentia.log.infoActive = False
essentia.log.warningActive = False

import essentia.standard as es  # noqa: E402 - after the log is quiet
from sides import Findings, Stages, serve  # noqa: E402

QUALITY = 4
UNSAFE = (".opus",)
"""What corrupts the memory of MonoLoader."""


class EssentiaPipeline:
    """The networks are loaded once; the rest is made for each file.

    OnsetRate answers 0 when it is used twice.
    """

    def __init__(self, effnet_pb: str, head_pb: str) -> None:
        self._effnet = es.TensorflowPredictEffnetDiscogs(
            graphFilename=effnet_pb, output="PartitionedCall:1"
        )
        self._head = es.TensorflowPredict2D(
            graphFilename=head_pb,
            input="serving_default_model_Placeholder",
            output="PartitionedCall:0",
        )

    def hear(self, path: str, stages: Stages) -> Findings:
        """What is in one file."""
        if path.lower().endswith(UNSAFE):
            raise RuntimeError("not handed to MonoLoader")
        samples = stages.run("decode", lambda: _load(path, 44_100))
        bpm, _, confidence, *_ = stages.run(
            "rhythm", lambda: es.RhythmExtractor2013(method="multifeature")(samples)
        )
        key, scale, strength = stages.run("key", lambda: es.KeyExtractor()(samples))
        loudness = stages.run("loudness", lambda: es.ReplayGain()(samples))
        danceability, _ = stages.run("danceability", lambda: es.Danceability()(samples))
        _, onset_rate = stages.run("onsets", lambda: es.OnsetRate()(samples))
        values = {
            "bpm": float(bpm),
            "bpm_confidence": float(confidence),
            "key": key,
            "scale": scale,
            "key_strength": float(strength),
            "loudness_db": float(loudness),
            "danceability": float(danceability),
            "onset_rate": float(onset_rate),
        }
        low = stages.run("decode", lambda: _load(path, 16_000))
        patches = stages.run("effnet", lambda: self._effnet(low))
        if not len(patches):
            return Findings(values)
        styles = stages.run("effnet", lambda: np.mean(self._head(patches), axis=0))
        return Findings(values, np.mean(patches, axis=0).tolist(), styles.tolist())


def _load(path: str, rate: int) -> Any:
    return es.MonoLoader(filename=path, sampleRate=rate, resampleQuality=QUALITY)()


if __name__ == "__main__":
    serve(lambda: EssentiaPipeline(*sys.argv[1:]).hear)
