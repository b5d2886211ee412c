"""Every exception ends as an answer in the words of the family that was asked."""

from __future__ import annotations

import logging

import pytest

from tests.servers import Client


@pytest.mark.parametrize(
    ("name", "status"),
    [("bad_request", 400), ("not_found", 404), ("not_ready", 503), ("media_server", 502)],
)
async def test_our_errors_have_their_status_and_words(toy: Client, name: str, status: int) -> None:
    answer = await toy.get(f"/toy/fail/{name}")
    assert (answer.status, answer.json) == (status, {"no": "the reason", "code": name})


async def test_a_daemon_that_starts_says_when_to_come_back(toy: Client) -> None:
    assert int((await toy.get("/toy/fail/not_ready")).headers["Retry-After"]) > 0


@pytest.mark.parametrize("name", ["other", "unforeseen"])
async def test_what_nobody_foresaw_is_logged_and_not_told(
    toy: Client, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await toy.get(f"/toy/fail/{name}")
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert "the reason" not in answer.text
    assert "the reason" in caplog.text
    assert "Traceback" in caplog.text


async def test_an_unknown_path_is_404_of_the_family_with_the_longest_prefix(toy: Client) -> None:
    assert (await toy.get("/toy/nothing")).json["code"] == "not_found"
    assert (await toy.get("/toys")).json["code"] == "not_found"
    assert (await toy.get("/toy/otherwise")).json["code"] == "not_found"
    assert (await toy.get("/toy/other/thing")).text.startswith("other family: ")


async def test_a_wrong_method_is_405_and_names_the_right_one(toy: Client) -> None:
    answer = await toy.ask("DELETE", "/toy/hello")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert answer.json["no"] == "DELETE is not possible at /toy/hello; use GET"


async def test_no_answer_may_be_taken_for_another_type(toy: Client) -> None:
    for path in ("/toy/hello", "/toy/nothing", "/docs"):
        assert (await toy.get(path)).headers["X-Content-Type-Options"] == "nosniff"
