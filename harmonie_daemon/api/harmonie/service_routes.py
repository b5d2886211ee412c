"""The operations that are about the daemon itself, and about its scans."""

from __future__ import annotations

from harmonie_daemon.api.harmonie import checkup, scan, service
from harmonie_daemon.api.harmonie.session_routes import session_endpoints
from harmonie_daemon.web.access import OPEN
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.metrics import metrics_endpoint


def service_endpoints(v1: str, metrics: str) -> tuple[Endpoint, ...]:
    """All of them; ``v1`` and ``metrics`` are where they lie."""
    return (
        Endpoint(
            "GET",
            f"{v1}/status",
            service.get_status,
            summary="Configuration and counters",
            tag="Service",
        ),
        Endpoint(
            "GET",
            f"{v1}/doctor",
            checkup.examine,
            summary="Look at everything the daemon depends on",
            description="Folders, limits, room, models and every target. Changes nothing.",
            tag="Service",
        ),
        Endpoint(
            "POST",
            f"{v1}/doctor/trial",
            checkup.try_out,
            summary="Look at everything and try the targets",
            description="Makes a playlist of its own at every target, changes it and deletes it.",
            tag="Service",
        ),
        *session_endpoints(v1),
        Endpoint("GET", f"{v1}/scan", scan.get_scan, summary="The state of the scan", tag="Scan"),
        Endpoint(
            "POST",
            f"{v1}/scan",
            scan.start_scan,
            summary="Start a scan",
            description="Answers at once. While a scan of the whole library is running, nothing "
            "happens, forced or not; a scan of changed folders alone is followed by this one.",
            tag="Scan",
        ),
        Endpoint(
            "POST",
            f"{v1}/scan/cancel",
            scan.cancel_scan,
            summary="End the running scan",
            description="What it has analysed stays.",
            tag="Scan",
        ),
        Endpoint(
            "POST",
            f"{v1}/scan/pause",
            scan.pause_scan,
            summary="Let the running scan rest",
            description="The files that are being analysed are finished first.",
            tag="Scan",
        ),
        Endpoint(
            "POST", f"{v1}/scan/resume", scan.resume_scan, summary="Go on after a pause", tag="Scan"
        ),
        Endpoint("GET", "/health", service.health, summary="Liveness", tag="Service", access=OPEN),
        metrics_endpoint(metrics, tag="Service"),
    )
