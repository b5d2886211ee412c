"""What goes over the pipe between the daemon and a worker.

A trusted worker speaks pickle. One that runs work nobody trusts gets bytes and gives bytes:
unpickling what it says would let it do as it likes in the daemon.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
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


@dataclass(frozen=True, slots=True)
class Told:
    """What the target had to say before it was done."""

    value: Any


Reply = Returned | Raised

LARGEST_UNTRUSTED_BYTES = 16 * 1024 * 1024
_RETURNED, _RAISED = b"+", b"-"
_LENGTH = struct.Struct("!i")
"""In front of each message, as ``multiprocessing`` has it."""
_LONGEST_REASON_BYTES = 2_000
_PART_BYTES = 256 * 1024


def send_job(connection: Connection, job: object) -> None:
    """Hand a job to a trusted worker."""
    connection.send(job)


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


def send_told(connection: Connection, value: object) -> None:
    """Say something before the answer; of a trusted worker only."""
    connection.send(Told(value))


def receive_reply(connection: Connection) -> Reply | Told:
    """The answer of a trusted worker, or what it says before."""
    reply: Reply | Told = connection.recv()
    return reply


async def exchange(connection: Connection, job: object) -> Reply:
    """Hand a job to an untrusted worker and hear its answer, waiting for neither in the loop.

    It may stop reading or writing in the middle of a message, and then only a deadline ends it.
    Raises ``EOFError`` when it ended, ``OSError`` when its answer is longer than it may be.
    """
    raw = _as_bytes(job)
    loop = asyncio.get_running_loop()
    with socket.socket(fileno=os.dup(connection.fileno())) as pipe:
        pipe.setblocking(False)
        await loop.sock_sendall(pipe, _LENGTH.pack(len(raw)) + raw)
        (length,) = _LENGTH.unpack(await _exactly(pipe, _LENGTH.size))
        if not 0 < length <= LARGEST_UNTRUSTED_BYTES:
            raise OSError("the answer of an untrusted worker is too long")
        return _untrusted_reply(await _exactly(pipe, length))


async def _exactly(pipe: socket.socket, length: int) -> bytes:
    loop = asyncio.get_running_loop()
    received = bytearray()
    while len(received) < length:
        part = await loop.sock_recv(pipe, min(_PART_BYTES, length - len(received)))
        if not part:
            raise EOFError
        received += part
    return bytes(received)


def _untrusted_reply(raw: bytes) -> Reply:
    if raw[:1] == _RETURNED:
        return Returned(raw[1:])
    text, _, origin = raw[1 : 1 + _LONGEST_REASON_BYTES].decode(errors="replace").partition("\0")
    return Raised(_one_line(text), _one_line(origin))


def _one_line(text: str) -> str:
    """Fit for a log: an untrusted worker could write lines of its own into it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _as_bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"untrusted work takes and gives bytes, not {type(value).__name__}")
    return value
