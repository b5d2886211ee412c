"""Pydantic's findings as one sentence, and the types that several families share."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, FailFast, Field, ValidationError

MAX_PROBLEMS = 3
"""More findings than this help nobody."""
MOST_FINDINGS = 1_000
"""Findings of one request that are looked at; each is a kilobyte once it is."""
MAX_SHOWN = 60
"""Characters of a wrong value that are repeated in the answer."""
INT64_MAX = 2**63 - 1


class _FirstOnly(FailFast):
    """pydantic's own cannot be part of a union: it has no hash."""

    __hash__ = object.__hash__


FIRST_ONLY = _FirstOnly()
"""A list fails with its first bad entry; a body of 2 MiB has room for a million of them."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)


def _whole_number(value: object) -> object:
    """JSON ``20`` and ``20.0`` and the text ``20``; never ``true``, ``"2e1"`` or ``2.5``."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else _refuse(value)
    return value


def _refuse(value: str) -> object:
    raise ValueError("must be a whole number")


def _json_whole_number(value: object) -> object:
    return value if isinstance(value, str) else _whole_number(value)


WHOLE_TEXT = BeforeValidator(_whole_number)
"""A whole number in a query or path. Stands last in ``Annotated``, behind the bounds."""
WHOLE_JSON = BeforeValidator(_json_whole_number)
"""A whole number in a strict body; ``20.0`` is one, ``"20"`` is not. Stands last, too."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _printable(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("must not hold control characters")
    return text


def _casefolded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


PRINTABLE = AfterValidator(_printable)
CASEFOLDED = BeforeValidator(_casefolded)
"""A word of a closed set, in any case."""

_INT64 = Field(ge=-INT64_MAX - 1, le=INT64_MAX)  # what the store can hold
QueryId = Annotated[int, _INT64, WHOLE_TEXT]
BodyId = Annotated[int, _INT64, WHOLE_JSON]


def explain(error: ValidationError, given: Mapping[str, Any] | bytes) -> str:
    """What to change, member by member: ``n: must be 500 or less, not 501``."""
    if error.error_count() > MOST_FINDINGS:
        return f"{error.error_count()} members or entries do not fit; /docs says what would"
    raw = _loaded(given)
    sentences: dict[str, None] = {}
    for problem in error.errors(include_url=False):
        where = ".".join(str(part) for part in _members(problem["loc"], raw, problem["type"]))
        sentences[f"{where}: {_sentence(problem)}" if where else _sentence(problem)] = None
    more = len(sentences) - MAX_PROBLEMS
    tail = f"; and {more} more" if more > 0 else ""
    return "; ".join(list(sentences)[:MAX_PROBLEMS]) + tail


def _loaded(given: Mapping[str, Any] | bytes) -> object:
    if not isinstance(given, bytes):
        return given
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return None


def _members(location: Sequence[int | str], raw: object, kind: str) -> list[int | str]:
    """The location without the names pydantic gives to the branches of a union."""
    members: list[int | str] = []
    for position, part in enumerate(location):
        is_last = position == len(location) - 1
        if _holds(raw, part):
            raw = raw[part]  # type: ignore[index]
        elif not (is_last and kind == "missing"):
            continue
        members.append(part)
    return members


def _holds(raw: object, part: int | str) -> bool:
    if isinstance(raw, list):
        return isinstance(part, int) and part < len(raw)
    return isinstance(raw, Mapping) and part in raw


_WORDS = {
    "missing": "is required",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "finite_number": "must be a finite number",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "string_type": "must be a string",
    "list_type": "must be a list",
    "too_long": "must have at most {max_length} entries",
    "string_too_long": "must have at most {max_length} characters",
    "tuple_type": "must be a list",
    "extra_forbidden": "is not known here; a misspelt member would do nothing",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "union_tag_not_found": "the member {discriminator} is required",
    "union_tag_invalid": "the member {discriminator} must be one of {expected_tags}",
    "json_invalid": "the request body is not valid JSON: {error}",
}  # fmt: skip
_SILENT = frozenset(
    {"missing", "extra_forbidden", "json_invalid", "union_tag_not_found", "union_tag_invalid"}
)
_STRUCTURED = (dict, list, tuple)


def _sentence(problem: Mapping[str, Any]) -> str:
    kind = problem["type"]
    words = _WORDS.get(kind)
    context = problem.get("ctx", {})
    text = words.format(**context) if words else str(problem["msg"]).removeprefix("Value error, ")
    given = problem["input"]
    if kind in _SILENT or isinstance(given, _STRUCTURED):
        return text
    shown = json.dumps(given, ensure_ascii=False, default=str)
    return f"{text}, not {shown[:MAX_SHOWN]}"
