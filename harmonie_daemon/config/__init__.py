"""Settings: a TOML file, overridden by ``HARMONIE_*`` environment variables.

One ``Settings`` is made at start and passed to whoever needs it. Every field is a key of the
TOML file and, in capitals behind ``HARMONIE_``, an environment variable.
"""

from harmonie_daemon.config.loading import config_file, load_settings, unknown_variables
from harmonie_daemon.config.settings import Settings

__all__ = ["Settings", "config_file", "load_settings", "unknown_variables"]
