"""Keys that open accounts. Fingerprints are those that `ssh-keygen -l` printed of the recorded ones."""

from __future__ import annotations

from typing import Any, cast

import pytest

from agent.fact import Collected, Context, Fact, Failed, File, Missing, NotApplicable, Outcome
from agent.facts import authorized_keys
from agent.facts.authorized_keys import parse
from agent.run import needs_of
from tests.agent.supplied import made, recorded, run
from tests.agent.test_public_keys import ED25519

KEY = f"ssh-ed25519 {ED25519}"
PRINT = "SHA256:8bSha5E0DUGWjrxaRzmt5wGugBtcY90VmeOKdycJ8xg"
PASSWD = (
    "root:x:0:0:root:/root:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\nmail:x:8:8::/nonexistent:/usr/sbin/nologin\n"
)


def keys(outcome: Outcome) -> dict[str, dict[str, Any]]:
    assert isinstance(outcome, Collected), outcome
    return {f"{i.account} {i.fingerprint}": i.attributes() for i in outcome.items}  # type: ignore[attr-defined]


def test_keys_of_a_recorded_host() -> None:
    found = keys(run(authorized_keys, recorded("debian12-authorized-keys")))

    assert found[f"alice {PRINT}"] == {
        "name": "alice: alice@laptop",
        "account": "alice",
        "fingerprint": PRINT,
        "type": "ssh-ed25519",
        "comment": "alice@laptop",
        "files": ["/home/alice/.ssh/authorized_keys"],
    }
    assert found["root SHA256:qYPYkC2B98z6r1plxfAedl64rD9Qqr3WviOxKVeTmEw"]["bits"] == 3072
    assert found["root SHA256:ZSuLtKbMtXMdJGqVmpK/EwILn7aQrqxSrEJTGuSwdX0"]["authority"] is True
    assert found["alice SHA256:ZSuLtKbMtXMdJGqVmpK/EwILn7aQrqxSrEJTGuSwdX0"]["options"] == [
        'command="/usr/bin/backup --password=*** \\"x\\""',
        'from="10.0.0.0/8,!10.1.1.1"',
        "no-pty",
    ]


def test_neither_secrets_nor_keys_nor_what_a_planted_link_shows_leave_the_host() -> None:
    outcome = run(authorized_keys, recorded("debian12-authorized-keys"))

    text = repr(outcome)
    assert "Tr0ub4dor" not in text
    assert ED25519 not in text
    # The link led to /etc/shadow; it was not followed, and that is said.
    assert "alice unread /home/alice/.ssh/authorized_keys2" in keys(outcome)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ("AuthorizedKeysFile /etc/ssh/keys/%u\n", "/etc/ssh/keys/bob"),
        ("AuthorizedKeysFile none\nMatch User bob\n AuthorizedKeysFile %h/.keys\n", "/home/bob/.keys"),
        ('AuthorizedKeysFile ".ssh/a" .ssh/%U\n', "/home/bob/.ssh/1001"),
        ("Port 22\n", "/home/bob/.ssh/authorized_keys2"),
        ("AuthorizedKeysFile ./.ssh//k\n", "/home/bob/.ssh/k"),
    ],
)
def test_files_lie_where_the_server_looks_for_them(config: str, path: str) -> None:
    shell = made({"/etc/passwd": PASSWD, "/etc/ssh/sshd_config": config, File(path): f"{KEY} x\n"})

    assert list(keys(run(authorized_keys, shell))) == [f"bob {PRINT}"]


def test_a_server_that_takes_no_keys_from_files_has_none() -> None:
    shell = made({"/etc/passwd": PASSWD, "/etc/ssh/sshd_config": "AuthorizedKeysFile none\n"})

    assert isinstance(run(authorized_keys, shell), NotApplicable)


def test_a_key_that_stands_twice_is_one_with_the_options_of_both() -> None:
    files = {"/root/.ssh/authorized_keys": f"{KEY}\n", "/root/.ssh/authorized_keys2": f"no-pty {KEY}\n"}

    [found] = keys(run(authorized_keys, made({"/etc/passwd": PASSWD, **files}))).values()

    assert found["options"] == ["(none)", "no-pty"]
    assert found["files"] == sorted(files)


def test_accounts_that_share_a_home_are_opened_by_the_same_keys() -> None:
    passwd = "a:x:1:1::/srv:/bin/sh\nb:x:2:2::/srv:/bin/sh\n"
    shell = made({"/etc/passwd": passwd, "/srv/.ssh/authorized_keys": f"{KEY}\n"})

    assert list(keys(run(authorized_keys, shell))) == [f"a {PRINT}", f"b {PRINT}"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# comment",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        f"no-pty, {KEY}",
        f"no-pty x {KEY}",
        f'command="open {KEY}',
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "\0\0\0",
    ],
)
def test_a_line_that_opens_nothing_is_left_out(line: str) -> None:
    assert [found.comment for found in parse(f"{line}\n{KEY} after it\n")] == ["after it"]


def test_what_an_account_may_write_is_read_in_proportion_to_its_length() -> None:
    options = "".join(f"a{number}," for number in range(50_000))

    (found,) = parse(f"{options}no-pty {KEY} long")
    assert len(found.options) == 50_001


def test_a_line_ends_where_it_does_for_sshd() -> None:
    assert parse(f"# comment \x0c{KEY} one\n# comment \u2028{KEY} two\n") == []


def test_who_is_not_root_does_not_look_into_homes() -> None:
    shell = made({"/etc/passwd": PASSWD, "/home/bob/.ssh/authorized_keys": f"{KEY}\n"}, "user")

    assert File("/home/bob/.ssh/authorized_keys", authorized_keys._LIMIT) not in needs_of(
        shell, [cast(Fact, authorized_keys)], Context(privilege="user")
    )
    assert keys(run(authorized_keys, shell)) == {}


@pytest.mark.parametrize("kind", ["denied", "too_big", "timeout"])
def test_a_file_that_root_can_not_read_is_a_failure(kind: str) -> None:
    path = "/root/.ssh/authorized_keys"
    shell = made({"/etc/passwd": PASSWD, path: Missing(kind, f"{path} can not be read")})

    assert isinstance(run(authorized_keys, shell), Failed)


@pytest.mark.parametrize(
    "lack",
    [
        Missing("failed", "/home/bob/.ssh/authorized_keys is no regular file"),
        Missing("denied", "/home/bob/.ssh is a symbolic link where others than root can write, so it is not followed"),
        Missing("denied", "/home/bob lies on the mount /home, which is not entered: it may hang or shows processes"),
    ],
)
def test_a_file_that_is_not_looked_at_is_told(lack: Missing) -> None:
    shell = made({"/etc/passwd": PASSWD, "/home/bob/.ssh/authorized_keys": lack})

    assert list(keys(run(authorized_keys, shell))) == ["bob unread /home/bob/.ssh/authorized_keys"]
