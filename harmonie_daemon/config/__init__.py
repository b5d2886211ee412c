"""Settings: a TOML file, overridden by ``HARMONIE_*`` environment variables.

One ``Settings`` is made at start and passed to whoever needs it. What belongs together is a table
of the TOML file and a model in ``groups``; how names become variables is in ``names``.
"""

from harmonie_daemon.config.groups import SubsonicSettings
from harmonie_daemon.config.loading import (
    config_file,
    load_settings,
    renamed_settings,
    unknown_variables,
)
from harmonie_daemon.config.personal import PersonalSettings, PrefixSettings
from harmonie_daemon.config.settings import Settings

__all__ = [
    "PersonalSettings",
    "PrefixSettings",
    "Settings",
    "SubsonicSettings",
    "config_file",
    "load_settings",
    "renamed_settings",
    "unknown_variables",
]
