"""The OpenAPI 3.1 document as one of version 3.0, for tools that know nothing newer.

What differs between the two is how a schema is written: 3.0 knows no ``null`` among the types, no
``const``, no list of examples, no property names, and bounds that exclude are flags there.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
_DROPPED = frozenset({"propertyNames", "$schema", "$id", "contentMediaType", "contentEncoding"})


def as_openapi30(document: Json) -> Json:
    """The same operations as an OpenAPI 3.0.3 document."""
    converted = _converted({**document, "openapi": "3.0.3"})
    licence = converted["info"].get("license", {})
    licence.pop("identifier", None)
    return dict(converted)


def _converted(value: Any) -> Any:
    if isinstance(value, list):
        return [_converted(one) for one in value]
    if not isinstance(value, dict):
        return value
    node = {key: _converted(one) for key, one in value.items() if key not in _DROPPED}
    if _is_schema(value):
        return _schema(node)
    return node


def _is_schema(value: Json) -> bool:
    """Whether an object is a schema: nothing else has such members, properties' names apart."""
    kind = value.get("type")
    is_typed = isinstance(kind, list) or kind in _TYPES
    return (
        is_typed
        or any(isinstance(value.get(key), list) for key in ("anyOf", "oneOf", "allOf"))
        or ("const" in value and not isinstance(value["const"], dict))
    )


_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


def _schema(node: Json) -> Json:
    _without_null(node)
    if "const" in node:
        node["enum"] = [node.pop("const")]
    for bound, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        limit = node.get(flag)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            node[bound], node[flag] = limit, True
    examples = node.pop("examples", None)
    if isinstance(examples, list) and examples:
        node["example"] = examples[0]
    if node.get("type") == "array":
        node.setdefault("items", {})
    return node


def _without_null(node: Json) -> None:
    """``null`` among the types or the alternatives becomes ``nullable``."""
    kind = node.get("type")
    if isinstance(kind, list):
        kinds = [one for one in kind if one != "null"]
        if len(kinds) < len(kind):
            node["nullable"] = True
        node.pop("type")
        if len(kinds) == 1:
            node["type"] = kinds[0]
        elif kinds:
            node["anyOf"] = [{"type": one} for one in kinds]
    elif kind == "null":
        node.pop("type")
        node["nullable"] = True
        node["enum"] = [None]
    for key in ("anyOf", "oneOf"):
        _nullable_alternatives(node, key)


def _nullable_alternatives(node: Json, key: str) -> None:
    if not isinstance(node.get(key), list):
        return
    others = [one for one in node[key] if one != {"nullable": True, "enum": [None]}]
    if len(others) == len(node[key]):
        return
    node["nullable"] = True
    node.pop(key)
    if len(others) == 1 and "$ref" not in others[0]:
        node.update({name: value for name, value in others[0].items() if name not in node})
    else:
        node["allOf" if len(others) == 1 else key] = others
