"""Signs of life for systemd."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.tasks.systemd import keep_alive


async def test_a_sign_of_life_that_fails_is_not_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    address = tmp_path / "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as ear:
        ear.bind(str(address))
        told = asyncio.Event()
        asyncio.get_running_loop().add_reader(ear, told.set)
        alive = asyncio.create_task(keep_alive(0.02, failing_once()))
        async with asyncio.timeout(10):
            await told.wait()
        asyncio.get_running_loop().remove_reader(ear)
        assert ear.recv(100) == b"WATCHDOG=1"
        alive.cancel()
    assert "no sign of life is given to systemd: the disk is full" in caplog.text


def failing_once() -> Callable[[], asyncio.Future[None]]:
    """How the daemon is: bad, then well."""
    answers = [StoreError("the disk is full")]

    def ask() -> asyncio.Future[None]:
        answer = asyncio.get_running_loop().create_future()
        if answers:
            answer.set_exception(answers.pop())
        else:
            answer.set_result(None)
        return answer

    return ask
