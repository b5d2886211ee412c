"""The only importer of Essentia: late, because it costs a second and 200 MB, and quietly.

Only ``essentia.standard`` is used and never its loaders, so that the plain ``essentia`` wheel
serves as well as ``essentia-tensorflow``.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any


@cache
def standard() -> Any:
    """``essentia.standard``; TensorFlow's and Essentia's chatter is turned off first."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import essentia  # noqa: PLC0415 - late on purpose

    essentia.log.infoActive = False
    essentia.log.warningActive = False
    essentia.log.errorActive = False
    import essentia.standard as algorithms  # noqa: PLC0415

    return algorithms
