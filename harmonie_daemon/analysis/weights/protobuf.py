"""The wire format of protocol buffers, just enough to read what a network file holds.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
LONGEST_VARINT = 10

Value = int | memoryview
"""A varint, or the bytes of anything else."""


def fields(message: memoryview) -> Iterator[tuple[int, Value]]:
    """Every (field number, value) of a message in file order; ``ValueError`` if it is none."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("field number 0")
        if kind == VARINT:
            value, position = _varint(message, position)
            yield number, value
            continue
        length, position = _length(message, position, kind)
        if position + length > len(message):
            raise ValueError("it ends in the middle")
        yield number, message[position : position + length]
        position += length


def messages(message: memoryview, *path: int) -> Iterator[memoryview]:
    """Every message found by following field numbers inwards."""
    if not path:
        yield message
        return
    for number, value in fields(message):
        if number == path[0] and isinstance(value, memoryview):
            yield from messages(value, *path[1:])


def text(message: memoryview, number: int) -> str:
    """The string in a field; empty if it is not there."""
    found = "".join(bytes(value).decode("utf-8", "replace") for value in messages(message, number))
    return found


def integers(message: memoryview, number: int) -> Iterator[int]:
    """The integers in a field, whether packed or repeated."""
    for found, value in fields(message):
        if found != number:
            continue
        if isinstance(value, int):
            yield value
            continue
        position = 0
        while position < len(value):
            single, position = _varint(value, position)
            yield single


def _length(message: memoryview, position: int, kind: int) -> tuple[int, int]:
    if kind == BYTES:
        return _varint(message, position)
    if kind == FIXED32:
        return 4, position
    if kind == FIXED64:
        return 8, position
    raise ValueError(f"wire type {kind}")


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for index in range(LONGEST_VARINT):
        if position + index >= len(message):
            raise ValueError("it ends in the middle")
        byte = message[position + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, position + index + 1
    raise ValueError("a number of more than ten bytes")
