"""What is asked of a scan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan: everything, or only some paths (absolute)."""

    force: bool = False
    only: frozenset[str] | None = None

    def merged(self, other: ScanRequest) -> ScanRequest:
        """One request that covers both."""
        both = None if self.only is None or other.only is None else self.only | other.only
        return ScanRequest(self.force or other.force, both)

    def covers_as_much_as(self, other: ScanRequest) -> bool:
        """Whether both are forced or neither, both of everything or neither."""
        return self.force == other.force and (self.only is None) == (other.only is None)
