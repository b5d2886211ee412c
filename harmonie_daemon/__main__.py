"""``python -m harmonie_daemon`` is ``harmonie``."""

import sys

from harmonie_daemon.cli import main

if __name__ == "__main__":
    sys.exit(main())
