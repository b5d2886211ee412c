"""What a declared endpoint does with what it is sent."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest

from tests.servers import Client


async def test_the_handler_gets_parsed_models_and_its_model_is_the_answer(toy: Client) -> None:
    answer = await toy.get("/toy/shout/7?word=hey&times=2&loud=true&tag=a&tag=b")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json == {"number": 7, "word": "hey", "times": 2, "tag": ["a", "b"], "loud": True}


async def test_a_plus_in_a_query_is_a_space_and_percent_2b_a_plus(toy: Client) -> None:
    answer = await toy.get("/toy/shout/1?word=Drum+n%2BBass%20now")
    assert answer.json["word"] == "Drum n+Bass now"


async def test_unknown_parameters_and_members_are_ignored(toy: Client) -> None:
    assert (await toy.get("/toy/shout/1?word=x&colour=red")).status == 200
    answer = await toy.post("/toy/add", {"count": 1, "colour": "red"})
    assert (answer.status, answer.json) == (201, {"count": 1, "name": "nobody"})


async def test_a_missing_required_parameter_is_400(toy: Client) -> None:
    answer = await toy.get("/toy/shout/1")
    assert (answer.status, answer.json["no"]) == (400, "word: is required")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("times=2.5", 'times: must be a whole number, not "2.5"'),
        ("times=2e0", 'times: must be a whole number, not "2e0"'),
        ("times=", 'times: must be a whole number, not ""'),
        ("times=0", "times: must be 1 or more, not 0"),
        ("times=4", "times: must be 3 or less, not 4"),
        ("times=1&times=2", "times was given 2 times; give it once"),
        ("loud=perhaps", 'loud: must be true or false, not "perhaps"'),
    ],
)
async def test_a_parameter_that_does_not_fit_is_422(toy: Client, query: str, words: str) -> None:
    answer = await toy.get(f"/toy/shout/1?word=x&{query}")
    assert (answer.status, answer.json["no"]) == (422, words)


@pytest.mark.parametrize("number", ["seven", "1.0", "-1", "0x10", "%EF%BC%91%EF%BC%92"])
async def test_a_path_that_does_not_fit_is_422_and_not_404(toy: Client, number: str) -> None:
    assert (await toy.get(f"/toy/shout/{number}?word=x")).status == 422


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "a/b; charset=x"])
async def test_a_body_is_json_whatever_it_calls_itself(toy: Client, content_type: str) -> None:
    answer = await toy.post(
        "/toy/add", data=b'{"count": 3.0}', headers={"Content-Type": content_type}
    )
    assert (answer.status, answer.json["count"]) == (201, 3)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the request body is empty; send a JSON object"),
        (b"  \n", "the request body is empty; send a JSON object"),
        (b"count=1", "the request body is not valid JSON: expected value at line 1 column 1"),
        (b'{"count": "\xff"}', "the request body is not valid JSON"),
        (b'{"count": 1, "name": "\\ud800"}', "the request body is not valid JSON"),
        (b"[" * 900, "the request body is not valid JSON"),
        (b"[]", "must be an object"),
        (b"{}", "count: is required"),
        (b'{"count": "1"}', 'count: must be a whole number, not "1"'),
        (b'{"count": true}', "count: must be a whole number, not true"),
        (b'{"count": 1.5}', "count: must be a whole number, not 1.5"),
        (b'{"count": NaN}', "count: must be a whole number"),
        (b'{"count": 11, "name": 5}', "count: must be 10 or less, not 11; name: must be a string"),
    ],
)
async def test_a_body_that_does_not_fit_is_422(toy: Client, body: bytes, words: str) -> None:
    answer = await toy.post("/toy/add", data=body)
    assert answer.status == 422
    assert answer.json["no"].startswith(words)


async def test_a_body_beyond_the_limit_is_413_in_the_familys_shape(toy: Client) -> None:
    async def in_chunks() -> object:
        for _ in range(20):
            yield b" " * 100

    announced = await toy.post("/toy/add", data=b" " * 2000)
    unannounced = await toy.post("/toy/add", data=in_chunks())
    assert announced.status == unannounced.status == 413
    assert announced.json["code"] == unannounced.json["code"] == "body_too_large"


async def test_an_answer_that_is_made_later_is_made_off_the_event_loop(toy: Client) -> None:
    threads = (await toy.get("/toy/count")).json
    assert threads["asked_in"] != threads["made_in"]


async def test_a_body_may_be_packed_and_may_begin_with_a_byte_order_mark(toy: Client) -> None:
    body = b'\xef\xbb\xbf{"count": 3}'
    assert (await toy.post("/toy/add", data=body)).json["count"] == 3
    for encoding, pack in (("gzip", gzip.compress), ("deflate", zlib.compress)):
        answer = await toy.post("/toy/add", data=pack(body), headers={"Content-Encoding": encoding})
        assert (answer.status, answer.json["count"]) == (201, 3)


CUT_OFF = gzip.compress(b'{"count": 3}', mtime=0)[:-9]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
@pytest.mark.parametrize("packed", [b"no gzip at all", b"\x1f\x8b\x08\x00" + b"\xff" * 20, CUT_OFF])
async def test_a_body_that_cannot_be_unpacked_is_400(
    toy: Client, encoding: str, packed: bytes
) -> None:
    answer = await toy.post("/toy/add", data=packed, headers={"Content-Encoding": encoding})
    assert (answer.status, answer.json["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
async def test_a_body_is_measured_unpacked(toy: Client, encoding: str, pack: Any) -> None:
    bomb = pack(b" " * (1 << 20))
    answer = await toy.post("/toy/add", data=bomb, headers={"Content-Encoding": encoding})
    assert (answer.status, answer.json["code"]) == (413, "body_too_large")
