"""The functions of the script do what they say, in every shell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from collector.ssh.script_parts import CHECK, FUNCTIONS, HEAD, READ, WAY

SHELLS = ("dash", "bash", "busybox ash", "ksh", "mksh")


def run(shell: str, text: str, *arguments: str) -> bytes:
    top = HEAD.replace("@FIRST@", "N1").replace("@SECOND@", "N2")
    done = subprocess.run(
        [*shell.split(), "-s", *arguments], input=f"{top}{FUNCTIONS}{CHECK}{WAY}{READ}\n{text}\nexit 0\n}}\n".encode(),
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_a_section_has_its_marks(shell: str) -> None:
    lines = run(shell, "b key; printf data; e 3").decode().splitlines()

    assert [line.split()[:3] for line in lines if line.startswith("N1N2")] == [
        ["N1N2", "begin", "key"], ["N1N2", "end", "3"],
    ]  # fmt: skip
    assert "data" in lines


@pytest.mark.parametrize("shell", SHELLS)
def test_what_lies_on_a_mount_that_may_hang_is_left_out(shell: str) -> None:
    text = 'H="$L/mnt/far$L$L/a b$L"; q /mnt/far/x /mnt/farther "/a b/c" "/a/b c"; printf "%s" "$T"'

    assert run(shell, text) == b"\n/mnt/farther\n/a/b c\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_program_that_others_can_replace_is_not_found(shell: str, tmp_path: Path) -> None:
    program = tmp_path / "tool"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    places = f"/nowhere/tool {program}"

    assert run(shell, f'B=$L; p {places} && printf %s "$P"') == str(program).encode()
    assert run(shell, f'B=$L{program}$L; p {places} || printf %s "$W"') == str(program).encode()
    assert run(shell, f'B=$L{tmp_path}$L; p {places} || printf %s "$W"') == str(tmp_path).encode()
    assert run(shell, 'B=$L; p /nowhere/tool || printf "none%s" "$W"') == b"none"


WAYS = [
    (shell, dialect) for shell in SHELLS for dialect in ("gnu", "plain") if (shell, dialect) != ("busybox ash", "gnu")
]
"""BusyBox' shell runs its own find first, which is no GNU find."""


@pytest.mark.parametrize(("shell", "dialect"), WAYS)
def test_a_way_is_followed_to_its_end(shell: str, dialect: str, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/file").write_text("x")
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to(tmp_path / "real")
    (tmp_path / "start").symlink_to("one/../real/file")
    (tmp_path / "round").symlink_to("round")

    found = run(shell, f'D={dialect} Y=$L; way "{tmp_path}/start" "{tmp_path}/round" "{tmp_path}/none"').decode()

    for name in ("start", "one", "round", "one/../real/file"):
        assert f"{tmp_path}/{name}" in found
    assert f"{tmp_path}/two" in found
    assert f"{tmp_path}/real" in found


@pytest.mark.parametrize("shell", ["dash", "bash", "ksh"])
def test_more_paths_than_a_program_takes_at_once_are_all_read(shell: str, tmp_path: Path) -> None:
    name = "a name that makes the list of arguments longer than the kernel takes, by far, and by a little more"
    for number in range(24_000):
        (tmp_path / f"{number:05} {name}").symlink_to(f"socket:[{number}]")
    (tmp_path / "text").write_text("found\n")

    links = run(shell, f"l {str(tmp_path)!r}/*").split(b"\0")
    texts = run(shell, f"g '' {str(tmp_path)!r}/*/* {str(tmp_path)!r}/* 2>/dev/null")

    assert {target for target in links[1::2] if target} == {b"socket:[%d]" % n for n in range(24_000)}
    assert texts == f"{tmp_path}/text\0found\n".encode()


def test_paths_are_parted_where_printf_is_a_program() -> None:
    assert run("mksh", "each 1 '2 3'") == b"1\0002 3\0"
