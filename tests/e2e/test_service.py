"""What systemd and a terminal see of the daemon."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import Daemon, wait_until
from tests.standins.build import build_tiny

UNIT = Path(__file__).parents[2] / "systemd" / "harmonie.service"


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The receiving end of sd_notify."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(0.2)
        yield channel


def heard(manager: socket.socket, word: str, timeout_s: float = 20.0) -> list[str]:
    """The messages up to the first that contains ``word``."""
    messages: list[str] = []
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            messages.append(manager.recv(4096).decode())
        except TimeoutError:
            continue
        if word in messages[-1]:
            return messages
    raise AssertionError(f"no {word} among {messages}")


def test_systemd_is_told_when_the_daemon_is_ready_alive_and_stopping(
    manager: socket.socket, tmp_path: Path
) -> None:
    (tmp_path / "music").mkdir()
    daemon = Daemon(tmp_path, [tmp_path / "music"])
    daemon.environment |= {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "400000"}
    daemon.start()
    heard(manager, "READY=1")
    heard(manager, "WATCHDOG=1")
    heard(manager, "WATCHDOG=1")
    assert daemon.signal(signal.SIGTERM) == 0
    heard(manager, "STOPPING=1")


def test_the_unit_waits_for_ready_and_watches(tmp_path: Path) -> None:
    unit = UNIT.read_text(encoding="utf-8")
    for line in ("Type=notify", "StateDirectory=harmonie", "User=harmonie", "ProtectSystem=strict"):
        assert line in unit.splitlines()
    assert re.search(r"^WatchdogSec=", unit, re.MULTILINE)


def test_a_wrong_setting_stops_the_start_with_one_line_and_exit_2(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, [tmp_path], port="many")
    done = daemon.command("serve")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        "harmonie: HARMONIE_PORT: port='many': should be a whole number"
    ]


def test_a_damaged_database_ends_the_start_for_good_and_names_the_backups(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, [])
    daemon.data_dir.mkdir()
    database = daemon.data_dir / "harmonie.db"
    database.write_bytes(b"no database " * 1000)
    (daemon.data_dir / "harmonie.db.backup-v2").touch()
    done = daemon.command("serve")
    assert f"{database} is damaged" in done.stderr
    assert "harmonie.db.backup-v2 of 20" in done.stderr
    assert "Traceback" not in done.stderr
    (never,) = re.findall(r"^RestartPreventExitStatus=(.*)$", UNIT.read_text(), re.MULTILINE)
    assert str(done.returncode) in never.split()
    assert done.returncode == 4


def test_a_wider_address_needs_a_key(tmp_path: Path) -> None:
    done = Daemon(tmp_path, [tmp_path], host="0.0.0.0").command("serve")
    assert done.returncode == 2
    assert "HARMONIE_ALLOW_UNAUTHENTICATED=true" in done.stderr


def test_every_address_answers_the_same_and_needs_the_key(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    ports = free_ports(2)
    also = f"127.0.0.1:{ports[0]}, 0.0.0.0:{ports[1]}"
    keyless = Daemon(tmp_path, [tmp_path / "music"], also_listen=also).command("serve")
    assert keyless.returncode == 2
    assert f"also_listen='0.0.0.0:{ports[1]}' listens beyond this machine" in keyless.stderr
    daemon = Daemon(tmp_path, [tmp_path / "music"], also_listen=also, api_key="k").start()
    own = daemon.url
    for url in (own, *(f"http://127.0.0.1:{port}" for port in ports)):
        daemon.url = url
        assert daemon.request("GET", "/health") == (200, {"status": "ok"})
        assert daemon.request("GET", "/api/v1/status")[0] == 200
        key = daemon.environment.pop("HARMONIE_API_KEY")
        assert daemon.request("GET", "/api/v1/status")[0] == 401
        daemon.environment["HARMONIE_API_KEY"] = key
    daemon.stop()


def test_a_further_address_in_use_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = Daemon(tmp_path, [tmp_path], also_listen=place).command("serve")
    assert done.returncode == 1
    assert f"cannot listen on {place}" in done.stderr
    assert "HARMONIE_ALSO_LISTEN" in done.stderr


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = Daemon(tmp_path, [tmp_path], port=port).command("serve")
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_with_a_key_nothing_answers_without_it_and_the_log_never_shows_it(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    daemon = Daemon(tmp_path, [tmp_path / "music"], api_key="open sesame 42", log_level="debug")
    daemon.start()
    key = daemon.environment.pop("HARMONIE_API_KEY")
    assert daemon.request("GET", "/api/v1/status")[0] == 401
    assert daemon.request("GET", "/api/nothing")[0] == 401
    assert daemon.request("GET", "/health") == (200, {"status": "ok"})
    daemon.environment["HARMONIE_API_KEY"] = key
    assert daemon.command("status").returncode == 0
    daemon.stop()
    assert key not in daemon.log.read_text(encoding="utf-8")


def test_a_missing_library_is_no_success(tmp_path: Path) -> None:
    done = Daemon(tmp_path, [tmp_path / "nowhere"], port="8842").command("scan")
    assert done.returncode == 1
    assert f"{tmp_path / 'nowhere'}: it is not there" in done.stdout


def test_the_commands_find_a_service_whose_data_folder_they_do_not_know(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "home").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    daemon = Daemon(tmp_path, [tmp_path / "music"], port=port)
    daemon.start()
    elsewhere = dict(daemon.environment) | {"HOME": str(tmp_path / "home")}
    del daemon.environment["HARMONIE_DATA_DIR"]
    elsewhere.pop("XDG_DATA_HOME", None)
    status = daemon.command("status", environment=elsewhere | {"HARMONIE_DATA_DIR": ""})
    assert status.returncode == 0, status.stderr
    assert str(daemon.data_dir) in status.stdout
    daemon.stop()


@pytest.mark.sampled(4)
@pytest.mark.parametrize("orders", [[], ["--pause"], ["--resume"], ["--cancel"]])
def test_a_second_shell_that_knows_no_libraries_reaches_the_daemon(
    daemon: Daemon, orders: list[str]
) -> None:
    daemon.wait_idle()
    done = daemon.command("scan", *orders, "--json", environment={"HARMONIE_LIBRARIES": ""})
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["paused"] == (orders == ["--pause"])
    daemon.command("scan", "--resume")


def test_without_daemon_and_libraries_a_scan_says_what_is_missing(tmp_path: Path) -> None:
    done = Daemon(tmp_path, []).command("scan")
    assert done.returncode == 2
    assert "no daemon is running, and no libraries are configured" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["status"], 0, "none yet; harmonie serve or harmonie scan makes"),
        (["status", "--json"], 0, '"tracks": 0'),
        (["similar", "x"], 3, "nothing has been scanned"),
        (["playlist"], 3, "nothing has been scanned"),
        (["scan", "--pause"], 1, "nothing to pause"),
        (["models", "list"], 0, "built in"),
        (["models", "verify"], 3, "no weights"),
    ],
)
def test_who_only_asks_makes_no_data_folder(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    done = Daemon(tmp_path, [tmp_path]).command(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stdout + done.stderr
    assert not (tmp_path / "data").exists()


def test_the_start_names_its_configuration_and_a_folder_it_may_not_write(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("scan_on_startup = false")
    (tmp_path / "file").touch()
    daemon = Daemon(tmp_path, [], m3u_dir=str(tmp_path / "file" / "lists"))
    daemon.start()
    daemon.stop()
    log = daemon.log.read_text(encoding="utf-8")
    assert f"settings are from {tmp_path / 'config.toml'} and the environment" in log
    assert log.count(" is called ") == 1
    assert "config.toml: scan_on_startup is called scan.on_startup now" in log
    assert f"m3u.dir={tmp_path / 'file' / 'lists'}: {tmp_path / 'file'} is no folder" in log


def test_a_running_daemon_is_told_when_weights_have_arrived(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    standins = build_tiny(tmp_path / "standins")
    backbone = tmp_path / "discogs-effnet-bsdynamic-1.onnx"
    head = tmp_path / "genre_discogs400-discogs-effnet-1.pb"
    standins.effnet_onnx.rename(backbone)
    standins.head_pb.rename(head)
    daemon = Daemon(tmp_path, [tmp_path / "music"])
    daemon.start()
    before = daemon.wait_idle()["finished_at"]
    first = daemon.command("models", "add", str(backbone), "--trust")
    assert first.returncode == 0, first.stderr
    assert "was told" not in first.stdout
    second = daemon.command("models", "add", str(head), "--trust")
    assert "the running daemon was told" in second.stdout, second.stdout + second.stderr
    wait_until(lambda: daemon.get("/api/v1/scan")["finished_at"] > before, what="another scan")
    assert not any("no weights" in note for note in daemon.get("/api/v1/status")["model_notes"])
    daemon.stop()
