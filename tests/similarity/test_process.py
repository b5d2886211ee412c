"""Run in processes of their own: what is set here belongs to a process as a whole."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROBE = """
import asyncio, gc, json, os, sys
from pathlib import Path

from threadpoolctl import threadpool_info, threadpool_limits

from harmonie_daemon.app import STARTUP, create_app
from harmonie_daemon.config import Settings

async def main():
    import numpy
    threadpool_limits(2)
    app = create_app(Settings(data_dir=Path(sys.argv[1]), workers=1, default_playlists=False))
    context = app.cleanup_ctx[0](app)
    await anext(context)
    await app[STARTUP].ended()
    frozen, thresholds = gc.get_freeze_count(), gc.get_threshold()
    import scipy.linalg, sklearn.cluster
    print(json.dumps({
        "threads": {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()},
        "frozen": frozen,
        "left": len(gc.get_objects()),
        "thresholds": thresholds,
        "switch_interval_s": sys.getswitchinterval(),
    }))
    await anext(context, None)

asyncio.run(main())
"""


def probe(folder: Path) -> dict[str, Any]:
    """What a daemon that has just started says about its process."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_daemon_computes_in_one_thread_and_spares_the_garbage_collector(tmp_path: Path) -> None:
    found = probe(tmp_path)
    assert set(found["threads"].values()) == {1}
    assert len(found["threads"]) > 1, "no library was loaded after the start"
    assert found["frozen"] > 10_000
    assert found["thresholds"][0] >= 10_000, "a list of 500 makes as many objects"
    assert found["switch_interval_s"] < 0.005


LETTING_GO = """
import queue, sys, threading
from pathlib import Path

import numpy as np

from harmonie_daemon.similarity.process import compute_calmly

if sys.argv[1] == "calmly":
    compute_calmly()

def resident_mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20

def turn(mib, orders, done):
    orders.get()
    arrays = [np.ones(mib << 17) for _ in range(40 // mib)]
    kept.append(np.ones(1000))
    del arrays
    done.put(None)
    orders.get()

kept, before = [], resident_mib()
for mib in (1, 8):
    for number in range(6):
        orders, done = queue.SimpleQueue(), queue.SimpleQueue()
        threading.Thread(target=turn, args=(mib, orders, done), daemon=True).start()
        orders.put(None)
        done.get()
print(resident_mib() - before)
"""


def left_over_mib(how: str) -> int:
    """What twelve threads that are still there hold after each has let go of 40 MiB."""
    done = subprocess.run(
        [sys.executable, "-c", LETTING_GO, how], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc needs to be told")
def test_what_threads_let_go_of_goes_back_to_the_system() -> None:
    assert left_over_mib("as usual") > 200
    assert left_over_mib("calmly") < 120
