"""What is wrong with a request, in words."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, RootModel, ValidationError

from harmonie_daemon.web.validation import explain


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(ge=1, le=9)
    size: float | list[float] = 1.0


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Animal(RootModel[Annotated[Cat | Dog, Field(discriminator="kind")]]):
    pass


class Zoo(BaseModel):
    animals: list[Animal]


def said(json: bytes) -> str:
    with pytest.raises(ValidationError) as caught:
        Zoo.model_validate_json(json)
    return explain(caught.value, json)


@pytest.mark.parametrize(
    ("json", "words"),
    [
        (b"{}", "animals: is required"),
        (b'{"animals": [{"kind": "dog"}]}', "animals.0.name: is required"),
        (b'{"animals": [{"kind": "cat", "lives": 10}]}', "animals.0.lives: must be 9 or less"),
        (b'{"animals": [{}]}', "animals.0: the member 'kind' is required"),
        (b'{"animals": [5]}', "animals.0: "),
        (
            b'{"animals": [{"kind": "cow"}]}',
            "animals.0: the member 'kind' must be one of 'cat', 'dog'",
        ),
        (
            b'{"animals": [{"kind": "cat", "lives": 1, "size": "x"}]}',
            'animals.0.size: must be a number, not "x"',
        ),
    ],
)
def test_members_are_named_as_they_were_sent(json: bytes, words: str) -> None:
    assert said(json).startswith(words)


def test_three_findings_are_enough() -> None:
    animals = b",".join([b'{"kind": "dog"}'] * 5)
    assert said(b'{"animals": [' + animals + b"]}").endswith(
        "animals.2.name: is required; and 2 more"
    )


def test_a_long_value_is_cut() -> None:
    assert len(said(b'{"animals": "' + b"x" * 5000 + b'"}')) < 200
