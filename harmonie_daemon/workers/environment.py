"""What a worker process gets to know of the daemon's environment: a short list, no secrets."""

from __future__ import annotations

from collections.abc import Mapping

ALLOWED = (
    "PATH",
    "HOME",
    "TMPDIR",
    "TZ",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    # which kernels the numeric libraries choose
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
)
SINGLE_THREADED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
"""Four workers with four threads each would only get in each other's way."""


def worker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker process, made of the daemon's."""
    passed_on = {name: environ[name] for name in ALLOWED if name in environ}
    return {**passed_on, **SINGLE_THREADED}
