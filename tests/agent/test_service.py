"""The agent as a service: its unit holds what systemd's own tools ask of it; what is put on a host goes away whole."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from agent.service import UNIT, Places, install, uninstall, unit
from cmdb.model.errors import SurveymarkError

EXPOSURE = 4.0
"""systemd-analyze(1) calls up to 4.9 "OK"; a service of root that reads everything can not be far below."""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    program = tmp_path / "surveymark-agent.pyz"
    program.touch()
    path = tmp_path / UNIT
    path.write_text(unit(program, "/usr/bin/python3"))
    return path


def places(folder: Path) -> Places:
    return Places(*(folder / name for name in ("lib/agent.pyz", "bin/agent", "unit", "conf", "state", "running")))


def test_systemd_finds_nothing_wrong_with_the_unit(written: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(written)], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT in line]) == (0, [])


def test_the_unit_is_hardened(written: Path) -> None:
    argv = [
        "systemd-analyze",
        "security",
        "--offline=true",
        "--no-pager",
        f"--threshold={EXPOSURE * 10:.0f}",
        str(written),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)

    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level, done.stderr
    assert float(level[1]) <= EXPOSURE, done.stdout
    assert done.returncode == 0


def test_a_host_without_systemd_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SurveymarkError, match="not run by systemd"):
        install(lambda folder: None, places(tmp_path))
    assert not any(tmp_path.iterdir())


def test_what_fails_on_the_way_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "running").mkdir()

    def refused(folder: Path) -> None:
        (folder / "half").touch()
        raise SurveymarkError("The server refused the token.")

    with pytest.raises(SurveymarkError, match="refused the token"):
        install(refused, places(tmp_path))

    assert {p.name for p in tmp_path.rglob("*") if p.is_file() or p.is_symlink()} == set()
    assert not (tmp_path / "state").exists()


def test_uninstalling_twice_says_that_there_is_nothing(tmp_path: Path) -> None:
    said: list[str] = []

    uninstall(places(tmp_path), said.append)

    assert said == ["There is no agent on this host."]


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_only_root_may(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:  # another process, since what is given up can not be had back
        status = 1
        try:
            os.setuid(65534)
            install(lambda folder: None, places(tmp_path))
        except SurveymarkError as error:
            status = 0 if "sudo" in error.message else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
