"""The composition root: the only place that wires everything together."""

from harmonie_daemon.app.access import access_rules
from harmonie_daemon.app.application import STARTUP, create_app
from harmonie_daemon.app.core import VERSION, Core, open_core
from harmonie_daemon.app.listmaking import configured_recipes

__all__ = [
    "STARTUP",
    "VERSION",
    "Core",
    "access_rules",
    "configured_recipes",
    "create_app",
    "open_core",
]
