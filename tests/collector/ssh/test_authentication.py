from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.attempts import Attempts
from collector.login import KeyFile, Login
from collector.offers import Budget
from collector.outcome import Stopped
from collector.secret import Secret
from collector.ssh.known_hosts import KnownHosts
from collector.ssh.session import connect
from collector.suspension import Suspensions
from collector.target import Target
from tests.collector.ssh.conftest import PASSWORD, Site
from tests.lab.ssh_keys import KeyPair, certify, key_pair

Port = Callable[[], int]
ASKING = {"UsePAM": "yes", "KbdInteractiveAuthentication": "yes"}


def refused(site: Site, target: Target, logins: list[Login], known: KnownHosts, **more: Any) -> Stopped:
    with pytest.raises(Stopped) as caught:
        connect(target, logins, known, **more)
    assert PASSWORD not in str(caught.value) + caught.value.remedy
    return caught.value


class Counted:
    """A budget that writes down what it is told."""

    def __init__(self, left: int = 100) -> None:
        self.left = left
        self.told: list[tuple[str, ...]] = []

    def take(self, target: Target, user: str, credential: str) -> str | None:
        self.left -= 1
        return user if self.left >= 0 else None

    def failed(self, attempt: str) -> None:
        self.told.append(("failed", attempt))

    def undone(self, attempt: str) -> None:
        self.told.append(("undone", attempt))

    def worked(self, attempt: str, credential: str) -> None:
        self.told.append(("worked", attempt, credential))

    def worked_with(self, target: Target, credential: str) -> None:
        self.told.append(("worked with", credential))


def test_a_password_is_withheld_from_a_host_that_nobody_knew(at_site: Site, known: KnownHosts, free_port: Port) -> None:
    server = at_site.far.sshd(free_port())
    login = at_site.by_password(names_range=False)

    stop = refused(at_site, at_site.target(server), [login], known)

    assert stop.outcome == "authentication_failed"
    assert "by-password: password withheld" in stop.reason
    assert server.logged("Connection closed by")
    assert "Failed password" not in server.log()
    # Now its key is known, from before.
    connect(at_site.target(server), [login], known).close()
    assert server.logged("Accepted password for ops")


def test_what_was_tried_is_named_by_credential_and_method(at_site: Site, known: KnownHosts, tmp_path: Path) -> None:
    stranger = key_pair(tmp_path, "stranger")
    logins = [
        Login("old-key", "ops", keys=(KeyFile(stranger.private),)),
        Login("gone", "ops", keys=(KeyFile(tmp_path / "gone"),)),
        Login("typed", "ops", password=Secret("no"), keyboard_interactive=Secret("no"), names_range=True),
    ]

    stop = refused(at_site, at_site.target(), logins, known)

    assert stop.outcome == "authentication_failed"
    assert stop.reason == (
        "no credential was accepted: old-key: publickey refused; "
        f"gone: publickey not tried: {tmp_path / 'gone'}: No such file or directory; "
        "typed: password refused, keyboard-interactive not offered by the server (publickey, password)"
    )
    assert "old-key, gone, typed" in stop.remedy


def test_accounts_have_connections_of_their_own_and_few_of_them(
    at_site: Site, known: KnownHosts, free_port: Port
) -> None:
    server = at_site.far.sshd(free_port())
    wrong = [Login(f"c{n}", f"user{n}", password=Secret("no"), names_range=True) for n in range(9)]

    with connect(at_site.target(server), [wrong[0], at_site.by_password("other")], known) as session:
        assert session.execute("id -un", b"", limit=100, seconds=20).stdout == b"other\n"
    before = server.log().count("Connection from")
    refused(at_site, at_site.target(server), wrong, known)

    assert before == 2
    assert server.log().count("Connection from") - before == 4


def test_more_keys_than_a_connection_takes_go_on_in_another(
    at_site: Site, known: KnownHosts, tmp_path: Path, free_port: Port
) -> None:
    server = at_site.far.sshd(free_port())
    strangers = tuple(KeyFile(key_pair(tmp_path, f"k{n}").private) for n in range(7))
    login = Login("ring", "ops", keys=(*strangers, KeyFile(at_site.key.private)))

    connect(at_site.target(server), [login], known).close()

    assert server.log().count("Connection from") == 2
    assert "Too many authentication failures" not in server.log()


def test_a_server_that_takes_fewer_tries_than_ours_is_gone_on_with(
    at_site: Site, known: KnownHosts, tmp_path: Path, free_port: Port
) -> None:
    server = at_site.far.sshd(free_port(), options={"MaxAuthTries": "2"})
    strangers = tuple(KeyFile(key_pair(tmp_path, f"k{n}").private) for n in range(3))
    login = Login("ring", "ops", keys=(*strangers, KeyFile(at_site.key.private)))

    connect(at_site.target(server), [login], known).close()


def test_one_hidden_prompt_is_answered(at_site: Site, known: KnownHosts, free_port: Port) -> None:
    server = at_site.far.sshd(free_port(), options={**ASKING, "PasswordAuthentication": "no"})
    login = Login("asked", "ops", password=Secret(PASSWORD), keyboard_interactive=Secret(PASSWORD), names_range=True)

    connect(at_site.target(server), [login], known).close()

    assert server.logged("Accepted keyboard-interactive")
    stop = refused(
        at_site, at_site.target(server), [Login("x", "ops", keyboard_interactive=Secret("no"), names_range=True)], known
    )
    assert "x: keyboard-interactive refused" in stop.reason


@pytest.mark.parametrize(
    "methods",
    ["publickey,keyboard-interactive", "publickey,password", "password,publickey", "keyboard-interactive,publickey"],
)
def test_a_server_may_want_two_methods_one_after_the_other(
    at_site: Site, known: KnownHosts, free_port: Port, methods: str
) -> None:
    server = at_site.far.sshd(free_port(), options={**ASKING, "AuthenticationMethods": methods})
    secret = Secret(PASSWORD)
    login = Login(
        "both",
        "ops",
        keys=(KeyFile(at_site.key.private),),
        password=secret,
        keyboard_interactive=secret,
        names_range=True,
    )

    connect(at_site.target(server), [login], known).close()

    assert server.logged(f"Partial {methods.partition(',')[0]}")
    stop = refused(at_site, at_site.target(server), [at_site.by_key()], known)
    assert stop.outcome == "authentication_failed"


def test_a_certificate_signs_in_without_the_key_being_listed(
    at_site: Site, known: KnownHosts, free_port: Port, tmp_path: Path
) -> None:
    authority = key_pair(tmp_path, "authority")
    at_site.far.account("certified")
    at_site.far.write("/etc/ssh/authority.pub", authority.public + "\n")
    server = at_site.far.sshd(free_port(), options={"TrustedUserCAKeys": "/etc/ssh/authority.pub"})

    for kind in ("ed25519", "rsa-2048", "ecdsa-256"):
        mine = key_pair(tmp_path, kind, kind)
        file = certify(authority, mine, "certified")
        login = Login("cert", "certified", keys=(KeyFile(mine.private, None, file),))
        connect(at_site.target(server), [login], known).close()

    assert server.logged("Accepted publickey for certified", 3)


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A running ssh-agent, whose socket is at SSH_AUTH_SOCK."""
    socket = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    while not socket.exists():
        assert process.poll() is None
        os.sched_yield()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    yield socket
    process.terminate()
    process.wait(10)


@pytest.mark.parametrize("kind", ["ed25519", "rsa-2048", "ecdsa-384"])
def test_keys_of_an_agent_sign_in_and_the_agent_stays_here(
    at_site: Site, known: KnownHosts, tmp_path: Path, agent: Path, kind: str
) -> None:
    key: KeyPair = key_pair(tmp_path, "held", kind)
    user = f"held{kind[:3]}"
    at_site.far.account(user, authorized_keys=[key.public])
    subprocess.run(["ssh-add", "-q", str(key.private)], check=True, capture_output=True)

    with connect(at_site.target(), [Login("agent", user, use_agent=True)], known) as session:
        done = session.execute('echo "$SSH_AUTH_SOCK"', b"", limit=100, seconds=20)

    assert done.stdout == b"\n"


def test_without_an_agent_that_is_said(at_site: Site, known: KnownHosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)

    stop = refused(at_site, at_site.target(), [Login("agent", "ops", use_agent=True)], known)

    assert "no agent answers at SSH_AUTH_SOCK" in stop.reason


def test_tries_by_secrets_are_counted_and_keys_are_not(at_site: Site, known: KnownHosts, tmp_path: Path) -> None:
    stranger = key_pair(tmp_path, "stranger")
    wrong_key = Login("wrong-key", "ops", keys=(KeyFile(stranger.private),))
    wrong = Login("wrong", "ops", password=Secret("no"), names_range=True)
    budget = Counted()

    connect(at_site.target(), [wrong_key, wrong, at_site.by_password()], known, budget=budget).close()
    connect(at_site.target(), [at_site.by_key()], known, budget=budget).close()

    assert budget.told == [("failed", "ops"), ("worked", "ops", "by-password"), ("worked with", "by-key")]


def test_the_budget_of_the_installation_ends_the_tries_of_an_account(
    at_site: Site, known: KnownHosts, tmp_path: Path
) -> None:
    attempts = Budget(Attempts(tmp_path / "attempts", limit=2), Suspensions(), lambda _: 0, patience_seconds=10)
    wrong = Login("wrong", "ops", password=Secret("no"), names_range=True)

    outcomes = [refused(at_site, at_site.target(), [wrong], known, budget=attempts).outcome for _ in range(3)]

    assert outcomes == ["authentication_failed", "authentication_failed", "attempts_spent"]
    connect(at_site.target(), [wrong, at_site.by_key()], known, budget=attempts).close()


def test_a_spent_budget_sends_nothing(at_site: Site, known: KnownHosts, free_port: Port) -> None:
    server = at_site.far.sshd(free_port())

    stop = refused(at_site, at_site.target(server), [at_site.by_password()], known, budget=Counted(left=0))

    assert stop.outcome == "attempts_spent"
    assert server.logged("Connection closed by")
    assert "Failed" not in server.log()
    assert "Accepted" not in server.log()
