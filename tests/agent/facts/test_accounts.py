"""Local accounts: state and day of the password, never an age or a hash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.fact import Collected, Command, Failed, Missing, Output, ParseError
from agent.facts import accounts
from agent.facts.accounts import Password, parse, parse_states
from tests.agent.supplied import made, recorded, run

PASSWD = "root:x:0:0:root:/root:/bin/bash\nbob:x:1000:1000:Bob,,,:/home/bob:/bin/sh\n"
GROUP = "root:x:0:\nbob:x:1000:\nsudo:x:27:bob\nadm:x:4:bob\n"
STATES = Command(("/usr/bin/passwd", "-S", "-a"), root=True)


def items(outcome: object) -> dict[str, dict[str, object]]:
    assert isinstance(outcome, Collected), outcome
    return {str(i.attributes()["name"]): dict(i.attributes()) for i in outcome.items}


def test_the_recorded_accounts_as_root() -> None:
    found = items(run(accounts, recorded("debian12-root")))

    assert len(found) == 27
    assert found["root"] == {
        "name": "root",
        "uid": 0,
        "gid": 0,
        "full_name": "root",
        "home": "/root",
        "shell": "/bin/bash",
        "groups": [],
        "password_state": "locked",
        "password_changed_on": "2025-05-20",
    }


def test_the_recorded_accounts_as_a_user_lack_only_what_root_sees() -> None:
    root, user = (items(run(accounts, recorded(f"debian12-{who}"))) for who in ("root", "user"))

    hidden = ("password_state", "password_changed_on")
    assert user == {name: {k: v for k, v in row.items() if k not in hidden} for name, row in root.items()}


@pytest.mark.shared
def test_a_foreign_recording_gives_what_another_parser_read(recordings: Path) -> None:
    folder = recordings / "ssh" / "centos-7.7"
    judged = json.loads((folder / "passwd.json").read_text())

    found = parse((folder / "passwd.out").read_text())

    assert [(a.name, a.uid, a.gid, a.home, a.shell) for a in found] == [
        (row["username"], row["uid"], row["gid"], row["home"], row["shell"]) for row in judged
    ]


def test_supplementary_groups_are_listed() -> None:
    found = items(
        run(accounts, made({"/etc/passwd": PASSWD, "/etc/group": GROUP, STATES: "bob P 2024-02-03 0 9 7 -1\n"}))
    )

    assert found["bob"]["groups"] == ["adm", "sudo"]
    assert found["bob"]["full_name"] == "Bob"
    assert (found["bob"]["password_state"], found["bob"]["password_changed_on"]) == ("usable", "2024-02-03")


def test_both_ways_to_write_a_day_and_all_states_are_understood() -> None:
    text = "a P 2024-02-03 0 99999 7 -1\nb L 02/03/2024 0 1 1 1\nc NP 1970-01-01 0 1 1 1\nd PS never -1\ne LK\n"

    assert parse_states(text) == {
        "a": Password("usable", "2024-02-03"),
        "b": Password("locked", "2024-02-03"),
        "c": Password("none", None),
        "d": Password("usable", None),
        "e": Password("locked", None),
    }


def test_no_age_leaves_the_fact() -> None:
    outcome = run(accounts, made({"/etc/passwd": PASSWD, STATES: "bob P 2024-02-03 41 42 43 44\n"}))

    assert not {"41", "42", "43", "44"} & set(str(outcome).replace("'", " ").replace(",", " ").split())


@pytest.mark.parametrize(
    "stderr",
    [
        b"Usage: passwd [OPTION...] <accountName>\n",
        b"passwd: Only one user name may be specified.\n",
        b"passwd: unrecognized option: S\n",
    ],
)
def test_a_passwd_that_cannot_list_all_leaves_states_out(stderr: bytes) -> None:
    found = items(run(accounts, made({"/etc/passwd": PASSWD, STATES: Output(b"", stderr, 1)})))

    assert "password_state" not in found["root"]


def test_a_passwd_that_fails_fails_the_section() -> None:
    for supplied in (
        Output(b"", b"passwd: PAM: Permission denied\n", 1),
        Missing("timeout", "did not end"),
        Missing("denied", "writable"),
    ):
        outcome = run(accounts, made({"/etc/passwd": PASSWD, STATES: supplied}))
        assert isinstance(outcome, Failed)


def test_the_first_of_two_lines_counts_and_nis_is_left_out() -> None:
    assert [a.uid for a in parse("a:x:1:1::/:\n#c\n\na:x:0:0::/:\n+::::::\n")] == [1]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "root:x:0:0:root:/root", "root:x:0:0:root:/ro\nbin", "a:x:x:0::/:", ":x:0:0::/:"]
)
def test_a_truncated_file_is_an_error_and_not_fewer_accounts(text: str) -> None:
    with pytest.raises(ParseError, match="/etc/passwd"):
        parse(text)


def test_a_hash_left_in_passwd_is_not_quoted() -> None:
    with pytest.raises(ParseError) as error:
        parse("bob:$6$salt$hash:x:0")

    assert "$6$" not in str(error.value)


def test_another_locale_or_garbage_of_passwd_is_an_error() -> None:
    with pytest.raises(ParseError, match="passwd -S -a"):
        parse_states("Passwort von root gesperrt.\n")


def test_a_secret_in_a_comment_field_is_masked() -> None:
    found = items(run(accounts, made({"/etc/passwd": "a:x:1:1:backup, password=Tr0ub4dor:/:\n"})))

    assert found["a"]["full_name"] == "backup, password=***"
