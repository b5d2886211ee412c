"""The JSON schemas of every model of a document."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]
COMPONENTS = "#/components/schemas/"
COMPONENT = "x-component"
"""Member of a schema that is to stand among the components, under this name."""


class Schemas:
    """The JSON schemas of every model, generated together so that their names agree."""

    def __init__(self, models: Iterable[tuple[Any, Mode]]) -> None:
        """Raises ``ValueError`` when two models have one name."""
        inputs = {(model, mode): TypeAdapter(model) for model, mode in models}
        self._by_model, rest = TypeAdapter.json_schemas(
            [(model, mode, adapter) for (model, mode), adapter in inputs.items()],
            ref_template=COMPONENTS + "{model}",
        )
        self.definitions: Schema = rest.get("$defs", {})
        _check_names(self.definitions)

    def of(self, model: Hashable, mode: Mode) -> Schema:
        """The schema, as a rule a reference."""
        return self._by_model[model, mode]

    def answer(self, model: Hashable) -> Schema:
        """The schema of what is answered."""
        return self.of(model, "serialization")

    def resolved(self, model: type[BaseModel]) -> Schema:
        """The schema of a parameter model itself."""
        schema = self.of(model, "validation")
        reference = schema.get("$ref")
        if reference is None:
            return schema
        found: Schema = self.definitions[reference.removeprefix(COMPONENTS)]
        return found


def _check_names(definitions: Schema) -> None:
    """Of two models with one name pydantic renames both, and clients would lose one they know."""
    clashes = sorted({name.rpartition("__")[2] for name in definitions if "__" in name})
    if clashes:
        raise ValueError(f"two models are named {clashes[0]}; a document has room for one")


def referenced(definitions: Schema, paths: Schema) -> Schema:
    """The definitions the paths reach, directly or through others, by name."""
    found: set[str] = set()
    open_ends = [json.dumps(paths)]
    pattern = re.compile(re.escape(COMPONENTS) + r'([^"]+)')
    while open_ends:
        for name in pattern.findall(open_ends.pop()):
            if name not in found:
                found.add(name)
                open_ends.append(json.dumps(definitions[name]))
    return {name: _as_markdown(definitions[name]) for name in sorted(found)}


def tidied(part: Any, components: Schema) -> Any:
    """What generators of clients stumble over, put otherwise.

    A default of null says nothing that leaving it out does not; a schema that names its
    component (``COMPONENT``) becomes one, instead of an enumeration of its own at each place.
    """
    if isinstance(part, list):
        return [tidied(entry, components) for entry in part]
    if not isinstance(part, dict):
        return part
    made = {
        name: tidied(member, components)
        for name, member in list(part.items())
        if not (name == "default" and member is None)
    }
    component = made.pop(COMPONENT, None)
    if component is None:
        return made
    components[component] = made
    return {"$ref": COMPONENTS + component}


def _as_markdown(schema: Schema) -> Schema:
    """A schema whose description, a docstring, has its code spans as Markdown has them."""
    if "description" not in schema:
        return schema
    return {**schema, "description": schema["description"].replace("``", "`")}
