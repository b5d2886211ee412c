"""The log: one line an event, and no secrets."""

from __future__ import annotations

import logging

import pytest

from harmonie_daemon import log


@pytest.fixture(autouse=True)
def _as_it_was() -> object:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before


def test_a_secret_is_masked_wherever_it_appears(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", ["hunter2"])
    logging.getLogger("x").info("asked %s with %s", "http://nas", {"token": "hunter2"})
    said = capsys.readouterr().err
    assert "hunter2" not in said
    assert "********" in said


def test_a_secret_in_a_traceback_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", ["hunter2"])
    try:
        int("hunter2")
    except ValueError:
        logging.getLogger("x").exception("no")
    assert "hunter2" not in capsys.readouterr().err


def test_a_line_break_in_a_file_name_makes_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info")
    logging.getLogger("x").warning("%s: not audio", "a\nERROR forged.mp3")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_under_systemd_a_line_begins_with_its_priority(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    log.configure("info")
    logging.getLogger("x").warning("careful")
    assert capsys.readouterr().err == "<4>x: careful\n"


def test_what_is_not_utf8_is_printed_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info")
    logging.getLogger("x").info("caf\udce9")
    assert "caf\\udce9" in capsys.readouterr().err
