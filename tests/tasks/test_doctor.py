"""The doctor: what it finds, and that nothing it looks at can hold it up."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from harmonie_daemon.api.harmonie.checkup import checkup
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.checkup import Finding, FindingVerdict, fine, problem
from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.tasks.doctor.doctor import Blocking, Doctor
from harmonie_daemon.tasks.doctor.folders import examine_disk, examine_libraries, examine_writable
from harmonie_daemon.tasks.doctor.watching import examine_watching

PROBLEM, NOTE, FINE = FindingVerdict.PROBLEM, FindingVerdict.NOTE, FindingVerdict.FINE


class Patient:
    """A target that is well, hangs, or breaks."""

    def __init__(self, name: str, trouble: Exception | None = None, *, hangs: bool = False) -> None:
        self.name = name
        self.trials = 0
        self._trouble = trouble
        self._hangs = hangs

    async def examine(self) -> Sequence[Finding]:
        if self._hangs:
            await asyncio.Event().wait()
        if self._trouble is not None:
            raise self._trouble
        return [fine(self.name, "well")]

    async def try_out(self) -> Sequence[Finding]:
        self.trials += 1
        return await self.examine()


async def _examined(*patients: Patient) -> dict[str, tuple[FindingVerdict, str]]:
    found = await Doctor([], patients, examined_within_s=0.05).examine()
    return {one.area: (one.verdict, one.said) for one in found}


async def test_what_hangs_or_breaks_hides_no_other() -> None:
    found = await _examined(
        Patient("hung", hangs=True),
        Patient("dead", MediaServerError("refused the token")),
        Patient("odd", KeyError("x")),
        Patient("well"),
    )
    assert found["well"] == (FINE, "well")
    assert found["hung"] == (PROBLEM, "no answer within 0 seconds")
    assert found["dead"] == (PROBLEM, "refused the token")
    assert found["odd"][0] is PROBLEM


def test_words_that_are_no_text_are_sent_all_the_same() -> None:
    """An error of the system names a file as it is."""
    (entry,) = checkup([problem("x", "\udcff: gone", "look at \udcff")]).findings
    assert (entry.said, entry.advice) == ("?: gone", "look at ?")


async def test_only_a_trial_tries() -> None:
    patient = Patient("m3u")
    doctor = Doctor([], [patient])
    await doctor.examine()
    assert patient.trials == 0
    assert len(await doctor.try_out()) == 2
    assert patient.trials == 1


async def test_a_dead_share_takes_one_thread_however_often_it_is_looked_at() -> None:
    let_go, looks = threading.Event(), []

    def hang() -> list[Finding]:
        looks.append(threading.current_thread())
        let_go.wait(30)
        return [fine("folders", "back")]

    doctor = Doctor([("folders", Blocking(hang))], [], examined_within_s=0.05)
    for _ in range(5):
        (found,) = await doctor.examine()
        assert found.verdict is PROBLEM
    assert len(looks) == 1
    assert looks[0].daemon, "it would keep the daemon from stopping"
    let_go.set()
    patient = Doctor([("folders", Blocking(lambda: [fine("folders", "x")]))], [])
    assert (await patient.examine())[0].said == "x"


async def test_an_error_in_a_thread_is_told() -> None:
    def fail() -> list[Finding]:
        raise OSError(5, "Input/output error")

    (found,) = await Doctor([("disk", Blocking(fail))], []).examine()
    assert (found.verdict, found.area) == (PROBLEM, "disk")
    assert "Input/output error" in found.said


def _settings(tmp_path: Path, **values: object) -> Settings:
    return Settings(**{"data_dir": tmp_path / "data", **values})


def _only(findings: Sequence[Finding], verdict: FindingVerdict) -> list[str]:
    return [one.said for one in findings if one.verdict is verdict]


def test_every_problem_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    settings = _settings(tmp_path, libraries=[tmp_path / "none", tmp_path / "empty"])
    found = list(examine_libraries(settings)) + list(examine_libraries(_settings(tmp_path)))
    assert [one.verdict for one in found] == [PROBLEM] * 3
    assert "it is not there" in found[0].said
    assert "is empty" in found[1].said
    assert "no folder of music" in found[2].said
    assert all(one.advice for one in found)


def test_a_folder_of_music_is_fine(tmp_path: Path) -> None:
    (tmp_path / "music" / "album").mkdir(parents=True)
    (found,) = examine_libraries(_settings(tmp_path, libraries=[tmp_path / "music"]))
    assert found.verdict is FINE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    settings = _settings(tmp_path, m3u={"dir": tmp_path / "locked"})
    assert len(_only(list(examine_writable(settings)), PROBLEM)) == 1


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = _settings(
        tmp_path, m3u={"player": [{"name": "kodi", "dir": tmp_path / "file" / "lists"}]}
    )
    (said,) = _only(list(examine_writable(settings)), PROBLEM)
    assert said.startswith("m3u.player kodi")
    assert "is no folder" in said


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = examine_disk(_settings(tmp_path))
    assert found.verdict is FINE
    monkeypatch.setattr("harmonie_daemon.tasks.doctor.folders.LEAST_FREE_BYTES", 1 << 60)
    (found,) = examine_disk(_settings(tmp_path))
    assert found.verdict is PROBLEM


def test_the_limit_of_watches(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / "music" / str(number)).mkdir(parents=True)
    settings = _settings(tmp_path, libraries=[tmp_path / "music"])
    limit = tmp_path / "limit"
    for value, verdict in (("1000\n", FINE), ("7\n", PROBLEM), ("3\n", PROBLEM)):
        limit.write_text(value)
        (found,) = examine_watching(settings, {}, limit)
        assert found.verdict is verdict, value
    assert "fs.inotify.max_user_watches=524288" in (found.advice or "")
    assert found.said.startswith("at least 4 folders")
    assert list(examine_watching(settings, {}, tmp_path / "no such file")) == []


def test_a_root_that_the_watcher_gave_up(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    settings = _settings(tmp_path, libraries=[tmp_path / "music"])
    (found,) = examine_watching(settings, {str(tmp_path / "music"): "no watches are left"})
    assert found.verdict is PROBLEM
    assert "no watches are left" in found.said
    (found,) = examine_watching(_settings(tmp_path, scan={"watch": False}), {})
    assert found.verdict is NOTE
