from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.playlists.made_library import MadeLibrary, open_library


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[MadeLibrary]:
    async with open_library(tmp_path) as made:
        yield made
