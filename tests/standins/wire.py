"""Just enough of protobuf's wire format to write a TensorFlow GraphDef.

Format: https://protobuf.dev/programming-guides/encoding/. Field numbers are those of graph.proto,
node_def.proto, attr_value.proto, tensor.proto and tensor_shape.proto of TensorFlow 2.5.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FLOAT, INT32 = 1, 3
"""DataType of types.proto."""


@dataclass(frozen=True, slots=True)
class DType:
    """An attribute that names an element type."""

    number: int


@dataclass(frozen=True, slots=True)
class Shape:
    """An attribute that is a shape; -1 stands for any size."""

    sizes: tuple[int, ...]


Attribute = bytes | bool | DType | Shape | np.ndarray | Sequence[int] | Sequence[DType]


def varint(number: int) -> bytes:
    """A number in base 128, the lowest digits first; negative ones in two's complement."""
    number &= (1 << 64) - 1
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])


def field(number: int, value: int | float | bytes) -> bytes:
    """One field: a varint, a 32-bit float, or bytes with their length."""
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    return varint(number << 3) + varint(value)


def node(name: str, op: str, inputs: Sequence[str], attributes: Mapping[str, Attribute]) -> bytes:
    """A NodeDef; the attributes in the order of their names, so that bytes repeat."""
    entries = [
        field(5, field(1, key.encode()) + field(2, attribute(attributes[key])))
        for key in sorted(attributes)
    ]
    body = [field(1, name.encode()), field(2, op.encode())]
    body += [field(3, source.encode()) for source in inputs]
    return b"".join(body + entries)


def graph(nodes: Sequence[bytes]) -> bytes:
    """A GraphDef. The producer version is that of TensorFlow 2.5."""
    return b"".join(field(1, each) for each in nodes) + field(4, field(1, 716))


def attribute(value: Attribute) -> bytes:
    """An AttrValue."""
    match value:
        case bytes():
            encoded = field(2, value)
        case bool():
            encoded = field(5, int(value))
        case DType(number):
            encoded = field(6, number)
        case Shape(sizes):
            encoded = field(7, shape(sizes))
        case np.ndarray():
            encoded = field(8, tensor(value))
        case [DType(), *_]:
            encoded = field(1, field(6, b"".join(varint(each.number) for each in value)))
        case _:
            encoded = field(1, field(3, b"".join(varint(each) for each in value)))
    return encoded


def shape(sizes: Sequence[int]) -> bytes:
    """A TensorShapeProto."""
    return b"".join(field(2, field(1, size)) for size in sizes)


def tensor(values: np.ndarray) -> bytes:
    """A TensorProto of float32 or int32, its elements as little-endian bytes."""
    kind = FLOAT if values.dtype == np.float32 else INT32
    little = np.ascontiguousarray(values, "<f4" if kind == FLOAT else "<i4")
    return field(1, kind) + field(2, shape(values.shape)) + field(4, little.tobytes())
