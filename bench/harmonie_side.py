"""Our analysis as a worker runs it. Run by sides.py: ``harmonie_side.py MODEL [WEIGHTS_DIR]``."""

# isort: off
import harmonie_daemon.workers.environment  # one thread, set before numpy
import harmonie_daemon.analysis.preload  # noqa: F401 - what a worker has loaded too
# isort: on

import sys
from dataclasses import asdict

from sides import CannotHearError, Findings, Stages, serve

from harmonie_daemon.analysis.job import AnalysisJob, hear
from harmonie_daemon.domain.track import Analysis

NAMES = {"resample": "decode"}
"""Our stages that another name covers in the comparison."""


class HarmoniePipeline:
    """What a worker does with one job after the other."""

    def __init__(self, model: str, weights_dir: str | None = None) -> None:
        self._model = model
        self._weights_dir = weights_dir

    def hear(self, path: str, stages: Stages) -> Findings:
        """What is in one file."""
        analysis = hear(AnalysisJob(path, (self._model,), self._weights_dir))
        if not isinstance(analysis, Analysis):
            raise CannotHearError(analysis.reason)
        for name, seconds in analysis.stage_cpu_s.items():
            stages.add({"effnet" if "effnet" in name else NAMES.get(name, name): seconds})
        embedding, styles = analysis.embeddings[self._model], analysis.style_probabilities
        return Findings(
            asdict(analysis.descriptors) | {"duration_s": analysis.duration_s},
            [] if embedding is None else embedding.tolist(),
            [] if styles is None else styles.tolist(),
        )


if __name__ == "__main__":
    serve(lambda: HarmoniePipeline(*sys.argv[1:]).hear)
