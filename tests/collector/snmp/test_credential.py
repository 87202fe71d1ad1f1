"""Entries for SNMP in the file of credentials."""

from __future__ import annotations

import re

import pytest

from cmdb.model.errors import UsageError
from collector.credentials_file import read
from collector.secret_refs import Secrets
from collector.snmp.credential import SnmpCredential
from collector.snmp.session import Community, User
from collector.target import SNMP, Target

V2 = '[credential.a]\nkind = "snmp"\nversion = "2c"\ncommunity = "env:COMMUNITY"\n'
V3 = '[credential.a]\nkind = "snmp"\nversion = "3"\nuser = "survey"\n'
AUTH = 'auth = "sha256"\nauth_password = "env:AUTH"\n'
PRIVACY = 'privacy = "aes128"\nprivacy_password = "env:PRIVACY"\n'
SCOPE = 'ranges = ["10.9.0.0/16"]\n'
SECRETS = Secrets(
    environment={"COMMUNITY": "c0mmunity", "AUTH": "auth-secret", "PRIVACY": "privacy-secret", "SHORT": "x"}
)


def entry(text: str) -> SnmpCredential:
    (found,) = read(text.encode()).snmp
    return found


def test_a_community_is_a_reference_with_a_scope() -> None:
    found = entry(V2 + SCOPE + "port = 1161\norder = 3")
    login, problems = found.resolve(SECRETS)

    assert isinstance(login, Community)
    assert (login.text.reveal(), problems) == ("c0mmunity", [])
    assert (found.methods, found.weak, found.port, found.order) == (("snmp v2c",), ("snmp v2c",), 1161, 3)
    assert [str(ref) for _, ref in found.references] == ["env:COMMUNITY"]


@pytest.mark.parametrize(
    ("text", "method", "weak"),
    [
        ("", "snmp v3 noAuthNoPriv", ("no authentication",)),
        (AUTH, "snmp v3 authNoPriv sha256", ("no privacy",)),
        (AUTH + PRIVACY, "snmp v3 authPriv sha256 aes128", ()),
        (AUTH.replace("sha256", "sha") + PRIVACY.replace("aes128", "des"), "snmp v3 authPriv sha1 des", ("sha1", "des")),
        (AUTH.replace("sha256", "md5") + PRIVACY.replace("aes128", "aes256c"), "snmp v3 authPriv md5 aes256c",
         ("md5", "aes256c")),
    ],
)  # fmt: skip
def test_a_user_has_a_level_and_what_is_weak_of_it_is_known(text: str, method: str, weak: tuple[str, ...]) -> None:
    found = entry(V3 + text + SCOPE + 'context = "vrf-a"')
    login, _ = found.resolve(SECRETS)

    assert isinstance(login, User)
    assert (found.methods, found.weak, login.context) == ((method,), weak, "vrf-a")
    assert login.auth_password is None or login.auth_password.reveal() == "auth-secret"
    assert login.privacy_password is None or login.privacy_password.reveal() == "privacy-secret"
    assert "secret" not in repr((login, found.document()))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (V2, "it has no scope"),
        (V2.replace('"2c"', '"1"') + SCOPE, "SNMPv1 is not spoken"),
        ('[credential.a]\nkind = "snmp"\ncommunity = "env:X"\n' + SCOPE, "it says no version"),
        (V2.replace("env:COMMUNITY", "public-text") + SCOPE, "`community` is no reference but, it seems, the secret itself"),
        ('[credential.a]\nkind = "snmp"\nversion = "2c"\n' + SCOPE, "it has no `community`"),
        (V2 + AUTH + SCOPE, '`auth` is of version "3"'),
        (V3 + 'community = "env:X"\n' + SCOPE, '`community` is of version "2c"'),
        (V3.replace('user = "survey"\n', "") + SCOPE, "wants a `user`"),
        (V3 + 'auth = "sha256"\n' + SCOPE, "`auth` and `auth_password` go together"),
        (V3 + PRIVACY + SCOPE, "`privacy` goes with `auth`"),
        (V3 + AUTH + 'level = "authPriv"\n' + SCOPE, "`level` is authPriv, and the other keys make it authNoPriv"),
        (V3 + AUTH.replace("sha256", "rot13") + SCOPE, "`auth` is one of sha256"),
        (V3 + 'sudo = "never"\n' + SCOPE, "'sudo' is no key of an entry of kind snmp"),
        (V2.replace('"snmp"', '"telnet"') + SCOPE, "`kind` is one of ssh, snmp"),
        (V2 + "port = 0\n" + SCOPE, "`port` is a whole number"),
        (V3 + f'context = "{"x" * 256}"\n' + SCOPE, "longer than 255 bytes"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_key_and_without_its_value(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)) as told:
        read(text.encode())

    assert "public-text" not in told.value.message


def test_a_secret_that_is_missing_or_too_short_is_said() -> None:
    missing = entry(V2.replace("COMMUNITY", "ABSENT") + SCOPE).resolve(SECRETS)
    short = entry(V3 + AUTH.replace("env:AUTH", "env:SHORT") + SCOPE).resolve(SECRETS)

    assert missing[0] is short[0] is None
    assert "community = env:ABSENT" in missing[1][0]
    assert "shorter than 8 characters" in short[1][0]


def test_a_target_gets_entries_of_its_protocol_within_their_scope() -> None:
    text = V2 + SCOPE + '[credential.b]\nuser = "u"\nagent = true\nranges = ["10.0.0.0/8"]'
    found = read(text.encode())

    assert found.names(Target("x", "10.9.1.1", 161, protocol=SNMP)) == ["a"]
    assert found.names(Target("x", "10.8.1.1", 161, protocol=SNMP)) == []
    assert found.names(Target("x", "10.9.1.1")) == ["b"]
    assert found.names(Target("x", "10.9.1.1", 161, credentials=("a", "b"), protocol=SNMP)) == ["a"]
    assert found.names(Target("x", "10.9.1.1", credentials=("a",))) == []
    assert "name one that is" in found.why_none(Target("x", "10.9.1.1", credentials=("a",)))
    assert "does not cover 10.8.1.1" in found.why_none(Target("x", "10.8.1.1", 161, credentials=("a",), protocol=SNMP))


def test_the_port_of_a_target_stands_above_that_of_an_entry() -> None:
    found = entry(V2 + SCOPE + "port = 1161")

    assert found.port_for(Target("x", "10.9.1.1", 161, protocol=SNMP)) == 1161
    assert found.port_for(Target("x", "10.9.1.1", 2161, protocol=SNMP)) == 2161
