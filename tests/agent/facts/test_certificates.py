"""Certificates in use."""

from __future__ import annotations

from typing import Any

from agent.certificate_settings import PLACES
from agent.fact import Certificates, Collected, Content, Failed, Files, Missing, NotApplicable, Outcome
from agent.facts import certificates
from agent.running import NEEDS as PROCESSES
from tests.agent.supplied import made, recorded, run
from tests.agent.test_x509 import EC, ED25519, RSA

WWW = "dd88b65743e8aecc5bb39ba0d92645e8d0cbcec9c3b8b1c1e5cbbca737b0057b"
SNAKEOIL = "79d962720c5a26b733ba5a221501115c6edaa87928269ec41d82ea71f89e036f"
SITE = "e42130ff0e79077260c8e3a39a70d95a77a9abd447c7c188e67680befa218c6d"
POSTGRES = "path postgres /var/lib/postgresql/15/main"
CONFIGURATION = Files("/etc/postgresql/*/*/postgresql.conf")


def machine(content: dict[Any, Any]) -> dict[Any, Any]:
    """A host on which PostgreSQL runs, with more of its files."""
    return {**recorded("debian12-lab").supply(PROCESSES), **content}


def told(outcome: Outcome) -> list[tuple[Any, Any, Any]]:
    """(who, fingerprint, files) of each use."""
    assert isinstance(outcome, Collected), outcome
    return [(_key(r.subject), _key(r.object), _files(r.attributes["evidence"])) for r in outcome.relations]


def _files(evidence: Any) -> list[str]:
    return [each.partition(" (")[0] for each in evidence.split(", ")]


def _key(reference: Any) -> Any:
    return reference if isinstance(reference, str) else reference[1]


def test_the_recorded_servers() -> None:
    shell = recorded("debian12-servers")
    outcome = run(certificates, shell, own_pids=shell.own_pids)

    assert sorted(told(outcome)) == [
        ("exe /usr/sbin/nginx root 80", WWW, ["/etc/nginx/tls/www.pem"]),
        ("path haproxy /etc/haproxy/haproxy.cfg", SITE, ["/etc/haproxy/certs/site.pem"]),
        (POSTGRES, SNAKEOIL, ["/etc/ssl/certs/ssl-cert-snakeoil.pem"]),
    ]
    assert isinstance(outcome, Collected)
    [www] = [i.attributes() for i in outcome.items if i.local_key() == WWW]
    assert www["not_after"] == "2027-12-27T15:40:34.000000Z"
    assert (www["key_type"], www["key_bits"], www["self_signed"], www["authority"]) == ("EC", 256, True, True)
    assert {r.attributes["evidence"] for r in outcome.relations} == {
        "/etc/nginx/tls/www.pem (/etc/nginx/conf.d/lab.conf:11)",
        "/etc/haproxy/certs/site.pem (/etc/haproxy/haproxy.cfg:9)",
        "/etc/ssl/certs/ssl-cert-snakeoil.pem (/etc/postgresql/15/main/postgresql.conf:107)",
    }


def test_no_private_key_left_the_shell() -> None:
    shell = recorded("debian12-servers")
    site = shell.supply([Certificates("/etc/haproxy/certs/*")])

    assert "PRIVATE KEY" not in repr(site)
    assert "BEGIN CERTIFICATE" in repr(site)


def test_one_certificate_in_two_files_is_one_use_with_both() -> None:
    outcome = run(
        certificates,
        made(
            machine(
                {
                    CONFIGURATION: {
                        "/etc/postgresql/15/a/postgresql.conf": Content(b"ssl_cert_file = '/etc/a.pem'\n"),
                        "/etc/postgresql/15/b/postgresql.conf": Content(b"ssl_cert_file = '/etc/b.pem'\n"),
                    },
                    Certificates("/etc/a.pem"): {"/etc/a.pem": Content(f"{EC}{ED25519}".encode())},
                    Certificates("/etc/b.pem"): {"/etc/b.pem": Content(EC.encode())},
                }
            )
        ),
    )

    assert [(who, files) for who, _, files in told(outcome)] == [
        (POSTGRES, ["/etc/a.pem"]),
        (POSTGRES, ["/etc/a.pem", "/etc/b.pem"]),
    ]


def test_what_no_running_software_shows_is_the_hosts() -> None:
    outcome = run(
        certificates,
        made(
            machine(
                {
                    Files("/etc/apache2/*.conf"): {"/etc/apache2/apache2.conf": Content(b"Include more/*\n")},
                    Files("/etc/apache2/more/*"): {"/etc/apache2/more/a": Content(b"SSLCertificateFile a.pem\n")},
                    Certificates("/etc/apache2/a.pem"): {"/etc/apache2/a.pem": Content(RSA.encode())},
                    PLACES[1]: {"/etc/kubernetes/pki/apiserver.crt": Content(ED25519.encode())},
                }
            )
        ),
    )

    assert sorted((who, files) for who, _, files in told(outcome)) == [
        (".", ["/etc/apache2/a.pem"]),
        (".", ["/etc/kubernetes/pki/apiserver.crt"]),
    ]


def test_a_trust_store_is_not_in_use() -> None:
    named = {CONFIGURATION: {"/etc/postgresql/15/a/postgresql.conf": Content(b"ssl_cert_file = '/etc/all.pem'\n")}}
    many = {Certificates("/etc/all.pem"): {"/etc/all.pem": Content((EC * 21).encode())}}

    assert isinstance(run(certificates, made(machine({**named, **many}))), NotApplicable)


def test_a_file_that_is_named_and_not_there_is_no_certificate() -> None:
    named = {CONFIGURATION: {"/etc/postgresql/15/a/postgresql.conf": Content(b"ssl_cert_file = '/etc/none.pem'\n")}}

    assert isinstance(run(certificates, made(machine(named))), NotApplicable)


def test_what_root_can_not_read_fails_the_section_and_an_ordinary_user_goes_without() -> None:
    named = {CONFIGURATION: {"/etc/postgresql/15/a/postgresql.conf": Content(b"ssl_cert_file = '/etc/a.pem'\n")}}
    hidden = {Certificates("/etc/a.pem"): {"/etc/a.pem": Missing("denied", "/etc/a.pem may not be read")}}
    shown = {PLACES[0]: {"/etc/letsencrypt/live/x/fullchain.pem": Content(EC.encode())}}

    root = run(certificates, made(machine({**named, **hidden, **shown})))
    user = run(certificates, made(machine({**named, **hidden, **shown}), "user"))

    assert root == Failed("/etc/a.pem may not be read (/etc/postgresql/15/a/postgresql.conf:1)")
    assert [who for who, _, _ in told(user)] == ["."]


def test_a_certificate_that_is_damaged_fails_the_section_with_its_file() -> None:
    damaged = EC.replace("MII", "MIA", 1)
    place = {PLACES[0]: {"/etc/letsencrypt/live/x/fullchain.pem": Content(damaged.encode())}}

    outcome = run(certificates, made(machine(place)))

    assert isinstance(outcome, Failed)
    assert "/etc/letsencrypt/live/x/fullchain.pem" in outcome.reason
