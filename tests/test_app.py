"""What the daemon puts in place when it starts."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from harmonie_daemon.app import STARTUP, create_app
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import NotReadyError, StoreError
from harmonie_daemon.web.keys import PROVIDED
from harmonie_daemon.web.sessions import Sessions
from harmonie_daemon.web.signing import Signer
from tests.servers import serving


async def signed_by(settings: Settings, *, background: bool = True) -> str:
    """An address that a daemon of its own gave out."""
    app = create_app(settings, background=background, clock=lambda: 1.0)
    async with serving(app):
        await app[STARTUP].ended()
        if settings.http.api_key is not None:
            assert app[PROVIDED].get(Sessions)
        return app[PROVIDED].get(Signer).signed("/files/1", {}, for_s=60)


async def test_signed_addresses_outlive_the_daemon_and_its_secret_is_its_own(
    tmp_path: Path,
) -> None:
    settings = Settings(data_dir=tmp_path, workers=1, default_playlists=False, api_key="k")
    first = await signed_by(settings)
    assert await signed_by(settings) == first
    secret = tmp_path / "signing.key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    secret.unlink()
    assert await signed_by(settings) != first


async def test_a_command_beside_a_service_leaves_no_secret_behind(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=1, default_playlists=False)
    with pytest.raises(NotReadyError):
        await signed_by(settings, background=False)
    assert not (tmp_path / "signing.key").exists()


async def test_a_secret_that_cannot_be_had_ends_the_start_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "signing.key").mkdir()
    settings = Settings(data_dir=tmp_path, workers=1, default_playlists=False)
    with pytest.raises(StoreError, match=r"signing\.key.*Is a directory"):
        await signed_by(settings)
