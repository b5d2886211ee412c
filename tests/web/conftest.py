"""The toy application, served."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.servers import Client, serving
from tests.web.toy import toy_application


@pytest.fixture
async def toy() -> AsyncIterator[Client]:
    """Without a key."""
    async with serving(toy_application()) as client:
        yield client
