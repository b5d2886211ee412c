"""The user's own lists beside ours, and what of them is left out."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from harmonie_daemon.api.stalgia.tag_folder import (
    LARGEST_FILE_BYTES,
    MOST_FILES,
    TagFolder,
    TagLists,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tags"
    made.mkdir()
    return made


def put(folder: Path, name: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


def ours() -> TagLists:
    return TagFolder(Path("/nowhere/at/all")).read()


def test_without_a_folder_there_are_our_own() -> None:
    assert set(ours()) == {"genre", "mood", "key", "scale", "structure", "instruments"}
    for kind, categories in ours().items():
        if kind != "instruments":
            assert isinstance(categories, dict)
            assert all(categories.values())


def test_files_of_the_user_are_added_at_each_request(folder: Path) -> None:
    tags = TagFolder(folder)
    put(folder, "genre.json", {"Lo-Fi": ["shower rock", "chillhop"], "Kitchen": ["pan pop"]})
    genre = tags.read()["genre"]
    assert isinstance(genre, dict)
    own = ours()["genre"]
    assert isinstance(own, dict)
    assert genre["Lo-Fi"] == [*own["Lo-Fi"], "shower rock"]
    assert genre["Kitchen"] == ["pan pop"]
    put(folder, "genre.json", ["flat one"])
    put(folder, "era.json", {"Old": ["1920s"]})
    put(folder, "key.json", {"Own": [{"key": "H dur", "description": "As Bach wrote it."}]})
    read = tags.read()
    assert read["genre"] == {**own, "More": ["flat one"]}
    assert read["era"] == {"Old": ["1920s"]}
    assert isinstance(read["key"], dict)
    assert read["key"]["Own"][0] == {"key": "H dur", "description": "As Bach wrote it."}
    (folder / "genre.json").unlink()
    assert tags.read()["genre"] == own


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("genre.json", "{"),
        ("genre.json", ""),
        ("genre.json", "[" * 100_000),
        ("genre.json", '{"a": ["\\ud800"]}'),
        ("genre.json", "7"),
        ("genre.json", {"a": "b"}),
        ("genre.json", {"a": [1]}),
        ("genre.json", {"a": [["b"]]}),
        ("genre.json", {"a": [{"b": {"c": "d"}}]}),
        ("genre.json", {"": ["b"]}),
        ("genre.json", {"a": [""]}),
        ("genre.json", {"a": ["x" * 501]}),
        ("genre.json", {"a": ["x"] * 2_001}),
        ("genre.json", {str(n): ["x"] for n in range(201)}),
        ("genre.json", [f"{n}" * 40 for n in range(100_000, 110_000)]),
        ("instruments.json", ["kazoo"]),
        ("Genre.json", ["x"]),
        ("..json", ["x"]),
        ("a b.json", ["x"]),
        ("genré.json", ["x"]),
        ("x" * 40 + ".json", ["x"]),
    ],
)
def test_a_broken_or_oversized_file_is_left_out_with_a_line_in_the_log(
    folder: Path, name: str, content: Any, caplog: pytest.LogCaptureFixture
) -> None:
    put(folder, name, content)
    put(folder, "mood.json", ["fine"])
    tags = TagFolder(folder)
    with caplog.at_level(logging.WARNING):
        read = tags.read()
        tags.read()
    mood = ours()["mood"]
    assert isinstance(mood, dict)
    assert read == {**ours(), "mood": {**mood, "More": ["fine"]}}
    (record,) = caplog.records
    assert "is left out" in record.getMessage()
    assert len(record.getMessage()) < 300


def test_what_is_no_file_is_not_waited_for(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    os.mkfifo(folder / "genre.json")
    (folder / "mood.json").mkdir()
    (folder / "key.json").symlink_to("key.json")
    (folder / "scale.json").symlink_to("/dev/zero")
    assert TagFolder(folder).read() == ours()
    assert len(caplog.records) == 4


def test_there_is_a_limit_of_files(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(MOST_FILES + 5):
        put(folder, f"k{number:03}.json", ["x"])
    assert len(TagFolder(folder).read()) == 6 + MOST_FILES
    assert len(caplog.records) == 5


def test_only_so_much_of_a_file_is_read(folder: Path) -> None:
    with (folder / "genre.json").open("wb") as file:
        file.truncate(50 * 2**30)
    assert TagFolder(folder).read() == ours()
    put(folder, "genre.json", '["x"' + " " * (LARGEST_FILE_BYTES - 5) + "]")
    assert TagFolder(folder).read() != ours()
