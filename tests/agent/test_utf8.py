"""The agent sees the same names in every locale."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NAME = "äß 東"
PROGRAM = rf"""
import os, sys
from agent.utf8 import ensure
ensure()
print(sys.getfilesystemencoding(), os.listdir(sys.argv[1]) == [{NAME!a}], ascii(sys.argv[2]))
"""
STEADY = ("os_release", "kernel", "groups", "platform", "packages_dpkg", "identity")


def locale(name: str, charmap: str, folder: Path) -> dict[str, str]:
    """The environment of a process in a locale, which is made here where the system's own sources of it are installed; where
    they are not it is one that decodes nothing but ASCII."""
    if charmap:
        subprocess.run(["localedef", "-i", name, "-f", charmap, str(folder / name)], check=False, capture_output=True)
    made = not charmap or (folder / name).exists()
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("LC_", "LANG", "PYTHONUTF8"))}
    environment.update(LC_ALL=name if made else "POSIX", LOCPATH=str(folder), PYTHONCOERCECLOCALE="0")
    if environment["LC_ALL"] == "POSIX":
        environment["PYTHONUTF8"] = "0"  # or Python itself takes UTF-8 there
    return environment


LOCALES = [("POSIX", ""), ("de_DE", "ISO-8859-1"), ("tr_TR", "ISO-8859-9"), ("ja_JP", "EUC-JP"), ("C.UTF-8", "")]


@pytest.mark.parametrize(("name", "charmap"), LOCALES)
def test_names_and_arguments_are_utf_8(name: str, charmap: str, tmp_path: Path, root: Path) -> None:
    (tmp_path / "folder" / NAME).mkdir(parents=True)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "folder"), "ü"]

    done = subprocess.run(command, env=locale(name, charmap, tmp_path), capture_output=True, text=True, cwd=root)

    assert (done.stdout, done.stderr) == ("utf-8 True '\\xfc'\n", "")


def test_a_pass_tells_the_same_in_every_locale(tmp_path: Path, root: Path) -> None:
    found = [_digests(locale(*each, tmp_path), tmp_path, root) for each in (LOCALES[0], LOCALES[2], LOCALES[-1])]

    assert found[0].keys() == found[1].keys() == found[2].keys()
    assert found[0].keys() >= set(STEADY)
    for name in STEADY:
        assert found[0][name] == found[1][name] == found[2][name], name


def _digests(environment: dict[str, str], folder: Path, root: Path) -> dict[str, str]:
    environment["SURVEYMARK_AGENT_STATE"] = str(folder / "state")
    command = [sys.executable, "-m", "agent", "once", "--print", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, cwd=root)
    lines: list[dict[str, Any]] = json.loads(done.stdout)["lines"]
    return {line["section"]: line.get("digest", line["reason"]) for line in lines if "section" in line}
