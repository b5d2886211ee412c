from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from harmonie_daemon.analysis.weights import EFFNET_MODEL, DownloadProgress, Weights, WeightStore
from harmonie_daemon.analysis.weights.registry import Part, Role, WeightFile
from harmonie_daemon.domain.errors import ModelError
from tests.analysis.faulty_source import Source
from tests.standins.build import Standins, build_tiny

BACKBONE, HEAD = "effnet.onnx", "head.pb"


@pytest.fixture(scope="module")
def standins(tmp_path_factory: pytest.TempPathFactory) -> Standins:
    return build_tiny(tmp_path_factory.mktemp("standins"))


@pytest.fixture
def contents(standins: Standins) -> dict[str, bytes]:
    return {
        f"backbones/{BACKBONE}": standins.effnet_onnx.read_bytes(),
        f"heads/{HEAD}": standins.head_pb.read_bytes(),
    }


@pytest.fixture
async def source(
    contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Source]:
    monkeypatch.setattr("harmonie_daemon.analysis.weights.download.FIRST_PAUSE_S", 0.001)
    async with Source.serving(contents) as serving:
        yield serving


def registry(contents: Mapping[str, bytes]) -> dict[str, Weights]:
    """A backbone whose checksum is known, a head whose is not."""
    checksum = sha256(contents[f"backbones/{BACKBONE}"]).hexdigest()
    backbone = WeightFile(BACKBONE, "backbones", about_bytes=180_000, sha256=checksum)
    head = WeightFile(HEAD, "heads", about_bytes=2_000_000, must_hold=(1280, 400))
    parts = (Part(Role.BACKBONE, (backbone,)), Part(Role.HEAD, (head,)))
    return {EFFNET_MODEL: Weights(EFFNET_MODEL, 1280, parts, "none", "nowhere")}


@pytest.fixture
def store(tmp_path: Path, source: Source, contents: dict[str, bytes]) -> WeightStore:
    return WeightStore(tmp_path / "models", source.url, registry(contents))


def names(store: WeightStore) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


async def test_what_is_missing_is_fetched_checked_and_usable(
    store: WeightStore, contents: dict[str, bytes]
) -> None:
    seen: list[DownloadProgress] = []
    reports = await store.download(EFFNET_MODEL, seen.append)
    assert [report.name for report in reports] == [BACKBONE, HEAD]
    assert [report.is_published for report in reports] == [True, False]
    assert reports[1].sha256 == sha256(contents[f"heads/{HEAD}"]).hexdigest()
    assert store.available() == (EFFNET_MODEL,)
    assert store.problems() == {}
    assert names(store) == {BACKBONE, HEAD, "verified.json"}
    last = [progress for progress in seen if progress.file == HEAD][-1]
    assert last.received == last.total == len(contents[f"heads/{HEAD}"])
    received = [progress.received for progress in seen if progress.file == HEAD]
    assert received == sorted(received)


async def test_what_is_here_is_not_fetched_again(store: WeightStore, source: Source) -> None:
    await store.download(EFFNET_MODEL)
    requests = len(source.ranges)
    await store.download(EFFNET_MODEL)
    assert len(source.ranges) == requests
    (store.folder / HEAD).unlink()
    await store.download(EFFNET_MODEL)
    assert len(source.ranges) == requests + 1


async def test_a_broken_connection_is_continued(store: WeightStore, source: Source) -> None:
    source.drops = 3
    await store.download(EFFNET_MODEL)
    assert store.available() == (EFFNET_MODEL,)
    assert source.ranges[0] is None
    assert all(asked and asked.startswith("bytes=") for asked in source.ranges[1:4])


async def test_dropped_connections_before_an_answer_are_tried_again(
    store: WeightStore, source: Source
) -> None:
    source.refusals = 3
    await store.download(EFFNET_MODEL)
    assert store.available() == (EFFNET_MODEL,)


async def test_a_server_that_drops_for_ever_is_given_up_until_another_time(
    store: WeightStore, source: Source
) -> None:
    source.refusals = 10**6
    with pytest.raises(ModelError, match=r"^127\.0\.0\.1:\d+ cannot be reached or breaks off"):
        await store.download(EFFNET_MODEL)
    assert not store.available()
    source.refusals = 0
    await store.download(EFFNET_MODEL)
    assert store.available() == (EFFNET_MODEL,)


async def test_what_arrived_is_continued_by_another_process(
    store: WeightStore, source: Source, contents: dict[str, bytes]
) -> None:
    store.folder.mkdir()
    (store.folder / f"{BACKBONE}.part").write_bytes(contents[f"backbones/{BACKBONE}"][:70_000])
    (store.folder / f"{BACKBONE}.part.json").write_text('{"version": "\\"one\\""}')
    await store.download(EFFNET_MODEL)
    assert source.ranges[0] == "bytes=70000-"
    assert store.available() == (EFFNET_MODEL,)


@pytest.mark.parametrize("case", ["another version", "no ranges", "no version", "rest too long"])
async def test_what_cannot_be_continued_begins_anew(
    store: WeightStore, source: Source, contents: dict[str, bytes], case: str
) -> None:
    content = contents[f"backbones/{BACKBONE}"]
    store.folder.mkdir()
    part = store.folder / f"{BACKBONE}.part"
    part.write_bytes(b"x" * (2 * len(content) if case == "rest too long" else 70_000))
    (store.folder / f"{BACKBONE}.part.json").write_text('{"version": "\\"one\\""}')
    if case == "another version":
        source.tag = '"two"'
    if case == "no ranges":
        source.knows_ranges = False
    if case == "no version":
        (store.folder / f"{BACKBONE}.part.json").unlink()
    await store.download(EFFNET_MODEL)
    assert (store.folder / BACKBONE).read_bytes() == content


async def test_without_ranges_a_drop_begins_anew(store: WeightStore, source: Source) -> None:
    source.knows_ranges = False
    source.drops = 2
    await store.download(EFFNET_MODEL)
    assert store.available() == (EFFNET_MODEL,)


async def test_a_server_that_names_no_version_is_never_continued(
    store: WeightStore, source: Source
) -> None:
    source.tag = None
    source.drops = 2
    await store.download(EFFNET_MODEL)
    assert source.ranges == [None] * 4
    assert store.available() == (EFFNET_MODEL,)


async def test_an_unknown_length_is_no_trouble(store: WeightStore, source: Source) -> None:
    source.says_length = False
    await store.download(EFFNET_MODEL)
    assert store.available() == (EFFNET_MODEL,)


@pytest.mark.parametrize("status", [403, 404, 500, 503])
async def test_a_refusal_is_one_line_and_leaves_nothing(
    store: WeightStore, source: Source, status: int
) -> None:
    source.status = status
    with pytest.raises(ModelError, match=f"answers {status}") as caught:
        await store.download(EFFNET_MODEL)
    assert "\n" not in str(caught.value)
    assert not names(store)


@pytest.mark.parametrize("path", [f"backbones/{BACKBONE}", f"heads/{HEAD}"])
async def test_wrong_content_is_never_installed(
    store: WeightStore, contents: dict[str, bytes], path: str
) -> None:
    contents[path] = b"<html>Please log in to the hotel's network</html>"
    with pytest.raises(ModelError, match="sent something else"):
        await store.download(EFFNET_MODEL)
    assert path.split("/")[1] not in names(store)
    assert not [name for name in names(store) if ".part" in name]
    assert store.available() == ()


async def test_a_flipped_bit_is_a_bad_checksum(
    store: WeightStore, contents: dict[str, bytes]
) -> None:
    path = f"backbones/{BACKBONE}"
    content = bytearray(contents[path])
    content[90_000] ^= 1
    contents[path] = bytes(content)
    with pytest.raises(ModelError, match="its checksum is"):
        await store.download(EFFNET_MODEL)


async def test_more_than_can_be_is_cut_off(
    store: WeightStore, source: Source, contents: dict[str, bytes]
) -> None:
    contents[f"backbones/{BACKBONE}"] = bytes(6_000_000)
    source.says_length = False
    with pytest.raises(ModelError, match="sends more than"):
        await store.download(EFFNET_MODEL)


async def test_no_network_is_one_line(tmp_path: Path, contents: dict[str, bytes]) -> None:
    store = WeightStore(tmp_path, "http://127.0.0.1:1", registry(contents))
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:1 cannot be reached"):
        await store.download(EFFNET_MODEL)
    assert store.available() == ()
    assert not names(store)


async def test_a_bad_address_is_one_line(tmp_path: Path, contents: dict[str, bytes]) -> None:
    store = WeightStore(tmp_path, "http://[::1", registry(contents))
    with pytest.raises(ModelError, match="is not an address"):
        await store.download(EFFNET_MODEL)


async def test_too_little_room_is_said_before_anything_is_fetched(
    store: WeightStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    with pytest.raises(ModelError, match="no space left"):
        await store.download(EFFNET_MODEL)
    assert not names(store)


async def test_a_disk_that_fills_up_is_said(
    store: WeightStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match="no space left"):
        await store.download(EFFNET_MODEL)
    assert BACKBONE not in names(store)


async def test_two_downloads_do_not_write_the_same_file(
    store: WeightStore, source: Source, contents: dict[str, bytes]
) -> None:
    other = WeightStore(store.folder, source.url, registry(contents))
    results = await asyncio.gather(
        store.download(EFFNET_MODEL), other.download(EFFNET_MODEL), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, ModelError)]
    assert [str(error) for error in refused] == [f"another process is downloading {BACKBONE}"]
    assert store.available() == (EFFNET_MODEL,)


async def test_a_cancelled_download_keeps_what_arrived(store: WeightStore, source: Source) -> None:
    task: asyncio.Task[object]

    def stop(progress: DownloadProgress) -> None:
        if progress.file == HEAD:
            task.cancel()

    task = asyncio.create_task(store.download(EFFNET_MODEL, stop))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert f"{HEAD}.part" in names(store)
    await store.download(EFFNET_MODEL)
    assert source.ranges[-1] is not None
    assert store.available() == (EFFNET_MODEL,)
