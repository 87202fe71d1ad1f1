"""The fixed list for sudo and doas is printed so that both take it, and an account with nothing else sees what root sees."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.facts import FACTS
from collector.secret import Secret
from collector.ssh.elevation import Elevation, Line, sudoers
from collector.ssh.printing import print_doas, print_script, print_sudoers
from collector.ssh.shell import SshShell
from tests.collector.ssh.shells import Here, Look, look
from tests.lab.hosts import REPOSITORY, Host, Lab

LENT_TO_NOBODY = {"authorized_keys"}
"""What lies in homes is read by root itself alone: no command that reads it is safe to lend."""
_LOCAL_LOOK = """
import sys, json
from tests.collector.ssh.shells import look
from agent.shell import LocalShell
found = look(LocalShell())
print(json.dumps({n: [o, r, p, [b.decode() for b in lines]] for n, (o, r, p, lines) in found.items()}))
"""


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Lab() as lab:
        host = lab.host("raised")
        host.run("useradd", "-m", "-s", "/bin/bash", "sweeper")
        host.run("useradd", "-m", "-s", "/bin/bash", "plain")
        host.write("/etc/hosts", f"127.0.0.1 localhost {host.name}\n")
        host.write("/etc/sudoers.d/sweep", print_sudoers("sweeper"), 0o440)
        # What only root may read on many systems, by its own mode and by that of its folder.
        host.write("/etc/ssh/sshd_config.d/own.conf", "X11Forwarding no\nMaxSessions 3\n", 0o600)
        host.write("/etc/cron.d/job", "* * * * * root true\n", 0o600)
        host.write("/etc/crontab", "# nothing\n", 0o600)
        host.run("chmod", "0700", "/etc/ssh/sshd_config.d", "/etc/cron.d")
        host.run("chmod", "0600", "/etc/ssh/sshd_config")
        host.write("/srv/www/index.html", "x")
        host.spawn("/usr/bin/python3", "-m", "http.server", "8000", "--directory", "/srv/www")
        host.wait_for("sh", "-c", "grep -q ':1F40 ' /proc/net/tcp")
        yield host


def by_ssh(host: Host, user: str, **options: object) -> tuple[Look, SshShell, Here]:
    here = Here(
        within=host._command(["setsid", "-w"], None if user == "root" else user), environment=host._environment(None)
    )
    shell = SshShell(here, sweep="t", **options)  # type: ignore[arg-type]
    return look(shell), shell, here


def by_agent(host: Host, user: str) -> Look:
    done = host.run(
        str(REPOSITORY / ".venv/bin/python"), "-c", _LOCAL_LOOK, user=None if user == "root" else user,
        env={"PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    return {n: (o, r, p, [b.encode() for b in lines]) for n, (o, r, p, lines) in json.loads(done.stdout).items()}


def test_root_sees_by_ssh_what_the_agent_sees(host: Host) -> None:
    found, shell, _ = by_ssh(host, "root")

    assert differences(found, by_agent(host, "root")) == {}
    assert (shell.privilege, shell.journeys) == ("full", 2)  # where homes lie shows in the accounts
    assert set(found) == {*FACTS, "marks"}


def test_an_account_with_no_rights_sees_by_ssh_what_an_agent_of_that_account_sees(host: Host) -> None:
    found, shell, _ = by_ssh(host, "plain")

    assert differences(found, by_agent(host, "plain")) == {}
    assert (shell.privilege, shell.journeys) == ("user", 1)
    assert found["sshd"][0] == "failed"


def test_an_account_with_only_the_printed_sudoers_file_sees_what_root_sees(host: Host) -> None:
    found, shell, _ = by_ssh(host, "sweeper")

    assert set(differences(found, by_agent(host, "root"))) == LENT_TO_NOBODY
    assert found["authorized_keys"][0] == "collected"
    assert found["authorized_keys"][2] == "user"
    assert (shell.privilege, shell.journeys) == ("full", 1)


def test_an_account_with_only_the_printed_doas_file_sees_what_root_sees(host: Host) -> None:
    host.run("useradd", "-m", "-s", "/bin/bash", "doer")
    host.write("/etc/doas.conf", print_doas("doer"), 0o600)

    found, shell, _ = by_ssh(host, "doer", elevate=Elevation("doas"))

    assert set(differences(found, by_agent(host, "root"))) == LENT_TO_NOBODY
    assert (shell.privilege, shell.journeys) == ("full", 1)


def differences(one: Look, other: Look) -> dict[str, object]:
    """Sections that are not the same, as (one, other)."""
    different = {name: (one[name], other[name]) for name in other if one.get(name) != other[name]}
    for name, (a, b) in different.items():
        print(name, a, b, sep="\n  ")
    return dict(different)


@pytest.fixture
def asked(host: Host) -> Iterator[Host]:
    """The host, where sudo asks the account for its password first."""
    host.run("chpasswd", text="sweeper:right horse\n")
    host.write("/etc/sudoers.d/sweep", print_sudoers("sweeper").replace("NOPASSWD: ", ""), 0o440)
    host.write("/etc/sudoers.d/log", "Defaults logfile=/var/log/sudo.log\nDefaults timestamp_timeout=0\n", 0o440)
    yield host
    host.run("rm", "-f", "/var/log/sudo.log", "/etc/sudoers.d/log")
    host.write("/etc/sudoers.d/sweep", print_sudoers("sweeper"), 0o440)


def test_a_password_goes_to_sudo_over_standard_input_and_nowhere_else(asked: Host) -> None:
    found, shell, here = by_ssh(asked, "sweeper", elevate=Elevation("sudo", Secret("right horse")))

    assert shell.privilege == "full"
    assert set(differences(found, by_agent(asked, "root"))) == LENT_TO_NOBODY
    assert len(here.answers) >= 5
    assert b"right horse" not in b"".join(here.sent)


def test_a_wrong_password_is_tried_once(asked: Host) -> None:
    _, shell, here = by_ssh(asked, "sweeper", elevate=Elevation("sudo", Secret("wrong horse")))

    assert shell.privilege == "user"
    assert len(here.answers) == 1
    assert asked.run("cat", "/var/log/sudo.log").stdout.count("1 incorrect password attempt") == 1


def test_visudo_and_doas_take_what_is_printed(tmp_path: Path) -> None:
    watched = ("/etc/odd name,with:=signs#/*.conf", "/etc/back\\slash", "/srv/[a]/x*", "/etc/(x)!")
    for text in (print_sudoers("sweeper"), print_sudoers("sweeper", watched)):
        path = tmp_path / "sudoers"
        path.write_text(text)
        subprocess.run(["visudo", "-cf", str(path)], check=True, capture_output=True)
    path = tmp_path / "doas.conf"
    path.write_text(print_doas("sweeper"))
    path.chmod(0o600)
    subprocess.run(["doas", "-C", str(path)], check=True, capture_output=True)


def test_sudo_allows_the_printed_words_and_no_others(host: Host) -> None:
    words = ("a*b", "c?d", "[e]", r"f\0g", "h,i:j=k", "#l", "!m", "^n", "o p")
    host.write("/etc/sudoers.d/odd", sudoers("plain", [Line("k", "/usr/bin/grep", words)]), 0o440)
    try:
        allowed = host.run("sudo", "-n", "-l", "/usr/bin/grep", *words, user="plain", check=False)
        assert allowed.returncode == 0, allowed.stderr
        for n, other in {0: "aXb", 1: "cXd", 2: "e", 3: "f0g", 4: "h,i:j=kk", 6: "m"}.items():
            changed = [*words[:n], other, *words[n + 1 :]]
            refused = host.run("sudo", "-n", "-l", "/usr/bin/grep", *changed, user="plain", check=False)
            assert refused.returncode, changed
    finally:
        host.run("rm", "-f", "/etc/sudoers.d/odd")


def test_an_account_name_can_not_add_a_line() -> None:
    with pytest.raises(ValueError, match="no name of an account"):
        print_sudoers("x ALL=(ALL) ALL\ny")


def test_the_printed_script_is_what_runs(host: Host) -> None:
    _, _, here = by_ssh(host, "sweeper")

    printed = print_script().split("\n", 1)[1]
    sent = here.sent[0].decode()
    assert printed.splitlines()[3:] == sent.splitlines()[3:]
    assert max(map(len, sent.splitlines())) < 900


def test_doas_takes_no_password() -> None:
    with pytest.raises(ValueError, match="nopass"):
        Elevation("doas", Secret("x"))
    with pytest.raises(ValueError, match="no way to the rights of root"):
        Elevation("su")
