"""STALGIA's clients and its attackers against the real daemon."""

from __future__ import annotations

import http.client
import io
import json
import re
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import soundfile

from harmonie_daemon.compose.midi import read_midi
from tests.conftest import EVERYTHING
from tests.data.musicpy_attacks import ATTACKS, LOOK_HARMFUL
from tests.e2e.harness import Daemon, children_of, usual_port, wait_until
from tests.e2e.test_hostile_requests import Bystander


class Caller:
    """A client of STALGIA, with or without a memory for cookies."""

    def __init__(self, url: str, agent: str, *, keeps_cookies: bool = True) -> None:
        self._address = urlsplit(url)
        self._headers = {"User-Agent": agent}
        self._keeps_cookies = keeps_cookies

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any, bytes]:
        """Status, headers and body."""
        connection = http.client.HTTPConnection(
            str(self._address.hostname), self._address.port, timeout=150
        )
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, path, data, self._headers)
        response = connection.getresponse()
        content = response.read()
        cookie = response.headers.get("Set-Cookie")
        if cookie and self._keeps_cookies:
            self._headers["Cookie"] = cookie.partition(";")[0]
        connection.close()
        return response.status, response.headers, content


@pytest.fixture(scope="module")
def composing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that also answers at the port of STALGIA's clients, if it is free."""
    port = usual_port(8080)
    daemon = Daemon(
        tmp_path_factory.mktemp("words"),
        [],
        scan_on_startup="false",
        default_playlists="false",
        also_listen=f"127.0.0.1:{port}",
    )
    daemon.start()
    daemon.url = f"http://127.0.0.1:{port}"
    yield daemon
    daemon.stop()


def test_from_a_wish_to_a_sound_on_a_port_of_its_own(composing: Daemon) -> None:
    caller = Caller(composing.url, "page")
    config = {"genre": "Orchestral", "tempo": "120 BPM", "key": "C minor"}
    wish = {"prompt": "A heroic battle theme of 15 seconds", "config": config}
    status, _, body = caller.ask("POST", "/generate", wish)
    made = json.loads(body)
    assert (status, made["midi_url"]) == (200, "/download/midi")
    status, headers, midi = caller.ask("GET", made["midi_url"])
    assert status == 200
    assert headers["Content-Disposition"].startswith('attachment; filename="output.mid"')
    score = read_midi(midi)
    assert score.tempos[0].microseconds_per_beat == 500_000
    for format, name in (("wav", "WAV"), ("mp3", "MP3"), ("flac", "FLAC"), ("ogg", "OGG")):
        status, headers, sound = caller.ask("GET", f"/download/audio?format={format}&t=1")
        assert status == 200, sound
        assert headers["Content-Disposition"].startswith(f'attachment; filename="output.{format}"')
        samples, rate = soundfile.read(io.BytesIO(sound), dtype="float32", always_2d=True)
        assert soundfile.info(io.BytesIO(sound)).format == name
        assert len(samples) / rate == pytest.approx(score.duration_ms / 1000, abs=0.2)
        assert 0.05 < abs(samples).max() < 1.0
    assert struct.unpack(">4s", midi[:4]) == (b"MThd",)


def test_two_callers_at_once_get_their_own_and_so_they_do_after_a_restart(
    composing: Daemon,
) -> None:
    page, other = Caller(composing.url, "page"), Caller(composing.url, "other page")
    scripts = [Caller(composing.url, f"curl/{n}", keeps_cookies=False) for n in range(2)]
    callers = {"a calm sea": page, "an angry sea": other, "rain": scripts[0], "snow": scripts[1]}
    with ThreadPoolExecutor(4) as threads:
        list(
            threads.map(
                lambda pair: pair[1].ask("POST", "/generate", {"prompt": pair[0]}),
                callers.items(),
            )
        )
    for prompt, caller in callers.items():
        _, _, midi = caller.ask("GET", "/download/midi")
        assert read_midi(midi).title.casefold() == prompt
    url = composing.url
    composing.stop()
    composing.start()
    composing.url = url
    for prompt, caller in list(callers.items())[:2]:
        _, _, midi = caller.ask("GET", "/download/midi")
        assert read_midi(midi).title.casefold() == prompt
    assert scripts[0].ask("GET", "/download/midi")[0] == 404


def test_every_attack_is_refused_with_line_and_reason_and_the_daemon_stays_up(
    composing: Daemon,
) -> None:
    """All of them where ``.ci/run`` runs, every twelfth in ``make test``."""
    caller = Caller(composing.url, "attacker")
    before = children_of(composing.pid)
    with Bystander(composing) as bystander:
        for attack in ATTACKS if EVERYTHING else ATTACKS[::12]:
            code = attack.code.encode("utf-8", "replace").decode()
            status, _, body = caller.ask("POST", "/render-code", {"code": code})
            if not code.strip() or len(code) > 600_000:
                assert status == 400, attack.name
                continue
            said = json.loads(body)
            assert (status, set(said)) == (500, {"error", "code"}), (attack.name, said)
            assert said["error"].startswith(f"line {attack.line}: "), (attack.name, said["error"])
            if code == attack.code:
                assert re.search(attack.reason, said["error"]), (attack.name, said["error"])
        for name, code in list(LOOK_HARMFUL.items())[: None if EVERYTHING else 1]:
            status, _, body = caller.ask("POST", "/render-code", {"code": code})
            assert status == 200, (name, body)
    assert bystander.failures == []
    assert bystander.answers > 10
    assert bystander.growth_mb < 150
    wait_until(
        lambda: len(children_of(composing.pid)) <= len(before) + 2, what="the end of the children"
    )


def test_the_log_says_what_programs_are_kept_in_by(composing: Daemon) -> None:
    assert "evaluated behind" in composing.log.read_text(encoding="utf-8")
