"""What a media server's catalogue and pushes to it cost, beside a plain join of the paths.

    python bench/push.py [--tracks N]

The server is the tests' stand-in for Jellyfin 10.11, in a process of its own. The side under test
is the daemon's store and target with its own settings, in one event loop with a /health that is
asked every 20 ms. The baseline is a dictionary of their paths, in which ours are looked up.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile

from rich.console import Console
from rich.table import Table
from served import BENCH


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Catalogue and pushes.")
    parser.add_argument("--tracks", type=int, default=100_000)
    tracks = str(parser.parse_args().tracks)
    environment = {**os.environ, "PYTHONPATH": str(BENCH.parent)}
    server = subprocess.Popen(
        [sys.executable, BENCH / "push_server.py", tracks],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        where = json.loads(server.stdout.readline())
        with tempfile.TemporaryDirectory(prefix="harmonie-bench-") as folder:
            side = [sys.executable, BENCH / "push_side.py", tracks, where["url"], where["key"]]
            done = subprocess.run(
                [*side, folder], stdout=subprocess.PIPE, text=True, check=True, env=environment
            )
    finally:
        server.terminate()
        server.wait()
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    table = Table(title=f"{tracks} tracks here, {tracks} there")
    for heading in rows[0]:
        table.add_column(heading, justify="left" if heading in ("name", "said") else "right")
    for row in rows:
        table.add_row(*(f"{v:.2f}" if isinstance(v, float) else str(v) for v in row.values()))
    Console(width=170).print(table)


if __name__ == "__main__":
    main()
