"""The operations of logging in at Jellyfin."""

from __future__ import annotations

from harmonie_daemon.api.harmonie import jellyfin
from harmonie_daemon.web.endpoint import Endpoint


def jellyfin_endpoints(path: str) -> tuple[Endpoint, ...]:
    """The operations below this path."""
    tag = "Jellyfin"
    unconfigured = {400: "No Jellyfin is configured, or the request contradicts itself."}
    away = {502: "The server cannot be reached, or says no; the detail says why."}
    return (
        Endpoint(
            "GET",
            path,
            jellyfin.list_users,
            summary="Who is logged in at Jellyfin, and what each token may do",
            description="Every token that the daemon holds is tried. None is shown.",
            tag=tag,
        ),
        Endpoint(
            "POST",
            f"{path}/login",
            jellyfin.log_in,
            summary="Log a user in",
            description="With a password at once. Without one Jellyfin gives a code, which the "
            "user types into a player or the web interface (Quick Connect) within ten minutes.",
            tag=tag,
            errors=unconfigured | away,
        ),
        Endpoint(
            "GET",
            f"{path}/login/{{id}}",
            jellyfin.get_login,
            summary="Ask whether the code has been typed in",
            tag=tag,
            errors={404: "There is no such login, or not any more."} | unconfigured | away,
        ),
        Endpoint(
            "POST",
            f"{path}/logout",
            jellyfin.log_out,
            summary="Log a user out, here and at Jellyfin",
            description="The playlists of the user stay as they are.",
            tag=tag,
            errors={404: "This user is not logged in."} | unconfigured | away,
        ),
    )
