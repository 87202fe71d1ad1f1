"""Running only what is in the list, from where only root can write, with nothing inherited."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path

import pytest

from agent import commands
from agent.commands import distrust, run
from agent.fact import Command, Missing, Output


@pytest.fixture
def program(trusted: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in the list, to be written by the test."""
    path = trusted / "program"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setattr(commands, "PROGRAMS", {"/usr/bin/program": (str(path),)})
    return path


def script(path: Path, text: str) -> Command:
    path.write_text(f"#!/bin/sh\n{text}\n")
    return Command(("/usr/bin/program", "one"), seconds=5.0)


LONG_ENOUGH = 3
"""Seconds in which a shell has started its child even on a machine that is very busy."""


def ended(pid: int) -> bool:
    """Waits for the end of a process that is not our child."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], 60.0)[0])
    finally:
        os.close(fd)


def test_a_program_of_the_list_is_run() -> None:
    found = run(Command(("/usr/bin/uname", "-s")), privileged=False)

    assert found == Output(b"Linux\n", b"", 0)


@pytest.mark.parametrize("path", ["/bin/sh", "uname", "/usr/bin/../bin/uname", "/opt/bin/uname", "/tmp/dpkg-query"])
def test_nothing_else_is(path: str) -> None:
    found = run(Command((path, "-c", "true")), privileged=True)

    assert isinstance(found, Missing)
    assert found.kind == "unsupported"


def test_every_program_of_the_list_is_an_absolute_path() -> None:
    assert all(p.startswith("/") and ".." not in p for name, paths in commands.PROGRAMS.items() for p in (name, *paths))


def test_planted_programs_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = tmp_path / "proof"
    for name in ("dpkg-query", "uname", "passwd", "postgres"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {proof}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("LD_PRELOAD", "")

    for argv in (("/usr/bin/dpkg-query", "--version"), ("/usr/bin/uname", "-m"), (str(tmp_path / "postgres"), "-V")):
        run(Command(argv), privileged=True)

    assert not proof.exists()


def test_nothing_is_inherited(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("SECRET", "x")

    found = run(script(program, "env; pwd; cat; readlink /proc/self/fd/0; ps -o sid= -p $$ | tr -d ' '; echo $$"), True)

    assert isinstance(found, Output)
    lines = found.text.splitlines()
    assert {"LC_ALL=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"} <= set(lines)
    assert not any(line.startswith(("LANG=", "SECRET=")) for line in lines)
    assert lines[-4:-2] == ["/", "/dev/null"]
    assert lines[-2] == lines[-1]  # a session, and so a process group, of its own


def test_status_and_both_outputs_are_told(program: Path) -> None:
    assert run(script(program, "echo out; echo err >&2; exit 3"), True) == Output(b"out\n", b"err\n", 3)


def test_a_program_that_does_not_end_is_killed_with_all_its_children(program: Path, tmp_path: Path) -> None:
    command = Command(script(program, f"sleep 1000 & echo $! > {tmp_path}/child; sleep 1000").argv, seconds=LONG_ENOUGH)
    before = time.monotonic()

    found = run(command, True)

    assert isinstance(found, Missing)
    assert found.kind == "timeout"
    assert f"{LONG_ENOUGH} s" in found.reason
    assert time.monotonic() - before < 100
    assert ended(int((tmp_path / "child").read_text()))


def test_children_that_keep_the_outputs_of_an_ended_program_are_killed(program: Path, tmp_path: Path) -> None:
    command = Command(script(program, f"sleep 1000 & echo $! > {tmp_path}/child").argv, seconds=LONG_ENOUGH)

    found = run(command, True)

    assert isinstance(found, Missing)
    assert found.kind == "timeout"
    assert ended(int((tmp_path / "child").read_text()))


def test_a_program_that_closes_its_outputs_and_stays_is_killed(program: Path) -> None:
    command = Command(script(program, "exec >&- 2>&-; exec sleep 1000").argv, seconds=0.5)

    found = run(command, True)

    assert isinstance(found, Missing)
    assert found.kind == "timeout"


def test_endless_output_is_cut_off(program: Path) -> None:
    command = Command(script(program, "exec yes").argv, limit=1000, seconds=20)

    found = run(command, True)

    assert isinstance(found, Missing)
    assert found.kind == "too_big"


def test_much_on_standard_error_does_no_harm(program: Path) -> None:
    found = run(script(program, "head -c 1000000 /dev/zero >&2; echo done"), True)

    assert isinstance(found, Output)
    assert found.stdout == b"done\n"
    assert len(found.stderr) <= 64 * 1024


def test_what_only_root_is_told_is_not_asked_by_others() -> None:
    found = run(Command(("/usr/bin/passwd", "-S", "-a"), root=True), privileged=False)

    assert isinstance(found, Missing)
    assert found.kind == "denied"
    assert "run as root" in found.reason


def test_a_program_that_is_not_installed_is_absent(program: Path) -> None:
    program.unlink()

    found = run(Command(("/usr/bin/program",)), True)

    assert isinstance(found, Missing)
    assert found.kind == "absent"


@pytest.mark.parametrize("spoil", ["file mode", "file owner", "folder mode", "folder owner", "group mode"])
def test_a_program_that_others_could_have_changed_is_not_run(program: Path, trusted: Path, spoil: str) -> None:
    command = script(program, "echo run")
    thing = program if spoil.startswith("file") else trusted
    if spoil.endswith("owner"):
        os.chown(thing, 65534, 65534)
    else:
        thing.chmod(0o775 if spoil.startswith("group") else 0o777)

    found = run(command, True)

    assert isinstance(found, Missing)
    assert found.kind == "denied"
    assert "written by others than root" in found.reason


def test_a_link_to_a_program_that_others_could_have_changed_is_not_run(program: Path, tmp_path: Path) -> None:
    (tmp_path / "evil").write_text("#!/bin/sh\necho run\n")
    (tmp_path / "evil").chmod(0o755)
    program.unlink()
    program.symlink_to(tmp_path / "evil")

    assert isinstance(run(Command(("/usr/bin/program",)), True), Missing)


def test_links_of_the_system_are_trusted(trusted: Path) -> None:
    (trusted / "real").write_text("#!/bin/sh\n")
    (trusted / "real").chmod(0o755)
    (trusted / "link").symlink_to("real")
    (trusted / "away").symlink_to(trusted / "link")
    (trusted / "circle").symlink_to("circle")

    assert distrust("/usr/bin/uname") is None
    assert distrust(str(trusted / "away")) is None
    assert "too many" in (distrust(str(trusted / "circle")) or "")
    assert distrust(str(trusted)) is not None
    assert distrust(str(trusted / "none")) == ""
