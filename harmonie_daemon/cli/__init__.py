"""The command ``harmonie``."""

from harmonie_daemon.cli.main import main

__all__ = ["main"]
