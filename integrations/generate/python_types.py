"""The schemas of the document as Python's typed dictionaries."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
WIDTH = 100
HEAD = '''"""What is sent and answered, as the OpenAPI document of Harmonie has it.

Made by ``python -m integrations.generate``: change the document, not this file.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, Required, TypeAlias, TypedDict
'''


def types_module(document: Json) -> str:
    """The whole module: a type for each named schema, in the order of their names."""
    schemas: Json = document["components"]["schemas"]
    parts = [HEAD, *(_declared(name, schema) for name, schema in sorted(schemas.items()))]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def type_name(name: str) -> str:
    """A schema's name as one of Python's."""
    return re.sub(r"\W", "_", name)


def python_type(schema: Json) -> str:
    """The type of a value, as an annotation."""
    if "$ref" in schema:
        return type_name(schema["$ref"].rpartition("/")[2])
    literals = [schema["const"]] if "const" in schema else schema.get("enum")
    if literals:
        return f"Literal[{', '.join(repr(one) for one in literals)}]"
    kind = schema.get("type")
    alternatives = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if alternatives is None and isinstance(kind, list):
        alternatives = [{**schema, "type": one} for one in kind]
    if alternatives:
        return " | ".join(dict.fromkeys(python_type(one) for one in alternatives))
    return _plain(kind, schema)


def _plain(kind: str | None, schema: Json) -> str:
    match kind:
        case "array":
            return f"list[{python_type(schema.get('items', {}))}]"
        case "object":
            values = schema.get("additionalProperties")
            return f"dict[str, {python_type(values) if isinstance(values, dict) else 'Any'}]"
    words = {
        "string": "str",
        "integer": "int",
        "number": "float",
        "boolean": "bool",
        "null": "None",
    }
    return words.get(kind or "", "Any")


def _declared(name: str, schema: Json) -> str:
    name = type_name(name)
    if schema.get("type") != "object" or not schema.get("properties"):
        return f"{name}: TypeAlias = {_quoted(python_type(schema))}\n{_docstring(schema, '')}"
    properties: Json = schema["properties"]
    if all(one.isidentifier() and not keyword.iskeyword(one) for one in properties):
        return "\n".join(_class(name, schema, properties))
    return _functional(name, schema, properties)


def _class(name: str, schema: Json, properties: Json) -> Iterator[str]:
    yield f"class {name}(TypedDict, total=False):"
    yield _docstring(schema, "    ") or f'    """{name}."""'
    yield ""
    for key, value in properties.items():
        kind = python_type(value)
        yield f"    {key}: {f'Required[{kind}]' if key in schema.get('required', ()) else kind}"
        if value.get("description"):
            yield _docstring(value, "    ")


def _functional(name: str, schema: Json, properties: Json) -> str:
    required = schema.get("required", ())
    kinds = {key: python_type(value) for key, value in properties.items()}
    members = ", ".join(
        f"{key!r}: {_quoted(kind if key in required else f'NotRequired[{kind}]')}"
        for key, kind in kinds.items()
    )
    return f"{name} = TypedDict({name!r}, {{{members}}})\n{_docstring(schema, '')}"


def _quoted(annotation: str) -> str:
    """As text, where what it names may only come later."""
    return repr(annotation)


def docstring(text: str, indent: str) -> str:
    """Text, its paragraphs divided by blank lines, as it stands below what it is about."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    escaped = [part.replace("\\", "\\\\").replace('"', "'") for part in paragraphs if part]
    if not escaped:
        return ""
    first = textwrap.wrap(escaped[0], WIDTH - len(indent) - 6)
    if len(escaped) == 1 and len(first) == 1:
        return f'{indent}"""{first[0]}"""'
    lines = [f'"""{first[0]}', *first[1:]]
    for part in escaped[1:]:
        lines += ["", *textwrap.wrap(part, WIDTH - len(indent))]
    return "\n".join(f"{indent}{line}".rstrip() for line in (*lines, '"""'))


def _docstring(schema: Json, indent: str) -> str:
    return docstring(str(schema.get("description", "")), indent)
