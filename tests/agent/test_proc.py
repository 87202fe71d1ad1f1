"""Processes of a host."""

from __future__ import annotations

import os

import pytest

from agent import proc
from agent.fact import Material, Missing, ParseError, Unavailable
from agent.proc import parse_cgroup, parse_command, parse_sockets, parse_stat, parse_status, parse_uptime
from agent.shell import LocalShell
from tests.agent.supplied import recorded

STAT = "73 (python3 (x) y) S 1 73 73 0 -1 4194304 900 0 0 0 1 0 0 0 20 0 1 0 33017 17000 2589 1844 0 0 0"


def test_the_recorded_processes() -> None:
    found = proc.read(Material(recorded("debian12-lab").supply(proc.NEEDS)))

    postgres = found[62]
    assert (postgres.name, postgres.parent, postgres.session, postgres.terminal) == ("postgres", 60, 62, 0)
    assert postgres.argv[:3] == ("/usr/lib/postgresql/15/bin/postgres", "-D", "/var/lib/postgresql/15/main")
    assert (postgres.exe, postgres.uid) == ("/usr/lib/postgresql/15/bin/postgres", 101)
    assert found[75].sockets
    assert found[43].argv == ("nginx: worker process",)


def test_an_uptime_that_is_not_understood_is_an_error() -> None:
    assert parse_uptime("12.34 1.0\n") == 12_340_000
    with pytest.raises(ParseError, match="/proc/uptime"):
        parse_uptime("\n")


def test_a_name_may_hold_anything() -> None:
    assert parse_stat(STAT) == (1, 73, 0, 33017, "python3 (x) y")


@pytest.mark.parametrize("text", ["", STAT.replace(" S ", " Z "), STAT.replace("4194304", str(0x00200040))])
def test_zombies_kernel_threads_and_what_has_ended_are_none(text: str) -> None:
    assert parse_stat(text) is None


@pytest.mark.parametrize("text", ["73 (x) S 1 73", "73 x", STAT.replace("33017", "soon")])
def test_a_stat_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="stat: not understood"):
        parse_stat(text)


def test_owner_memory_and_namespaces_from_status() -> None:
    assert parse_status("Name:\tx\nUid:\t0\t33\t33\t33\nVmRSS:\t  40 kB\nNSpid:\t900\t7\n") == (33, 40960, 1)
    assert parse_status("Uid:\t0\t0\t0\t0\n") == (0, 0, 0)
    with pytest.raises(ParseError, match="status: not understood"):
        parse_status("Name:\tx\n")


def test_arguments_and_titles() -> None:
    assert parse_command("a\0--b=c d\0\0") == ("a", "--b=c d")
    assert parse_command("nginx: master process   \0\0\0") == ("nginx: master process",)
    assert parse_command("\0\0") == ()


def test_the_control_group_is_that_of_systemd_or_of_version_2() -> None:
    assert parse_cgroup("9:name=systemd:/system.slice/ssh.service\n4:memory:/x\n0::/\n") == "/system.slice/ssh.service"
    assert parse_cgroup("0::/system.slice/ssh.service\n") == "/system.slice/ssh.service"
    assert parse_cgroup("4:memory:/other\n") == "/"
    with pytest.raises(ParseError, match="cgroup: not understood"):
        parse_cgroup("rubbish")


def test_sockets_among_open_files() -> None:
    found = parse_sockets(
        {
            "/proc/7/fd/0": "/dev/null",
            "/proc/7/fd/3": "socket:[100]",
            "/proc/7/fd/4": "socket:[101]",
            "/proc/8/fd": Missing("denied", "no"),
        }
    )
    assert found == {7: frozenset({100, 101})}


def test_a_process_that_ends_while_it_is_read_is_left_out() -> None:
    supplied = recorded("debian12-lab").supply(proc.NEEDS)
    material = dict(supplied)
    commands = dict(Material(supplied).files(proc._COMMAND))
    del commands["/proc/73/cmdline"]
    material[proc._COMMAND] = commands

    assert 73 not in proc.read(Material(material))


def test_a_program_that_was_replaced_while_it_runs_is_the_same_program() -> None:
    material = recorded("debian12-lab").supply(proc.NEEDS)
    material[proc._EXE] = {"/proc/41/exe": "/usr/sbin/nginx (deleted)"}

    assert proc.read(Material(material))[41].exe == "/usr/sbin/nginx"


def test_a_proc_that_shows_nothing_is_an_error() -> None:
    empty = Material(
        {need: {"/proc/1/stat": Missing("denied", "no")} if need is proc._STAT else {} for need in proc.NEEDS}
    )

    with pytest.raises(Unavailable, match="hidepid"):
        proc.read(empty)


def test_this_process_is_found() -> None:
    found = proc.read(Material(LocalShell().supply(proc.NEEDS)))[os.getpid()]

    assert (found.parent, found.uid, found.exe) == (os.getppid(), os.geteuid(), os.readlink("/proc/self/exe"))  # noqa: PTH115
    assert found.resident_bytes > 0
