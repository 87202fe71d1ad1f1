"""A need that nothing was told of is a failure; what programs said and how they ended is told as the agent tells it."""

from __future__ import annotations

from typing import Any

import pytest

from agent.fact import Capacity, Command, Content, Digests, File, Files, Links, Missing, Need, Output
from collector.ssh.answers import Answers
from collector.ssh.frames import Frames, Section
from collector.ssh.harvest import harvest
from collector.ssh.wanted import wanted

UNAME = Command(("/usr/bin/uname", "-m"), limit=100)
WAY = (
    b"d 755 0 0 0 /\0\0d 755 0 0 0 /etc\0\0f 644 0 0 4 /etc/a\0\0d 755 0 0 0 /usr\0\0d 755 0 0 0 /usr/bin\0\0"
    b"f 755 0 0 9 /usr/bin/uname\0\0"
)


def answer(need: Need, whole: bool = True, root: bool = True, **sections: Any) -> Any:
    about = Section(b"pid 1\nuid 0\ndialect gnu\n", "0", 0.0)
    made = {k: v if isinstance(v, Section) else Section(v, "0", 0.0) for k, v in sections.items()}
    frames = Frames({"about": about, **made}, whole)
    return Answers(harvest(frames), frames, frozenset(), wanted([need]), root, {}).of(need)


@pytest.mark.parametrize(
    "need", [File("/proc/a"), Files("/proc/[0-9]*/x"), File("/etc/a"), Files("/etc/*"), Digests("/etc/*"),
             Links("/proc/self/exe"), Capacity(), UNAME]
)  # fmt: skip
def test_without_its_section_a_need_has_failed(need: Need) -> None:
    for found in (answer(need, whole=False), answer(need, whole=True)):
        assert isinstance(found, Missing)
        assert found.kind == "failed"


def test_a_section_that_was_ended_is_late() -> None:
    assert answer(UNAME, way=WAY, c0=Section(b"", "143", 25.0)).kind == "timeout"
    late = answer(Files("/etc/*"), way=WAY, files=Section(b"", "143", 25.0))
    assert (late.kind, late.reason) == ("timeout", "files did not end within 25 s")


def test_a_program_answers_as_it_ended() -> None:
    assert answer(UNAME, way=WAY, c0=Section(b"x86_64\n", "0", 0.0, b"hm")) == Output(b"x86_64\n", b"hm", 0)
    assert answer(UNAME, way=WAY, c0=Section(b"", "absent", 0.0)).kind == "absent"
    assert (
        answer(UNAME, way=WAY, c0=Section(b"", "root", 0.0)).reason
        == "/usr/bin/uname -m tells this to root only; run as root"
    )
    assert "chown root" in answer(UNAME, way=WAY, c0=Section(b"", "denied /usr/bin", 0.0)).reason
    assert answer(UNAME, way=WAY, c0=Section(b"x" * 101, "0", 0.0)).kind == "too_big"
    assert answer(UNAME, way=WAY, c0=Section(b"x", "what", 0.0)).kind == "failed"


def test_a_program_that_others_can_replace_told_nothing_even_where_it_was_run() -> None:
    theirs = WAY.replace(b"f 755 0 0 9 /usr/bin/uname", b"f 777 0 0 9 /usr/bin/uname")

    found = answer(UNAME, way=theirs, c0=Section(b"x86_64\n", "0", 0.0))

    assert (found.kind, found.reason.split()[0]) == ("denied", "/usr/bin/uname")


def test_the_end_of_a_file_is_that_of_the_file() -> None:
    for size, line in ((4, b"abc\n"), (3, b"abc\n"), (0, b"")):
        way = WAY.replace(b"f 644 0 0 4 /etc/a", b"f 644 0 0 %d /etc/a" % size)
        lines = b"/etc/a\0" + line if line else b""
        found = answer(File("/etc/a"), way=way, files=lines * 3)
        assert isinstance(found, Content)
        assert found.data == line[:size]


def test_an_empty_command_line_of_a_process_is_there() -> None:
    found = answer(Files("/proc/[0-9]*/cmdline"), texts=b"7/stat\0007 (x)\n8/stat\0008 (y)\n8/cmdline\0y\0\n")

    assert {path: content.data for path, content in found.items()} == {
        "/proc/7/cmdline": b"",
        "/proc/8/cmdline": b"y\0",
    }


def test_a_process_that_ended_between_two_of_its_files_is_not_there_rather_than_empty() -> None:
    found = answer(Files("/proc/[0-9]*/status"), texts=b"7/stat\0007 (x)\n8/stat\0008 (y)\n8/status\0Name:\ty\n")

    assert list(found) == ["/proc/8/status"]


def test_command_lines_that_a_grep_has_cut_are_a_failure() -> None:
    need = Files("/proc/[0-9]*/cmdline")

    assert answer(need, texts=b"7/stat\0007 (x)\n7/cmdline\0sh\n8/cmdline\0ls\n").kind == "failed"
    assert "/proc/7/cmdline" in answer(need, texts=b"7/stat\0007 (x)\n7/cmdline\0sh\0-c\0\n8/cmdline\0title\n")


def test_remedies_name_root_only_where_root_did_not_look() -> None:
    errors = b"grep: /etc/a: Permission denied\n"
    section = Section(b"", "1", 0.0, errors)

    assert answer(File("/etc/a"), way=WAY, files=section).reason == "/etc/a may not be read: Permission denied"
    assert answer(File("/etc/a"), root=False, way=WAY, files=section).reason.endswith("; run as root")
