"""The local shell supplies every kind of need from this machine, and the recording of it supplies the same."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agent.fact import Capacity, Command, Content, Digests, File, Files, Links, Missing, Need, Output
from agent.recording import RecordedShell, record
from agent.shell import LocalShell


def needs(tmp_path: Path) -> list[Need]:
    (tmp_path / "a").write_bytes(b"\xff\x00binary")
    (tmp_path / "b").write_text("text ü\n")
    (tmp_path / "l").symlink_to("a")
    return [
        File(f"{tmp_path}/a"),
        File(f"{tmp_path}/none"),
        Files(f"{tmp_path}/*"),
        Links(f"{tmp_path}/l"),
        Digests(f"{tmp_path}/*"),
        Command(("/usr/bin/uname", "-m")),
        Command(("/usr/bin/nothing",)),
        Capacity(),
    ]


def test_every_kind_of_need_is_supplied(tmp_path: Path) -> None:
    content, absent, files, links, digests, output, unknown, capacity = LocalShell().supply(needs(tmp_path)).values()

    assert isinstance(content, Content)
    assert isinstance(absent, Missing)
    assert isinstance(files, dict)
    assert sorted(Path(p).name for p in files) == ["a", "b", "l"]
    assert isinstance(files[f"{tmp_path}/l"], Missing)
    assert links == {f"{tmp_path}/l": "a"}
    assert isinstance(digests, dict)
    assert digests[f"{tmp_path}/a"].size == 8
    assert output == Output(os.uname().machine.encode() + b"\n")
    assert isinstance(unknown, Missing)
    assert isinstance(capacity, dict)
    status = os.statvfs("/")
    assert capacity["/"][0] == status.f_blocks * status.f_frsize


def test_a_recording_supplies_what_was_recorded(tmp_path: Path) -> None:
    shell, wanted = LocalShell(), needs(tmp_path)
    document = json.dumps(record(shell, wanted, {"os": "this"}))
    (tmp_path / ".recording").write_text(document, "utf-8")

    replayed = RecordedShell.load(tmp_path / ".recording")

    local, again = shell.supply(wanted), replayed.supply(wanted)
    assert {n: r for n, r in again.items() if n != Capacity()} == {n: r for n, r in local.items() if n != Capacity()}
    assert set(again[Capacity()]) == set(local[Capacity()])  # type: ignore[arg-type]
    assert replayed.privilege == shell.privilege
    assert replayed.own_pids == shell.own_pids == {os.getpid()}


def test_a_recording_does_not_care_about_limits_and_says_what_it_does_not_hold() -> None:
    shell = RecordedShell({File("/a", limit=1): Content(b"x")})

    assert shell.supply([File("/a", limit=2)]) == {File("/a", limit=2): Content(b"x")}
    found = shell.supply([File("/b")])[File("/b")]
    assert isinstance(found, Missing)
    assert found.kind == "unsupported"


def test_elsewhere_than_on_linux_needs_are_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")

    found = LocalShell().supply([File("/etc/hosts")])[File("/etc/hosts")]

    assert found == Missing("unsupported", "not looked at on darwin")
