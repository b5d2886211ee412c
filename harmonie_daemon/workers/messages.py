"""What goes over the pipe between the daemon and a worker.

A trusted worker speaks pickle. One that runs work nobody trusts gets bytes and gives bytes:
unpickling what it says would let it do as it likes in the daemon.
"""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any


@dataclass(frozen=True, slots=True)
class Returned:
    """The target's result."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """The target raised an ordinary exception; the worker lives on."""

    text: str
    """The reason, for a person."""
    origin: str = ""
    """The error and the line of code it came from, for the log."""


Reply = Returned | Raised

LARGEST_UNTRUSTED_BYTES = 16 * 1024 * 1024
_RETURNED, _RAISED = b"+", b"-"


def send_job(connection: Connection, job: object, *, trusted: bool) -> None:
    """Hand a job over; one for an untrusted worker is ``bytes``."""
    if trusted:
        connection.send(job)
    else:
        connection.send_bytes(_as_bytes(job))


def receive_job(connection: Connection, *, trusted: bool) -> Any:
    """The next job. Raises ``EOFError`` when there will be none."""
    return connection.recv() if trusted else connection.recv_bytes()


def send_reply(connection: Connection, reply: Reply, *, trusted: bool) -> None:
    """Answer. Raises what pickling raises; ``TypeError`` for untrusted work that is no bytes."""
    if trusted:
        connection.send(reply)
    elif isinstance(reply, Raised):
        text = f"{reply.text}\0{reply.origin}"
        connection.send_bytes(_RAISED + text.encode(errors="replace"))
    else:
        connection.send_bytes(_RETURNED + _as_bytes(reply.value))


def receive_reply(connection: Connection, *, trusted: bool) -> Reply:
    """The answer. Raises ``OSError`` when an untrusted one is longer than it may be."""
    if trusted:
        reply: Reply = connection.recv()
        return reply
    raw = connection.recv_bytes(LARGEST_UNTRUSTED_BYTES)
    if raw[:1] == _RETURNED:
        return Returned(raw[1:])
    text, _, origin = raw[1:].decode(errors="replace").partition("\0")
    return Raised(text, origin)


def _as_bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"untrusted work takes and gives bytes, not {type(value).__name__}")
    return value
