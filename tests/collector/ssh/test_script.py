"""The script holds what is wanted, once and quoted, and every POSIX shell can read it."""

from __future__ import annotations

import subprocess

import pytest

from agent.fact import Capacity, Command, Digests, File, Files, Links, Need, Usual
from collector.ssh.elevation import lines
from collector.ssh.script import Journey, command, script
from collector.ssh.wanted import wanted

NONCE = "0123456789abcdef0123456789abcdef"
NEEDS: list[Need] = [
    File("/proc/meminfo"),
    Files("/proc/[0-9]*/status", keep=("Uid", "VmRSS")),
    Links("/proc/[0-9]*/exe"),
    Links("/proc/[0-9]*/fd/*", starting="socket:["),
    Links("/etc/rc?.d/*"),
    File("/etc/odd $(touch /tmp/never) 'name'"),
    Files("/etc/x.d/*.conf"),
    Digests("/etc/shadow"),
    Command(("/usr/bin/uname", "-m")),
    Command(("/usr/bin/passwd", "-S", "-a"), root=True),
    Capacity(),
]


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox ash", "ksh", "mksh"])
@pytest.mark.parametrize("program", ["", "sudo", "doas"])
def test_every_shell_can_read_it(shell: str, program: str) -> None:
    found = wanted(NEEDS)
    text = script(found, Journey(NONCE, program=program, prompt="ask-" if program == "sudo" else ""), lines(found))

    done = subprocess.run([*shell.split(), "-n"], input=text.encode(), capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
    assert max(map(len, text.splitlines())) < 900


def test_the_nonce_never_stands_in_it_as_a_whole() -> None:
    assert NONCE not in script(wanted(NEEDS), Journey(NONCE))


def test_what_a_host_names_is_quoted() -> None:
    text = script(wanted(NEEDS), Journey(NONCE)).replace(" \\\n", "\n")

    assert r"/etc/'odd $(touch '/tmp/'never) '\''name'\'''" in text.replace("  ", "").splitlines()


def test_a_command_that_usually_follows_is_run_only_where_its_condition_holds() -> None:
    need = Command(("/usr/bin/uname", "-m"))

    text = script(wanted([], [Usual(need, where="/run/x", unless="/proc/y")]), Journey(NONCE))

    assert "if [ -d /run/x ] && [ ! -e /proc/y ]; then\np /usr/bin/uname /bin/uname\n" in text


def test_a_command_of_no_list_is_never_in_it() -> None:
    assert "/usr/bin/id" not in script(wanted([Command(("/usr/bin/id", "-u"))]), Journey(NONCE))


def test_a_sweeps_id_can_not_become_a_command() -> None:
    assert command("2026-01-01-x").endswith("surveymark-sweep-2026-01-01-x'")
    for bad in ("", "a b", "'", "a;b", "ä"):
        with pytest.raises(ValueError, match="no id of a sweep"):
            command(bad)
