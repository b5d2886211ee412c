from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discovery.shelf_of_music import MusicShelf, open_shelf


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[MusicShelf]:
    async with open_shelf(tmp_path) as opened:
        yield opened
