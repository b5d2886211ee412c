"""``[m3u]``: playlists as files, in one folder or in one for each player."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from harmonie_daemon.config.groups import SettingsGroup
from harmonie_daemon.config.paths import check_file_mode, check_folder_names, split_pairs
from harmonie_daemon.config.values import Folder, Texts, from_json


class M3uFiles(SettingsGroup):
    """How the files are written, which depends on who reads them."""

    extension: Literal["m3u8", "m3u"] = "m3u8"
    paths: Literal["relative", "absolute"] = "relative"
    path_mappings: Annotated[Texts, AfterValidator(check_folder_names)] = ()
    mode: Annotated[str, AfterValidator(check_file_mode)] = "0644"

    @property
    def file_mode(self) -> int:
        """``mode`` as a number."""
        return int(self.mode, 8)

    @property
    def path_mapping_pairs(self) -> tuple[tuple[str, str], ...]:
        """``path_mappings`` as (folder, name); an empty name: relative to the folder."""
        return split_pairs(self.path_mappings)


class M3uPlayer(M3uFiles):
    """One ``[[m3u.player]]``: a further folder, as another player wants it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    dir: Folder


class M3uSettings(M3uFiles):
    """``[m3u]``: the folder that there always is, and those of further players."""

    dir: Folder | None = None
    personal: bool = False
    player: Annotated[tuple[M3uPlayer, ...], BeforeValidator(from_json), Field(max_length=20)] = ()

    @field_validator("player")
    @classmethod
    def _differ(cls, players: tuple[M3uPlayer, ...]) -> tuple[M3uPlayer, ...]:
        names = [player.name for player in players]
        folders = [str(player.dir) for player in players]
        for what, values in (("name", names), ("folder", folders)):
            for value in values:
                if values.count(value) > 1:
                    raise ValueError(f"two players have the {what} {value!r}; each needs its own")
        return players
