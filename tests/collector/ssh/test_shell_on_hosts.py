"""The script on hosts of their own: behind a real sshd, on a disk that takes nothing, and where something hangs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.fact import Content, File, Files, Missing, Need
from collector.ssh import script, shell
from collector.ssh.elevation import Elevation
from collector.ssh.shell import SshShell
from tests.collector.ssh.shells import Here, Look, look
from tests.lab.hosts import REPOSITORY, Host, Lab
from tests.lab.ssh_keys import key_pair

_AGENT = """
import json
from agent.shell import LocalShell
from tests.collector.ssh.shells import look
found = look(LocalShell())
print(json.dumps({n: [o, r, p, [b.decode() for b in lines]] for n, (o, r, p, lines) in found.items()}))
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def by_agent(host: Host, user: str | None = None) -> Look:
    done = host.run(
        str(REPOSITORY / ".venv/bin/python"), "-c", _AGENT, user=user, env={"PYTHONPATH": str(REPOSITORY)}
    )  # fmt: skip
    return {n: (o, r, p, [b.encode() for b in lines]) for n, (o, r, p, lines) in json.loads(done.stdout).items()}


def inside(host: Host, program: str = "/bin/sh", **options: Any) -> Here:
    """A session of its own on the host, as sshd gives it."""
    within = host._command(["setsid", "-w"], None)
    return Here(program, within=within, environment=host._environment(None), **options)


LOGINS = [("root", "/bin/bash", 2), ("ann", "/bin/bash", 3), ("bea", "/usr/bin/mksh", 4)]
"""How many processes a login makes: the script's shell, sshd's one or two, and a login shell that does not give way."""


@pytest.mark.parametrize(("user", "login_shell", "processes"), LOGINS)
def test_behind_a_real_sshd_neither_the_sweeps_processes_nor_its_connection_are_seen(
    lab: Lab, tmp_path: Path, user: str, login_shell: str, processes: int
) -> None:
    host, key = lab.host(f"served-{user}"), key_pair(tmp_path, "id")
    host.account(user, authorized_keys=[key.public], shell=login_shell)
    server = host.sshd(2200, options={"PermitRootLogin": "yes"})
    known = tmp_path / "known_hosts"
    known.write_text(server.known_hosts)
    login = ["ip", "netns", "exec", host.namespace, "ssh", "-F", "none", "-p", "2200", "-i", str(key.private),
             "-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={known}", f"{user}@{host.address}"]  # fmt: skip
    sweep = SshShell(Here(within=login, login=()), sweep="t", elevate=Elevation(""))

    found = look(sweep)

    expected = by_agent(host, None if user == "root" else user)
    assert {name: (found[name], expected[name]) for name in expected if found[name] != expected[name]} == {}
    # Where root looks there is one journey more: where homes lie shows in the accounts.
    assert (sweep.privilege, sweep.journeys) == (("full", 2) if user == "root" else ("user", 1))
    assert len(sweep.own_pids) == processes


def test_on_disks_that_take_nothing_all_is_seen(lab: Lab) -> None:
    host = lab.host("full")
    host.run("mount", "-o", "remount,ro", "/tmp")
    host.run("mount", "-o", "remount,ro", "/")

    for program in ("dash", "bash", "mksh", "ksh"):
        assert look(SshShell(inside(host, program), sweep="t")) == by_agent(host), program


def test_a_program_that_hangs_fails_its_section_alone(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    host = lab.host("slow")
    good = by_agent(host)
    host.write("/usr/bin/passwd", "#!/bin/sh\nexec sleep 1000\n", 0o755)
    monkeypatch.setattr(script, "PATIENCE_SECONDS", 4)
    shell._first.cache_clear()
    began = time.monotonic()

    found = look(SshShell(inside(host), sweep="t"))

    shell._first.cache_clear()
    assert time.monotonic() - began < 40
    assert {name for name in good if found[name] != good[name]} == {"accounts"}
    assert found["accounts"][0] == "failed"
    assert "did not end within" in found["accounts"][1]
    # The last word of the script is read a moment before its own watch over time is gone too.
    host.wait_for("sh", "-c", "! cat /proc/[0-9]*/comm 2>/dev/null | grep -qx sleep")


def test_what_lies_on_a_mount_that_may_hang_is_not_touched(lab: Lab) -> None:
    host = lab.host("mounts")
    host.write("/etc/near/file", "x")
    host.run("sh", "-c", "mkdir -p /etc/far && mount -t ramfs none /etc/far && echo y >/etc/far/file")
    # The script is told that this type may hang: a real one would need a server that has died.
    here = inside(host, change=lambda text: text.replace(b"  autofs|", b"  ramfs|autofs|"))
    needs: list[Need] = [Files("/etc/far/*"), Files("/etc/near/*"), File("/etc/far/file")]

    far, near, one = SshShell(here, sweep="t", looked_at=()).supply(needs).values()

    assert far == {}
    assert isinstance(near, dict)
    assert list(near) == ["/etc/near/file"]
    assert isinstance(one, Missing)


def test_titles_of_processes_come_as_they_are(lab: Lab) -> None:
    host = lab.host("titles")
    titles = [[b"sleep", b"1000", b"new\nline"], [b"sleep", b"1000", b"x:y\n"], [b"sleep", b"1000", b""]]
    for title in titles:
        words = ", ".join(repr(word.decode()) for word in title)
        host.spawn("/usr/bin/python3", "-c", f"import os; os.execv('/usr/bin/python3', ['python3', '-c', "
                   f"'import time; time.sleep(1000)', {words}])")  # fmt: skip
    host.spawn("perl", "-e", '$0 = "wiped"; sleep 1000')
    host.wait_for("sh", "-c", "grep -qs '^wiped' /proc/[0-9]*/cmdline")
    host.wait_for("sh", "-c", "test $(cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c '^1000$') = 3")
    need = Files("/proc/[0-9]*/cmdline", 4 * 1024 * 1024, 400_000)

    [found] = SshShell(inside(host), sweep="t", looked_at=()).supply([need]).values()

    assert isinstance(found, dict)
    seen = [content.data.rstrip(b"\0").split(b"\0") for content in found.values() if isinstance(content, Content)]
    ends = [argv[3:] for argv in seen if argv[2:3] == [b"import time; time.sleep(1000)"]]
    assert sorted(ends) == sorted([b"\0".join(title).rstrip(b"\0").split(b"\0") for title in titles])
    assert [argv[0].rstrip() for argv in seen].count(b"wiped") == 1


def test_no_rights_are_asked_for_where_that_is_not_wanted(lab: Lab) -> None:
    here = inside(lab.host("unraised"))
    SshShell(here, sweep="t", elevate=Elevation("")).supply([])

    assert b"/usr/bin/sudo" not in here.sent[0]
