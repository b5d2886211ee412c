"""Times as the document writes them: ``2025-01-31T12:00:00Z``."""

from __future__ import annotations

from datetime import UTC, datetime

EXAMPLE = "2025-01-31T12:00:00Z"


def iso(unix_time: float) -> str:
    """A Unix time as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(int(unix_time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
