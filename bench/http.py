"""Questions to a real daemon over HTTP, while /health is asked every 20 ms.

    python bench/http.py CACHE [--tracks N] [--connections 1,8] [--before DIR] [--only TEXT]

The library is made up: once, in the folder CACHE, and reused. ``--before`` names another checkout
of this repository with a ``.venv`` of its own: both daemons run, are asked by turns, and a row of
ratios says what has changed. The cached library is then made by that checkout, since a newer store
reads what an older one wrote; remove it before comparing with anything older still.
"""

from __future__ import annotations

import sys

if __name__ != "__main__":  # scripts of this folder look here first for the standard library's
    import importlib.util
    import sysconfig

    _folder = sysconfig.get_path("stdlib") + "/http"
    _spec = importlib.util.spec_from_file_location(
        "http", f"{_folder}/__init__.py", submodule_search_locations=[_folder]
    )
    assert _spec is not None and _spec.loader is not None
    sys.modules["http"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["http"])
else:
    from http_run import main

    main()
