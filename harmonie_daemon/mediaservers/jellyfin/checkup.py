"""What there is to say of a Jellyfin server and of our credentials there."""

from __future__ import annotations

from collections.abc import Iterator

from harmonie_daemon.domain.checkup import Finding, fine, note, problem
from harmonie_daemon.mediaservers.jellyfin.credentials import Credential, JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.listing import TARGET
from harmonie_daemon.mediaservers.jellyfin.visit import Visit

_WANTED: tuple[tuple[JellyfinOperation, str], ...] = (
    (JellyfinOperation.EDIT_PLAYLIST, "playlists that change get a new id, and players lose them"),
    (JellyfinOperation.COVER, "playlists have no covers of their own"),
    (JellyfinOperation.USER_DATA, "favourites and plays are not known"),
)
"""What is wanted for whoever has playlists, and what comes of not being allowed to."""
_OF_ALL: tuple[tuple[JellyfinOperation, str], ...] = (
    (JellyfinOperation.SESSIONS, "what is played is not heard of, unless a plugin tells"),
    (JellyfinOperation.USERS, "other users cannot have playlists"),
)


def findings(visit: Visit, owner: str | None) -> Iterator[Finding]:
    """The server, each token, and what all of them together may not do.

    ``owner`` is the id of the user for whom playlists usually are.
    """
    server = visit.server
    yield fine(TARGET, f"Jellyfin {server.version_text} answers")
    for tried in visit.tried:
        if tried.credential is None:
            yield problem(TARGET, tried.problem or "a token does not work", _LOGIN)
        else:
            yield fine(TARGET, f"{_words(tried.credential)} works")
    if not visit.tried:
        yield problem(TARGET, "nobody is logged in", _LOGIN)
        return
    if not visit.credentials.held:
        return
    if owner is None:
        yield problem(
            TARGET,
            "an API key belongs to no user, so that playlists have no owner",
            "set HARMONIE_JELLYFIN_USER, or run harmonie jellyfin login",
        )
    yield from _not_allowed(visit, owner)


_LOGIN = "run harmonie jellyfin login"


def _not_allowed(visit: Visit, owner: str | None) -> Iterator[Finding]:
    held = visit.credentials
    missing = [(what, why) for what, why in _OF_ALL if held.best_for(what) is None]
    if owner is not None:
        missing += [(what, why) for what, why in _WANTED if held.best_for(what, owner) is None]
    for operation, why in missing:
        yield note(
            TARGET,
            f"none of our tokens may {operation}: {why}",
            "run harmonie jellyfin login as that user, or as an administrator",
        )
    if not missing:
        yield fine(TARGET, "our tokens may do all that is wanted")


def _words(credential: Credential) -> str:
    if credential.user is None:
        return "the API key of the settings"
    rank = "an administrator" if credential.is_admin else "a user"
    whence = "the token of the settings" if credential.is_configured else "the login"
    return f"{whence} of {credential.user.name!r}, {rank},"
