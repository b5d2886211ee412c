"""``make install`` below a DESTDIR, as far as that needs no network; and what is pinned."""

from __future__ import annotations

import contextlib
import itertools
import re
import shutil
import stat
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from harmonie_daemon.config import load_settings

PROJECT = Path(__file__).parents[2]
NEEDS_MAKE = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def make(target: str, folder: Path, **variables: str) -> None:
    given = [f"{name}={value}" for name, value in {"DESTDIR": str(folder), **variables}.items()]
    subprocess.run(["make", "--silent", target, *given], cwd=PROJECT, check=True)


@NEEDS_MAKE
def test_installing_again_keeps_the_configuration_and_uninstalling_too(tmp_path: Path) -> None:
    make("install-files", tmp_path, LIBRARY='/music/Kid\'s "A & B|c\\d", more')
    config, unit = tmp_path / "etc/harmonie", tmp_path / "etc/systemd/system/harmonie.service"
    settings = load_settings(config / "config.toml")
    assert settings.libraries == (Path('/music/Kid\'s "A & B|c\\d", more'),)
    assert settings.data_dir == Path("/var/lib/harmonie")
    assert stat.S_IMODE((config / "environment").stat().st_mode) == 0o600
    assert "ExecStart=/usr/local/lib/harmonie/bin/harmonie serve\n" in unit.read_text()
    link = tmp_path / "usr/local/bin/harmonie"
    assert str(link.readlink()) == "/usr/local/lib/harmonie/bin/harmonie"

    (config / "config.toml").write_text("port = 1")
    (config / "environment").write_text("HARMONIE_API_KEY=x")
    unit.write_text("of an older release")
    make("install-files", tmp_path, LIBRARY="/other")
    assert "Restart=on-failure" in unit.read_text()
    make("uninstall", tmp_path)
    make("uninstall", tmp_path)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"etc/harmonie/config.toml", "etc/harmonie/environment"}
    assert (config / "config.toml").read_text() == "port = 1"
    assert (config / "environment").read_text() == "HARMONIE_API_KEY=x"


@NEEDS_MAKE
def test_a_prefix_is_obeyed(tmp_path: Path) -> None:
    make("install-files", tmp_path, PREFIX="/opt/music")
    unit = (tmp_path / "etc/systemd/system/harmonie.service").read_text()
    assert "ExecStart=/opt/music/lib/harmonie/bin/harmonie serve\n" in unit
    assert (tmp_path / "opt/music/bin/harmonie").is_symlink()
    settings = load_settings(tmp_path / "etc/harmonie/config.toml")
    assert settings.libraries == ()


def name_key(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def pinned() -> set[str]:
    lines = (PROJECT / "constraints.txt").read_text().splitlines()
    pins = [re.fullmatch(r"([\w.-]+)==[\w.!+]+", line) for line in lines if line[0] != "#"]
    assert all(pins), "names and versions, nothing else"
    return {name_key(pin[1]) for pin in pins if pin is not None}


def test_everything_that_is_installed_is_pinned() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *itertools.chain(*project["optional-dependencies"].values()),
    ]
    seen: set[str] = set()
    while wanted:
        requirement = Requirement(wanted.pop())
        name = name_key(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and name not in seen:
            seen.add(name)
            with contextlib.suppress(PackageNotFoundError):  # an optional one
                wanted += requires(name) or []
    assert len(seen) > 60
    assert seen <= pinned()


def test_every_install_command_uses_the_constraints() -> None:
    for file in ("README.md", "Makefile", "docs/evaluation.md"):
        for line in (PROJECT / file).read_text(encoding="utf-8").splitlines():
            if "pip install" in line and "dev,evaluate" not in line:  # make upgrade moves them
                assert "constraints.txt" in line, (file, line)
