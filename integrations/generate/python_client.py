"""The operations of the document as methods of the Python client, sync and async."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from integrations.generate.families import FAMILIES, family_of, operations
from integrations.generate.python_types import docstring, python_type, type_name

Json = dict[str, Any]
TITLES = {
    "harmonie": "similarity, filters, playlists, scan, compositions",
    "audiomuse": "AudioMuse-AI's: analysis and clustering",
    "beatteller": "Harmony AI's (BeatTeller): discovery, moods, stories, trends, taste",
    "stalgia": "STALGIA's: words to music",
    "beatoven": "Beatoven's: tracks, compositions, stems",
}


@dataclass(frozen=True)
class Flavour:
    """One of the two kinds of client."""

    module: str
    define: str
    wait: str
    base: str


SYNC = Flavour("blocking", "def", "", "Transport")
ASYNC = Flavour("awaiting", "async def", "await ", "AsyncTransport")


def client_module(document: Json, flavour: Flavour) -> str:
    """A class for each family, and the client that holds one of each."""
    found: dict[str, list[str]] = {family: [] for family in FAMILIES}
    for path, method, operation in operations(document):
        family = family_of(operation)
        found[family].append("\n".join(_method(path, method, operation, flavour, family)))
    parts = [_head(document, flavour)]
    parts += [_class(family, methods, flavour) for family, methods in found.items()]
    return "\n\n\n".join(parts) + "\n"


def _head(document: Json, flavour: Flavour) -> str:
    names = ", ".join(sorted(map(type_name, document["components"]["schemas"]), key=str.casefold))
    return f'''"""Every operation of Harmonie, family by family.

Made by ``python -m integrations.generate``: change the document, not this file.
"""

from __future__ import annotations

from typing import BinaryIO, Literal, cast

from harmonie_client.generated.types import {names}
from harmonie_client.transport import {flavour.base}, path_of'''


def _class(family: str, methods: list[str], flavour: Flavour) -> str:
    prefix = "Async" if flavour is ASYNC else ""
    head = f'''class {prefix}{family.capitalize()}:
    """{TITLES[family].capitalize()}."""

    def __init__(self, transport: {flavour.base}) -> None:
        self._transport = transport
'''
    return "\n\n".join([head.rstrip(), *methods])


def _method(
    path: str, method: str, operation: Json, flavour: Flavour, family: str
) -> Iterator[str]:
    name = operation["operationId"].removeprefix(f"{family}_")
    parameters = operation.get("parameters", [])
    in_path = [one for one in parameters if one["in"] == "path"]
    in_query = [one for one in parameters if one["in"] == "query"]
    body = _schema(operation.get("requestBody"), "application/json")
    answer = _answer(operation)
    yield f"    {flavour.define} {name}("
    yield "        self,"
    for one in in_path:
        yield f"        {_name(one)}: {python_type(one['schema'])},"
    if body is not None:
        is_needed = operation["requestBody"].get("required", False)
        kind = python_type(body)
        yield f"        body: {kind}," if is_needed else f"        body: {kind} | None = None,"
    if answer is None:
        yield "        into: BinaryIO,"
    if in_query:
        yield "        *,"
    for one in in_query:
        kind = python_type(one["schema"])
        is_optional = "None" in kind.split(" | ")
        yield f"        {_name(one)}: {kind}{'' if is_optional else ' | None'} = None,"
    yield f"    ) -> {'int' if answer is None else answer}:"
    yield from _docstring(operation, answer is None)
    yield from _call(path, method, flavour, in_path, in_query, body, answer)


def _docstring(operation: Json, is_file: bool) -> Iterator[str]:
    text = operation["summary"].rstrip(".") + "."
    more = " ".join(operation.get("description", "").split())
    if is_file:
        more = f"{more} Written into a file that is open for bytes; returns how many.".strip()
    parts = [text] if not more or more.rstrip(".") == text.rstrip(".") else [text, more]
    yield docstring("\n\n".join(parts), "        ")


def _call(
    path: str,
    method: str,
    flavour: Flavour,
    in_path: list[Json],
    in_query: list[Json],
    body: Json | None,
    answer: str | None,
) -> Iterator[str]:
    verb = "download" if answer is None else "ask"
    asked = f"{flavour.wait}self._transport.{verb}("
    yield (
        f"        return {asked}" if answer is None else f"        return cast({answer!r}, {asked}"
    )
    yield f"            {method.upper()!r},"
    named = "".join(f", {one['name']}={_name(one)}" for one in in_path)
    yield f"            path_of({path!r}{named}),"
    if in_query:
        pairs = ", ".join(f"{one['name']!r}: {_name(one)}" for one in in_query)
        yield f"            query={{{pairs}}},"
    if body is not None:
        yield "            body=body,"
    if answer is None:
        yield "            into=into,"
    if answer == "str":
        yield "            is_text=True,"
    yield "        )" if answer is None else "        ))"


def _answer(operation: Json) -> str | None:
    """The type of what a success answers; ``None`` for a file."""
    kinds: list[str] = []
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            continue
        content = response.get("content", {})
        if not content:
            kinds.append("None")
        elif "application/json" in content:
            kinds.append(python_type(content["application/json"]["schema"]))
        elif any(kind.startswith("text/") for kind in content):
            kinds.append("str")
        else:
            return None
    return " | ".join(dict.fromkeys(kinds))


def _schema(holder: Json | None, media_type: str) -> Json | None:
    if holder is None:
        return None
    schema = holder.get("content", {}).get(media_type, {}).get("schema")
    return schema if isinstance(schema, dict) else None


def _name(parameter: Json) -> str:
    name = parameter["name"].replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else str(name)
