"""The file of credentials."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.credentials import Credentials
from collector.credentials_file import MAX_BYTES, MAX_ENTRIES, load, read
from collector.scope import network
from collector.secret_refs import SecretRef
from collector.target import Hop, Target

FULL = """
[credential.bastion]
user = "jump"
names = ["bastion.example.org"]
zones = ["default", "branch"]
agent = true

[credential.fleet]
user = "survey"
ranges = ["10.0.0.0/8", "fd00:10::/32", "192.0.2.7"]
zones = ["branch"]
key = "/etc/surveymark/id"
key_passphrase = "vault:fleet-key"
certificate = "/etc/surveymark/id-cert.pub"
agent = true
password = "env:FLEET"
keyboard_interactive = "file:/etc/surveymark/otp"
sudo = "with_password"
sudo_password = "systemd:sudo"
jumps = [{ address = "bastion.example.org", port = 2222, credential = "bastion" }]
order = -1
failures_in_a_row = 0
"""


def test_every_key_of_an_entry_is_read() -> None:
    fleet, bastion = read(FULL.encode()).entries

    assert (bastion.name, bastion.user, bastion.scope.names) == ("bastion", "jump", ("bastion.example.org",))
    assert fleet.scope.zones == ("branch",)
    assert fleet.scope.ranges == tuple(network(r) for r in ("10.0.0.0/8", "fd00:10::/32", "192.0.2.7"))
    assert (fleet.key_file, fleet.certificate_file) == (Path("/etc/surveymark/id"), Path("/etc/surveymark/id-cert.pub"))
    assert fleet.references == (
        ("key_passphrase", SecretRef("vault", "fleet-key")),
        ("password", SecretRef("env", "FLEET")),
        ("keyboard_interactive", SecretRef("file", "/etc/surveymark/otp")),
        ("sudo_password", SecretRef("systemd", "sudo")),
    )
    assert fleet.sudo == "with_password"
    assert fleet.jumps == (Hop("bastion.example.org", 2222, credentials=("bastion",)),)
    assert (fleet.order, fleet.failures_in_a_row) == (-1, 0)


def test_ranges_without_zones_are_ranges_of_the_default_zone_only() -> None:
    entry = read(b'[credential.a]\nuser = "u"\nagent = true\nranges = ["10.0.0.0/8"]').entries[0]
    assert entry.scope.covers(Target("x", "10.0.0.1"))
    assert not entry.scope.covers(Target("x", "10.0.0.1", zone="branch"))


def test_an_empty_file_has_no_entries() -> None:
    assert read(b"").entries == ()


A = '[credential.a]\nuser = "u"\nagent = true\nzones = ["z"]\n'
BARE = '[credential.a]\nuser = "u"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BARE + "agent = true", 'a: it has no scope: write `ranges = ["10.0.0.0/8"]`'),
        (BARE + "agent = true\nranges = []", "`ranges` wants a list of 1 to 1000"),
        (BARE + 'zones = ["z"]', "a: it has no way in: write `key`"),
        (
            A + 'password = "hunter2"',
            "a: `password` is no reference but, it seems, the secret itself: secrets do not stand",
        ),
        (A + 'sudo_password = "hunter2"', "`sudo_password` is no reference"),
        (A + "password = 1", "`password` wants a text"),
        (A + 'password = { env = "hunter2" }', "`password` wants a text"),
        (A + 'pasword = "env:X"', "'pasword' is no key of an entry; there are agent, certificate"),
        (A + 'ranges = ["10.0.0.1/8"]', "`ranges` has '10.0.0.1/8', which is no range"),
        (A + 'ranges = "10.0.0.0/8"', "`ranges` wants a list"),
        (A + "ranges = [1]", "`ranges` wants a text"),
        (A + 'names = ["10.0.0.1"]', "`names` has '10.0.0.1', which is no name of a host"),
        (BARE + 'agent = true\nzones = ["a b"]', "`zones` has 'a b', which is no name of a zone"),
        (A + 'key = "id_rsa"', "`key` wants the path of a file, from / or ~/"),
        (A + 'key_passphrase = "env:X"', "`key_passphrase` goes with `key`, which is missing"),
        (A + 'certificate = "/x"', "`certificate` goes with `key`"),
        (A + 'sudo = "always"', "`sudo` is one of never, without_password, with_password, doas"),
        (A + "sudo = []", "`sudo` is one of"),
        (A + 'sudo = "with_password"', "go together"),
        (A + 'sudo_password = "env:X"', "go together"),
        (A + "agent2 = 1", "'agent2' is no key"),
        (A.replace("true", '"yes"'), "`agent` is true or false"),
        (A + "order = true", "`order` is a whole number"),
        (A + "failures_in_a_row = -1", "`failures_in_a_row` is a whole number from 0"),
        (A.replace('"u"', '"a:b"'), "`user` is no name of a user"),
        ('[credential.a]\npassword = "env:X"\nzones = ["z"]', "a password is one account's: write `user`"),
        (A + "jumps = [1]", "`jumps` wants a list of 1 to 8 tables"),
        (A + "jumps = [{ port = 1 }]", "wants the `address` of each"),
        (A + 'jumps = [{ address = "a b" }]', "neither an address nor a name"),
        (A + 'jumps = [{ address = "10.0.0.0/8" }]', "neither an address nor a name"),
        (A + 'jumps = [{ address = "x", port = 0 }]', "from 1 to 65535"),
        (A + 'jumps = [{ address = "x", password = "hunter2" }]', "has 'password'; a jump host has"),
        (A + 'jumps = [{ address = "x", credential = "b" }]', "credential a: `jumps` names 'b', which there is not"),
        (
            A + '[credential.b]\nuser = "u"\nagent = true\nranges = ["10.0.0.0/8"]\n'
            '[credential.c]\nuser = "u"\nagent = true\nzones = ["z"]\njumps = [{ address = "x", credential = "b" }]',
            "credential b: its scope does not cover the jump host x in zone z, which c names",
        ),
        ('[credential."a b"]\nagent = true', "'a b' is no name of a credential"),
        ('user = "u"', "'user' stands outside of an entry"),
        ("credential = 1", "write [credential.NAME] above each"),
        ("[credential]\na = 1", "write [credential.NAME] above each"),
        ("[credential.a\n", "no TOML at line 1, column 14"),
        ('[credential.a]\npassword = "hunter2', "no TOML at"),
        (A + A, "no TOML at line"),
    ],
)
def test_what_is_wrong_is_told_with_file_entry_and_key_and_without_the_secret(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)) as refused:
        read(text.encode(), "creds.toml")
    assert refused.value.message.startswith("creds.toml: ")
    assert "hunter2" not in refused.value.message
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_file_is_bounded_and_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(A)
    path.chmod(0o640)
    with pytest.raises(UsageError, match=f"The file of credentials {path} is open to others .*chmod 600 {path}"):
        load(path)
    path.chmod(0o600)
    assert [c.name for c in load(path).entries] == ["a"]
    path.write_text("#" * (MAX_BYTES + 1))
    with pytest.raises(UsageError, match="longer than 1048576 bytes"):
        load(path)
    many = "".join(A.replace("credential.a", f"credential.e{i}") for i in range(MAX_ENTRIES + 1))
    with pytest.raises(UsageError, match="1001 credentials; 1000 are the most"):
        read(many.encode())


def taken(content: bytes) -> tuple[Credentials | None, str]:
    try:
        return read(content), ""
    except UsageError as error:
        return None, error.message


def taken_or_refused(content: bytes) -> None:
    found, message = taken(content)
    assert found is not None or message.startswith("credentials.toml: ")


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused(content: bytes) -> None:
    taken_or_refused(content)


@pytest.mark.parametrize(
    "content", [b"a=" + b"[" * 5000, b"a=" + b"1" * 5000, b"a." * 5000 + b"b=1", b"a = 9e999999999"]
)
def test_what_is_nested_or_long_without_end_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        read(content)


VALUES = st.sampled_from(
    ['"env:X"', '"vault:x"', '"hunter2"', '""', "true", "0", "-1", "1.5", "nan", "[]", '["10.0.0.0/8"]', '["z"]', "{}",
     "[{}]", '[{ address = "b" }]', '"/x"', '"~/x"', '"never"', "1979-05-27", '"\\u0000"', '["0.0.0.0/0", "::/0"]', "[[1]]"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["user", "ranges", "names", "zones", "key", "key_passphrase", "certificate", "agent", "password",
     "keyboard_interactive", "sudo", "sudo_password", "jumps", "order", "failures_in_a_row", "other"]
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["a", "b", '"c d"']), st.dictionaries(KEYS, VALUES, max_size=8), max_size=3))
def test_any_document_of_such_keys_is_taken_or_refused_and_what_is_taken_has_a_scope(entries: dict) -> None:
    lines = [
        line for name, keys in entries.items() for line in (f"[credential.{name}]", *map(" = ".join, keys.items()))
    ]
    found, message = taken("\n".join(lines).encode())
    assert "hunter2" not in message
    for entry in found.entries if found else ():
        assert entry.scope.zones
        assert entry.methods
        assert entry.user or not (entry.password or entry.keyboard_interactive)
