"""The operations of the document, and which of the five families each belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
FAMILIES = ("harmonie", "audiomuse", "beatteller", "stalgia", "beatoven")
_BY_TAG = (
    ("AudioMuse", "audiomuse"),
    ("Harmony AI", "beatteller"),
    ("BeatTeller", "beatteller"),
    ("STALGIA", "stalgia"),
    ("Beatoven", "beatoven"),
)


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Path, method and operation, in the order of the document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield path, method, operation


def family_of(operation: Json) -> str:
    """The family that an operation's tag stands for; what has no other is harmonie's own."""
    tag = operation["tags"][0]
    return next((family for start, family in _BY_TAG if tag.startswith(start)), "harmonie")
