"""The sweep's own processes and connection are known by what the script saw of them."""

from __future__ import annotations

import pytest

from collector.ssh.harvest import Harvest
from collector.ssh.observer import own_processes, without


def seen(own: int, *processes: tuple[int, int, str, str]) -> Harvest:
    """(pid, parent, name, title) of each process."""
    found = Harvest(about={"pid": str(own)})
    for pid, parent, name, title in processes:
        found.texts[f"/proc/{pid}/stat"] = (
            f"{pid} ({name}) S {parent} 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n".encode()
        )
        found.texts[f"/proc/{pid}/cmdline"] = (
            title.replace(" ", "\0").encode() + b"\0\n" if ":" not in title else (title.encode() + b"\0\n")
        )
    return found


@pytest.mark.parametrize(
    ("processes", "own"),
    [
        # OpenSSH: the listener, the privileged half, the user's half, a login shell that did not give way.
        (
            [
                (10, 1, "sshd", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"),
                (20, 10, "sshd", "sshd: ann [priv]"),
                (21, 20, "sshd", "sshd: ann@notty"),
                (22, 21, "csh", "csh -c x"),
                (23, 22, "sh", "/bin/sh -s surveymark-sweep-1"),
            ],
            {20, 21, 22, 23},
        ),
        # As root there is no half of the user; before OpenSSH 8.? the listener has no title.
        (
            [(10, 1, "sshd", "/usr/sbin/sshd -D"), (20, 10, "sshd", "sshd: root@notty"), (23, 20, "sh", "sh -s")],
            {20, 23},
        ),
        # OpenSSH 9.8 and later.
        (
            [
                (10, 1, "sshd", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"),
                (20, 10, "sshd-session", "sshd-session: root@notty"),
                (23, 20, "sh", "sh -s"),
            ],
            {20, 23},
        ),
        # Started by systemd for each connection.
        ([(20, 1, "sshd", "sshd: root@notty"), (23, 20, "sh", "sh -s")], {20, 23}),
        (
            [(10, 1, "dropbear", "dropbear -R"), (20, 10, "dropbear", "dropbear -R"), (23, 20, "ash", "ash -s")],
            {20, 23},
        ),
        # What is no SSH server is not ours.
        ([(10, 1, "python3", "python3"), (23, 10, "sh", "sh -s")], {23}),
        ([], {23}),
    ],
)
def test_own_processes_end_below_the_listener(processes: list[tuple[int, int, str, str]], own: set[int]) -> None:
    assert own_processes(seen(23, *processes)) == own


def test_a_host_that_tells_no_pid_has_no_processes_of_ours() -> None:
    assert own_processes(Harvest()) == frozenset()


HEAD = b"  sl  local_address rem_address   st\n"
OTHER = b"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000\n"


@pytest.mark.parametrize(
    ("line", "connection"),
    [
        (b"   1: 0100580A:0016 0200580A:D431 01 0\n", "10.88.0.2 54321 10.88.0.1 22"),
        (b"   1: 0200580A:D431 0100580A:0016 01 0\n", "10.88.0.2 54321 10.88.0.1 22"),
        (
            b"   1: 0000000000000000FFFF00000100580A:0016 0000000000000000FFFF00000200580A:D431 01 0\n",
            "10.88.0.2 54321 10.88.0.1 22",
        ),
        (
            b"   1: B80D0120000000000000000001000000:0016 B80D0120000000000000000002000000:D431 01 0\n",
            "2001:db8::2 54321 2001:db8::1 22",
        ),
    ],
)
def test_the_lines_of_the_own_connection_are_left_out(line: bytes, connection: str) -> None:
    assert without(HEAD + OTHER + line, connection) == HEAD + OTHER


@pytest.mark.parametrize("connection", ["", "x", "a b c d", "10.0.0.1 1 10.0.0.2 x", "10.0.0.1 1 10.0.0.2 2"])
def test_without_a_connection_nothing_is_left_out(connection: str) -> None:
    assert without(HEAD + OTHER, connection) == HEAD + OTHER
