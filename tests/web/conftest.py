"""The toy application, served."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.config import Settings
from tests.servers import Client, serving
from tests.web.toy import toy_application


@pytest.fixture
async def toy(tmp_path: Path) -> AsyncIterator[Client]:
    """Without a key."""
    async with serving(toy_application(Settings(data_dir=tmp_path))) as client:
        yield client
