"""The local shell supplies every kind of need from this machine, and the recording of it supplies the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.fact import (
    Capacity,
    Command,
    Content,
    Digests,
    File,
    FileDigest,
    Files,
    Links,
    Missing,
    Need,
    Output,
    Supplied,
)
from agent.files import FileAccess
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
    changing = {Capacity(), Digests(f"{tmp_path}/*")}
    assert {n: r for n, r in again.items() if n not in changing} == {
        n: r for n, r in local.items() if n not in changing
    }
    assert set(again[Capacity()]) == set(local[Capacity()])  # type: ignore[arg-type]
    assert replayed.privilege == shell.privilege
    assert replayed.own_pids == shell.own_pids == {os.getpid()}


def test_a_recording_shows_no_secret_of_a_command_line_and_no_digest_of_a_secret_file(tmp_path: Path) -> None:
    public, secret = FileDigest("a" * 64, 1, 0o644, 0, 0, True), FileDigest("b" * 64, 1, 0o600, 0, 0, False)
    commands = Files("/proc/[0-9]*/cmdline")
    gone = Missing("denied", "why")
    supplied: dict[Need, Supplied] = {
        Digests("/etc/*"): {"/etc/hosts": public, "/etc/shadow": secret, "/etc/x": gone},
        commands: {"/proc/1/cmdline": Content(b"mysql\0-pTr0ub4dor\0\xff\0"), "/proc/2/cmdline": gone},
    }

    document = json.dumps(record(RecordedShell(supplied), supplied, {"os": "this"}))
    (tmp_path / ".recording").write_text(document, "utf-8")
    again: Any = RecordedShell.load(tmp_path / ".recording").supply(supplied)

    assert "Tr0ub4dor" not in document
    assert "b" * 64 not in document
    assert again[Digests("/etc/*")]["/etc/hosts"] == public
    assert again[commands]["/proc/1/cmdline"] == Content(b"mysql\0-p***\0\xff\0")
    assert again[commands]["/proc/2/cmdline"] == gone


def test_no_environment_is_read_through_another_process_table(trusted: Path) -> None:
    code = (
        "import sys; from agent.shell import LocalShell; from agent.fact import Digests, File\n"
        "needs = [File(sys.argv[1] + '/1/environ'), Digests(sys.argv[1] + '/[1]/environ')]\n"
        "print([str(found) for found in LocalShell().supply(needs).values()])\n"
    )
    command = 'mount -t proc proc "$1" && exec "$2" -c "$3" "$1"'

    done = subprocess.run(
        ["unshare", "-m", "sh", "-ec", command, "sh", str(trusted), sys.executable, code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    assert done.stdout.count("not entered") == 2
    assert "sha256" not in done.stdout


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


def test_a_mount_table_that_changed_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mount that came between two looks may hang, so it is not entered at the second."""
    line = "40 1 0:9 / {} rw - {} x rw\n"
    tables = [line.format("/", "ext4"), line.format("/", "ext4") + line.format(tmp_path, "nfs")]
    (tmp_path / "file").write_text("x")
    read = FileAccess.read
    monkeypatch.setattr(
        "agent.shell.FileAccess.read",
        lambda self, path, limit: (
            Content(tables[0].encode()) if path == "/proc/self/mountinfo" else read(self, path, limit)
        ),
    )
    shell, need = LocalShell(), File(str(tmp_path / "file"))

    first = shell.supply([need])[need]
    tables.pop(0)
    second = shell.supply([need])[need]

    assert isinstance(first, Content)
    assert isinstance(second, Missing)
