"""Who is logged in at Jellyfin; logging in and out (ours)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from harmonie_daemon.domain.errors import BadRequestError, MediaServerError, NotFoundError
from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.signing_in import Attempt, SigningIn
from harmonie_daemon.mediaservers.jellyfin.token_file import KeptToken
from harmonie_daemon.mediaservers.jellyfin.visit import Tried, Visit
from harmonie_daemon.web.endpoint import BodyT, Call, Nothing, PathT, QueryT

NOT_CONFIGURED = "no Jellyfin is configured: set HARMONIE_JELLYFIN_URL to its address"
LONGEST_PASSWORD = 1000
_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Hidden = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]})]
"""Checked by hand, for what is wrong with it must not be repeated."""


@dataclass(frozen=True, slots=True)
class JellyfinDeps:
    """What these handlers work with."""

    signing_in: SigningIn | None
    """``None``: no Jellyfin is configured."""

    @property
    def required(self) -> SigningIn:
        """Raises ``BadRequestError`` where no Jellyfin is configured."""
        if self.signing_in is None:
            raise BadRequestError(NOT_CONFIGURED)
        return self.signing_in


JellyfinCall: TypeAlias = Call[JellyfinDeps, PathT, QueryT, BodyT]


class JellyfinCredential(BaseModel):
    """One token that the daemon holds."""

    user: str | None = Field(description="Whose token it is; null: an API key, or not known.")
    is_admin: bool
    origin: Literal["settings", "login"]
    since: float | None = Field(description="Unix time of the login.")
    works: bool | None = Field(description="null: the server could not be asked.")
    problem: str | None = Field(description="Why it does not work, and what to do.")
    may: list[str] = Field(description="What it may do with playlists of its user, and in general.")
    may_not: list[str]


class JellyfinUsers(BaseModel):
    """Who is logged in."""

    url: str | None = Field(description="null: no Jellyfin is configured.")
    version: str | None = Field(description="The server's.")
    problem: str | None = Field(description="Why the server could not be asked.")
    credentials: list[JellyfinCredential]


class LoginBody(BaseModel):
    """Who logs in, and how."""

    model_config = ConfigDict(strict=True)

    user: _Name | None = Field(
        default=None, description="A name; without a password the one who is to type the code in."
    )
    password: _Hidden = Field(
        default=None, description="Used once and kept nowhere; without it Quick Connect is asked."
    )


class LoginPath(BaseModel):
    """Which login."""

    id: str


class LoginProgress(BaseModel):
    """Where a login stands."""

    state: Literal["waiting", "done", "expired", "refused"] = Field(
        description="`refused`: somebody else typed the code in than the one who was to."
    )
    id: str | None = Field(description="By which a login with a code is asked about.")
    code: str | None = Field(description="What is typed into Jellyfin, under Quick Connect.")
    expires_at: float | None = Field(description="Unix time.")
    user: str | None = Field(description="Who is logged in, or was refused.")


class LogoutBody(BaseModel):
    """Whom to log out."""

    model_config = ConfigDict(strict=True)

    user: _Name | None = Field(default=None, description="A name, or `all` must be true.")
    all: bool = False


class LogoutOutcome(BaseModel):
    """Who was logged out."""

    users: list[str]
    problems: list[str] = Field(description="What the server could not be told.")


async def list_users(call: JellyfinCall[Nothing, Nothing, Nothing]) -> JellyfinUsers:
    """Every token, tried now."""
    if call.deps.signing_in is None:
        return JellyfinUsers(url=None, version=None, problem=NOT_CONFIGURED, credentials=[])
    keyring = call.deps.signing_in.keyring
    try:
        visit = await keyring.look(tell=False)
    except MediaServerError as error:
        kept = [_untried(one) for one in await keyring.kept()]
        return JellyfinUsers(url=keyring.url, version=None, problem=str(error), credentials=kept)
    return JellyfinUsers(
        url=keyring.url,
        version=visit.server.version_text,
        problem=None,
        credentials=[_tried(one, visit) for one in visit.tried],
    )


async def log_in(call: JellyfinCall[Nothing, Nothing, LoginBody]) -> LoginProgress:
    """By password at once; else a code is asked for."""
    signing_in, body = call.deps.required, call.body
    if body.password is None:
        return _progress(await signing_in.begin(body.user))
    password = _password(body.password)
    if body.user is None:
        raise BadRequestError("user: is required with a password")
    kept = await signing_in.with_password(body.user, password)
    return LoginProgress(state="done", id=None, code=None, expires_at=None, user=kept.user.name)


async def get_login(call: JellyfinCall[LoginPath, Nothing, Nothing]) -> LoginProgress:
    """Whether the code has been typed in."""
    return _progress(await call.deps.required.look(call.path.id))


async def log_out(call: JellyfinCall[Nothing, Nothing, LogoutBody]) -> LogoutOutcome:
    """Log one user out, or all."""
    signing_in, body = call.deps.required, call.body
    if (body.user is None) is not body.all:
        raise BadRequestError("user: name one, or all of them with all=true")
    kept = await signing_in.keyring.kept()
    leaving = [one for one in kept if body.user is None or _is(one, body.user)]
    if body.user is not None and not leaving:
        raise NotFoundError(f"{body.user!r} is not logged in at Jellyfin")
    problems = []
    for one in leaving:
        problem = await signing_in.log_out(one)
        if problem is not None:
            problems.append(
                f"{one.user.name!r} is logged out here, but Jellyfin could not be told: {problem}; "
                "remove the device 'Harmonie daemon' there (Dashboard → Devices)"
            )
    return LogoutOutcome(users=[one.user.name for one in leaving], problems=problems)


def _is(kept: KeptToken, name: str) -> bool:
    return kept.user.name.casefold() == name.strip().casefold()


def _password(given: object) -> str:
    if not isinstance(given, str):
        raise BadRequestError("password: must be a string")
    if len(given) > LONGEST_PASSWORD:
        raise BadRequestError(f"password: must have at most {LONGEST_PASSWORD} characters")
    return given


def _progress(attempt: Attempt) -> LoginProgress:
    return LoginProgress(
        state=attempt.state.value,
        id=attempt.id,
        code=attempt.begun.code,
        expires_at=attempt.expires,
        user=attempt.user,
    )


def _tried(one: Tried, visit: Visit) -> JellyfinCredential:
    found, kept = one.credential, one.kept
    user = found.user if found is not None else kept.user if kept is not None else None
    may = () if found is None else visit.credentials.abilities(found)
    return JellyfinCredential(
        user=None if user is None else user.name,
        is_admin=found.is_admin if found is not None else user is not None and user.is_admin,
        origin=one.origin,
        since=None if kept is None else kept.since,
        works=found is not None,
        problem=one.problem,
        may=[operation.value for operation in may],
        may_not=[operation.value for operation in JellyfinOperation if operation not in may],
    )


def _untried(kept: KeptToken) -> JellyfinCredential:
    return JellyfinCredential(
        user=kept.user.name,
        is_admin=kept.user.is_admin,
        origin="login",
        since=kept.since,
        works=None,
        problem=None,
        may=[],
        may_not=[],
    )
