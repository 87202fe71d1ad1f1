"""Directories that a host asks for accounts."""

from __future__ import annotations

from agent.fact import Collected, Content, Files, Missing
from agent.facts import directories
from agent.facts.directories import parse
from tests.agent.supplied import made, run

SSSD = """[domain/example.org]
id_provider = ldap
ldap_uri = ldaps://ldap1.example.org, ldap://10.0.0.2:1389
ldap_default_authtok = s3cret
; ldap_uri = ldap://old
krb5_server = _srv_, kdc.example.org
"""


def test_sssd_with_several_servers_and_without_its_password() -> None:
    found = parse(SSSD, "/etc/sssd/sssd.conf")

    assert [(t.why, t.shown, t.hard) for t in found] == [
        ("directory", "ldap1.example.org:636", False),
        ("directory", "10.0.0.2:1389", False),
        ("Kerberos", "kdc.example.org:88", True),
    ]
    assert "s3cret" not in repr(found)


def test_other_files() -> None:
    kerberos = "[realms]\n EXAMPLE.ORG = {\n  kdc = kdc1.example.org:750\n  admin_server = kdc1.example.org\n }\n"

    assert [t.shown for t in parse("URI ldap://a ldapi:/// ldaps://b:1636\nBASE dc=x\n", "/etc/ldap/ldap.conf")] == [
        "a:389",
        "b:1636",
    ]
    assert [t.shown for t in parse("uri ldap://10.0.0.1/\nbindpw s3cret\n", "/etc/nslcd.conf")] == ["10.0.0.1:389"]
    assert [t.shown for t in parse(kerberos, "/etc/krb5.conf")] == ["kdc1.example.org:750"]
    assert parse("host = x\n", "/etc/sssd/sssd.conf") == []


def test_a_dependency_to_what_has_an_address_and_an_ordinary_user_goes_without() -> None:
    file = {Files("/etc/sssd/sssd.conf"): {"/etc/sssd/sssd.conf": Content(SSSD.encode())}}
    hidden = {Files("/etc/sssd/sssd.conf"): {"/etc/sssd/sssd.conf": Missing("denied", "no")}}

    root, user = run(directories, made(file)), run(directories, made(hidden, "user"))

    assert isinstance(root, Collected)
    assert [r.object for r in root.relations] == [{"address": "10.0.0.2", "protocol": "tcp", "port": 1389}]
    assert isinstance(user, Collected)
    assert user.items[0].attributes() == {"directories": []}
