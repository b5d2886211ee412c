"""Which Jellyfin server a request means, and with which token it is asked.

Our own token goes to the configured server alone: whoever names another one brings its token.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from harmonie_daemon.api.audiomuse.schemas import AnalysisBody
from harmonie_daemon.config.groups import JellyfinSettings
from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.mediaservers.jellyfin.credentials import Credential
from harmonie_daemon.scanning.albums import ServerLogin

MASK = "********"
"""What the configuration shows in the place of a token; sent back, it means that very token."""
LONGEST_TOKEN = 1000
_PORTS = {"http": 80, "https": 443}
_PRINTABLE = re.compile(r"[!-~]+")


def login_of(
    body: AnalysisBody, ours: JellyfinSettings, own: Credential | None
) -> ServerLogin | None:
    """Whom to ask; ``None``: nobody, for no server is configured or named.

    ``own`` is what we hold for the configured one.

    Raises ``BadRequestError`` that names the member.
    """
    url, user = (body.jellyfin_url or "").strip(), (body.jellyfin_user_id or "").strip() or None
    token = _token(body.jellyfin_token)
    if url and not _is_ours(url, ours):
        if token is None:
            raise BadRequestError(
                f"jellyfin_token: {url} is not the configured server and is never sent the "
                "configured token; send a token of that server"
            )
        return ServerLogin(url.rstrip("/"), SecretStr(token), user, is_ours=False)
    if ours.url is None:
        if token is not None:
            raise BadRequestError("jellyfin_url: is required with a token, for none is configured")
        return None
    if token is not None:
        return ServerLogin(ours.url, SecretStr(token), user or ours.user)
    if own is None:
        return None
    return ServerLogin(ours.url, SecretStr(own.token), user or ours.user, device_id=own.device_id)


def _token(given: object) -> str | None:
    if given is None or given in ("", MASK):
        return None
    if not isinstance(given, str) or not given.strip():
        raise BadRequestError("jellyfin_token: must be a string that is not blank")
    if len(given) > LONGEST_TOKEN:
        raise BadRequestError(f"jellyfin_token: must have at most {LONGEST_TOKEN} characters")
    return given.strip()


def _is_ours(url: str, ours: JellyfinSettings) -> bool:
    asked = _parts(url)
    return ours.url is not None and _address(asked) == _address(urlsplit(ours.url))


def _parts(url: str) -> SplitResult:
    """The parts of an address that a server can have. Raises ``BadRequestError``."""
    try:
        parts = urlsplit(url) if _PRINTABLE.fullmatch(url) else None
        is_good = (
            parts is not None
            and parts.scheme.lower() in _PORTS
            and bool(parts.hostname)
            and parts.port != 0
            and not (parts.username or parts.password or parts.query or parts.fragment)
            and "@" not in parts.netloc
        )
    except ValueError:
        is_good = False
    if parts is None or not is_good:
        raise BadRequestError(
            "jellyfin_url: must be the http or https address of a server, as in "
            "http://192.168.1.2:8096, with neither a password nor a query in it"
        )
    return parts


def _address(parts: SplitResult) -> tuple[str, str, int, str]:
    scheme = parts.scheme.lower()
    port = parts.port or _PORTS.get(scheme, 0)
    return scheme, (parts.hostname or "").lower(), port, parts.path.rstrip("/")
