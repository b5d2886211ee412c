"""Errors as a person reads them."""

from __future__ import annotations

import errno
import os

import pytest

from harmonie_daemon.domain.errors import StoreError, in_words

NO_ROOM = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/x")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreError("the disk is full"), "the disk is full"),
        (NO_ROOM, "/data/x: No space left on device"),
        (TimeoutError(), "it took too long"),
        (MemoryError(), "there is not enough memory"),
        (KeyError("x"), "an unexpected fault in harmonie; its log says more"),
        (AttributeError("'NoneType' has no attribute 'x'"), "an unexpected fault in harmonie"),
        (RuntimeError(), "it ended without saying why"),
        (RuntimeError("two\nlines"), "two lines"),
        (ExceptionGroup("g", [NO_ROOM, NO_ROOM, ExceptionGroup("h", [StoreError("b")])]),
         "/data/x: No space left on device; b"),
    ],
)  # fmt: skip
def test_an_error_is_one_line_without_the_names_of_classes(error: Exception, words: str) -> None:
    said = in_words(error)
    assert said.startswith(words)
    assert "\n" not in said
    assert "NoneType" not in said
