"""A value that a schema allows: its own example where it has one, else the least there is."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
DEEPEST = 12


def sample(schema: Json, document: Json, depth: int = 0) -> Any:
    """A value for a schema of the document."""
    schema = resolved(schema, document)
    for given in ("example", "default", "const"):
        if schema.get(given) is not None:
            return schema[given]
    for several in ("examples", "enum"):
        if schema.get(several):
            return schema[several][0]
    for alternatives in ("anyOf", "oneOf", "allOf"):
        if schema.get(alternatives):
            return sample(_first(schema[alternatives], document), document, depth)
    return _of_type(schema, document, depth)


def resolved(schema: Json, document: Json) -> Json:
    """The schema itself where there is a reference to it."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _first(alternatives: list[Json], document: Json) -> Json:
    """The first that is not ``null``."""
    known = [one for one in alternatives if resolved(one, document).get("type") != "null"]
    return known[0] if known else alternatives[0]


def _of_type(schema: Json, document: Json, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            needed = schema.get("required", ()) if depth < DEEPEST else ()
            wanted = [name for name in properties if name in needed]
            return {name: sample(properties[name], document, depth + 1) for name in wanted}
        case "array":
            count = schema.get("minItems", 0)
            item = schema.get("items", {})
            return [sample(item, document, depth + 1) for _ in range(count)]
        case "integer" | "number":
            return max(schema.get("minimum") or schema.get("exclusiveMinimum") or 0, 1)
        case "string":
            return "x" * schema.get("minLength", 0)
    return False if schema.get("type") == "boolean" else None
