"""Imported first by the forkserver, before any numeric library: one thread per worker.

It works at import time because importing is all a forkserver can be told to do; nothing else
imports it. Four workers with four threads each would only get in each other's way.
"""

import os

for _variable in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
):
    os.environ[_variable] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
