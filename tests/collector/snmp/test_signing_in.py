"""How agents let a sweep in: real ones, by both engines, with right and wrong credentials."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.attempts import Attempts
from collector.credentials_file import read
from collector.outcome import Stopped
from collector.secret import Secret
from collector.secret_refs import Secrets
from collector.snmp.reachability import Answered, Pace, reach
from collector.snmp.session import Community, Session, Silent, User
from collector.snmp.signing_in import Logins, in_vlan
from collector.target import SNMP, Target
from tests.collector.snmp.agents import free_port

SECRETS = {
    "PUBLIC": "public",
    "WRONG": "wrong-password-0",
    "AUTH": "strong-auth-password",
    "PRIVACY": "strong-privacy-password",
}
HEAD = '[credential.{name}]\nkind = "snmp"\nranges = ["127.0.0.0/8"]\n'
COMMUNITY = HEAD + 'version = "2c"\ncommunity = "env:{secret}"\n'
USER = (
    HEAD + 'version = "3"\nuser = "{user}"\nauth = "sha256"\nauth_password = "env:{auth}"\n'
    'privacy = "aes128"\nprivacy_password = "env:{privacy}"\n'
)


def logins(folder: Path, text: str, engine: str = "auto", seconds: float = 10.0) -> Logins:
    return Logins(read(text.encode()), Secrets(environment=SECRETS), Attempts(folder), engine, seconds)


def target(port: int) -> Target:
    return Target("device", "127.0.0.1", port, protocol=SNMP)


def community(name: str = "good", secret: str = "PUBLIC") -> str:
    return COMMUNITY.format(name=name, secret=secret)


def user(name: str = "good", user: str = "strong", auth: str = "AUTH", privacy: str = "PRIVACY") -> str:
    return USER.format(name=name, user=user, auth=auth, privacy=privacy)


@pytest.mark.parametrize("engine", ["auto", "gufo", "pysnmp"])
@pytest.mark.parametrize("text", [community(), user()])
def test_a_right_credential_lets_in(port: int, tmp_path: Path, engine: str, text: str) -> None:
    signed = logins(tmp_path, text, engine).sign_in(target(port), None)
    signed.session.close()

    assert signed.credential == "good"
    assert signed.weak == (("snmp v2c",) if "community" in text else ())
    assert signed.engine_id  # snmpd tells its engine's id by version 2c too


@pytest.mark.parametrize("engine", ["auto", "gufo", "pysnmp"])
@pytest.mark.parametrize(
    "text", [user("bad", auth="WRONG"), user("bad", user="nobody")], ids=["wrong digest", "unknown user"]
)
def test_a_wrong_user_of_version_3_is_an_authentication_that_failed(
    port: int, tmp_path: Path, engine: str, text: str
) -> None:
    with pytest.raises(Stopped) as stopped:
        logins(tmp_path, text, engine).sign_in(target(port), None)

    assert (stopped.value.outcome, stopped.value.phase) == ("authentication_failed", "authentication")
    assert "bad (snmp v3 authPriv sha256 aes128)" in stopped.value.reason
    assert "wrong-password" not in f"{stopped.value.reason}{stopped.value.remedy}"


@pytest.mark.parametrize("engine", ["auto", "pysnmp"])
def test_a_wrong_privacy_password_has_an_end(port: int, tmp_path: Path, engine: str) -> None:
    with pytest.raises(Stopped) as stopped:
        logins(tmp_path, user("bad", privacy="WRONG"), engine, 2.0).sign_in(target(port), None)

    assert stopped.value.phase == "authentication"
    assert stopped.value.outcome in {"authentication_failed", "timed_out"}


def test_a_wrong_community_is_silence(port: int, tmp_path: Path) -> None:
    with pytest.raises(Stopped) as stopped:
        logins(tmp_path, community("bad", "WRONG"), "gufo", 0.5).sign_in(target(port), None)

    assert (stopped.value.outcome, stopped.value.phase) == ("timed_out", "authentication")


def test_all_credentials_are_tried_and_the_one_that_worked_comes_first_the_next_time(port: int, tmp_path: Path) -> None:
    made = logins(tmp_path, user("bad", auth="WRONG") + user("good"))
    before = [name for probe in made.probes(target(port)) for name in probe.credentials]
    signed = made.sign_in(target(port), None)
    signed.session.close()
    after = [name for probe in made.probes(target(port)) for name in probe.credentials]

    assert signed.credential == "good"
    assert (before, after) == (["bad", "good"], ["good", "bad"])


def test_who_answered_the_probe_is_tried_first(port: int, tmp_path: Path) -> None:
    made = logins(tmp_path, user("bad", auth="WRONG") + community("good"))
    probe = made.probes(target(port))[1]
    signed = made.sign_in(target(port), Answered("127.0.0.1", probe))
    signed.session.close()

    assert signed.credential == "good"


def test_users_of_a_port_share_one_question(tmp_path: Path) -> None:
    text = user("a") + community("b") + user("c") + user("d") + "port = 1161\n"
    found = logins(tmp_path, text).probes(Target("device", "127.0.0.1", 161, protocol=SNMP))

    assert [(probe.credentials, probe.port, probe.community is None) for probe in found] == [
        (("a", "c"), 161, True), (("b",), 161, False), (("d",), 1161, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "no credentials for SNMP"), (community("absent", "ABSENT"), "community = env:ABSENT")],
)
def test_without_a_credential_nothing_is_asked(tmp_path: Path, text: str, why: str) -> None:
    made = logins(tmp_path, text)
    for ask in (made.probes, lambda to: made.sign_in(to, None)):
        with pytest.raises(Stopped) as stopped:
            ask(target(free_port()))

        assert stopped.value.outcome == "no_credential"
        assert why in stopped.value.reason


def test_a_library_that_breaks_is_followed_by_the_other(port: int, tmp_path: Path) -> None:
    from collector.snmp.pysnmp_engine import PysnmpSession
    from collector.snmp.session import Garbled

    def broken(address: str, port: int, login: Community | User, seconds: float) -> Session:
        raise Garbled("a bug of the library")

    made = Logins(
        read(community().encode()),
        Secrets(environment=SECRETS),
        Attempts(tmp_path),
        find=lambda choice, login: [broken, PysnmpSession],
    )
    signed = made.sign_in(target(port), None)
    signed.session.close()

    assert signed.credential == "good"


@contextmanager
def silent_pair() -> Iterator[tuple[Target, socket.socket, socket.socket]]:
    """A name with two addresses that take what comes, and their sockets."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second,
    ):
        first.bind(("127.9.5.1", 0))
        port = first.getsockname()[1]
        second.bind(("127.9.5.2", port))
        first.setblocking(False)
        second.setblocking(False)
        yield Target("device", "127.9.5.1", port, alternatives=("127.9.5.2",), protocol=SNMP), first, second


def came(one: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(one.recv(65535))
        except BlockingIOError:
            return found


@pytest.mark.parametrize("covered", ["127.9.5.1", "127.9.5.2"])
def test_an_address_of_a_name_that_no_credential_covers_is_sent_nothing(tmp_path: Path, covered: str) -> None:
    made = logins(tmp_path, community().replace("127.0.0.0/8", f"{covered}/32"))
    with silent_pair() as (to, first, second):
        ((told, found),) = reach([to], made.probes, Pace(seconds=0.1))
        sent = {"127.9.5.1": came(first), "127.9.5.2": came(second)}

    assert told is to
    assert isinstance(found, Stopped)
    assert found.outcome == "timed_out"
    assert {address for address, datagrams in sent.items() if datagrams} == {covered}


def test_where_an_agent_answered_decides_what_it_is_offered(tmp_path: Path) -> None:
    made = logins(tmp_path, community().replace("127.0.0.0/8", "127.9.5.1/32"), seconds=0.1)
    with silent_pair() as (to, first, second):
        probe = made.probes(to)[0]
        with pytest.raises(Stopped) as stopped:
            made.sign_in(to, Answered("127.9.5.2", probe))
        sent = came(first) + came(second)

    assert stopped.value.outcome == "no_credential"
    assert not sent


def test_the_tables_of_a_vlan_are_behind_a_community_or_a_context_of_its_own() -> None:
    password = Secret("x")

    assert in_vlan(Community(Secret("public")), 10) == Community(Secret("public@10"))
    assert in_vlan(User("u", "sha256", password), 10) == User("u", "sha256", password, context="vlan-10")


def test_a_session_may_be_opened_that_sees_one_vlan(port: int, tmp_path: Path) -> None:
    signed = logins(tmp_path, community(), seconds=0.2).sign_in(target(port), None)
    assert signed.aside is not None
    other = signed.aside(10)
    try:
        with pytest.raises(Silent):  # snmpd keeps nothing for each VLAN
            other.get(["1.3.6.1.2.1.1.3.0"])
    finally:
        other.close()
        signed.session.close()
