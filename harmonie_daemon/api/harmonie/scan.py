"""The scan: its state, its beginning and its end."""

from __future__ import annotations

from harmonie_daemon.api.harmonie.deps import HarmonieCall
from harmonie_daemon.api.harmonie.service_schemas import ScanQuery, ScanState
from harmonie_daemon.api.harmonie.translate import scan_state
from harmonie_daemon.web.endpoint import Nothing


async def get_scan(call: HarmonieCall[Nothing, Nothing, Nothing]) -> ScanState:
    """The current scan, or the outcome of the last one."""
    return scan_state(call.deps.scan.status())


async def start_scan(call: HarmonieCall[Nothing, ScanQuery, Nothing]) -> ScanState:
    """Start a scan unless one is running."""
    return scan_state(await call.deps.scan.start(force=call.query.force))


async def cancel_scan(call: HarmonieCall[Nothing, Nothing, Nothing]) -> ScanState:
    """End the running scan."""
    return scan_state(await call.deps.scan.cancel())


async def pause_scan(call: HarmonieCall[Nothing, Nothing, Nothing]) -> ScanState:
    """Let the running scan rest."""
    return scan_state(call.deps.scan.pause())


async def resume_scan(call: HarmonieCall[Nothing, Nothing, Nothing]) -> ScanState:
    """Go on after a pause."""
    return scan_state(call.deps.scan.resume())
