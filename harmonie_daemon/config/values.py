"""The kinds of values that settings take, and what is wrong with others."""

from __future__ import annotations

import json
import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from apscheduler.triggers.cron import CronTrigger
from pydantic import AfterValidator, BeforeValidator, SecretStr

from harmonie_daemon.domain.cron import name_weekdays
from harmonie_daemon.domain.hosts import Address

_NEXT_PATH = re.compile(r",(?=\s*(?:[/~.]|$))")


def cron_expression(value: str) -> str:
    """The value, if it is a cron expression. Raises ``ValueError``."""
    try:
        CronTrigger.from_crontab(name_weekdays(value))
    except ValueError as error:
        raise ValueError(f"must be a cron expression such as '0 4 * * *': {error}") from error
    return value


def _split(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _split_paths(value: object) -> object:
    """As ``_split``, but a comma separates only where another path begins: ``/a, b,/c`` is two."""
    if isinstance(value, str):
        return [part.strip() for part in _NEXT_PATH.split(value) if part.strip()]
    return value


def from_json(value: object) -> object:
    """What a variable holds for a list of tables. Raises ``ValueError``."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("cannot be read; write it into the configuration file") from None


def _absolute(path: Path) -> Path:
    """The path from the root on. A symbolic link keeps the name its owner gave it."""
    if "\0" in str(path):
        raise ValueError("a path must not contain a NUL character")
    try:
        return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - Path.resolve follows links
    except RuntimeError as error:
        raise ValueError(f"{path} names a user that does not exist") from error


def _in_utf8(path: Path) -> Path:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ValueError("the folder's name must be UTF-8") from None
    return path


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _not_blank(value: SecretStr) -> SecretStr:
    stripped = value.get_secret_value().strip()
    if not stripped:
        raise ValueError("must not be blank; leave it out to go without")
    return SecretStr(stripped)


def _url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return value.rstrip("/")


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if not parts.hostname or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must be an address such as https://nas.example/harmonie")
    return value


def _model_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", value):
        raise ValueError("must be the name of a model such as gemini-3.1-pro-preview")
    return value


def _redis_url(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        is_good = (
            parts.scheme in ("redis", "rediss")
            and bool(parts.hostname)
            and parts.port != 0
            and re.fullmatch(r"/?[0-9]{0,4}", parts.path) is not None
        )
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError("must be an address such as redis://localhost:6379 or redis://nas:6379/1")
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(text, strict=False)) for text in value)
    except ValueError:
        raise ValueError("each must be an address or a network such as 10.0.0.0/8") from None


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        if origin != "*" and not _is_origin(origin):
            raise ValueError("each must be an origin such as https://player.example, or *")
    return value


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.path.strip("/")
        )
    except ValueError:
        return False


def _addresses(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(Address.parse(text)) for text in value)


def _once_each(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(paths))


Folder = Annotated[Path, AfterValidator(_absolute)]
TextFolder = Annotated[Folder, AfterValidator(_in_utf8)]
"""Of a database, whose library opens no other."""
Folders = Annotated[tuple[Folder, ...], BeforeValidator(_split_paths), AfterValidator(_once_each)]
"""A list, or text with commas."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""A list, or text with commas."""
Origins = Annotated[Texts, AfterValidator(_origins)]
Addresses = Annotated[Texts, AfterValidator(_addresses)]
Networks = Annotated[Texts, AfterValidator(_networks)]
Secret = Annotated[SecretStr, AfterValidator(_not_blank)]
RedisUrl = Annotated[Secret, AfterValidator(_redis_url)]
"""A secret, for it may have a password in it."""
Url = Annotated[str, AfterValidator(_url)]
ModelName = Annotated[str, AfterValidator(_model_name)]
PublicUrl = Annotated[Url, AfterValidator(_public_url)]
Cron = Annotated[str, AfterValidator(cron_expression)]
NONE_IF_BLANK = BeforeValidator(_none_if_blank)
