"""Where software keeps its certificates."""

from __future__ import annotations

import re

import pytest

from agent.certificate_settings import OPTION, PLACES, SETTINGS, included, named
from agent.fact import Files
from agent.known_software import KINDS

BY_NAME = {name: row for row in SETTINGS for name in row.programs}


@pytest.mark.parametrize(
    ("program", "line", "path"),
    [
        ("nginx", "  ssl_certificate /etc/ssl/a.pem;", "/etc/ssl/a.pem"),
        ("nginx", "server { listen 443 ssl; ssl_certificate tls/a.pem; }", "/etc/nginx/tls/a.pem"),
        ("nginx", 'ssl_certificate "/etc/ssl/a b.pem";', "/etc/ssl/a b.pem"),
        ("apache2", "  SSLCertificateFile /etc/ssl/a.pem", "/etc/ssl/a.pem"),
        ("httpd", "SSLCertificateFile conf/a.pem", "/etc/httpd/conf/a.pem"),
        ("haproxy", "  bind :443 ssl crt /etc/haproxy/a.pem alpn h2", "/etc/haproxy/a.pem"),
        ("postgres", "ssl_cert_file = '/etc/ssl/a.pem'\t# (change requires restart)", "/etc/ssl/a.pem"),
        ("mariadbd", "ssl-cert=/etc/mysql/a.pem", "/etc/mysql/a.pem"),
        ("redis-server", "tls-cert-file /etc/redis/a.crt", "/etc/redis/a.crt"),
        ("mongod", "    certificateKeyFile: /etc/ssl/mongo.pem", "/etc/ssl/mongo.pem"),
        ("rabbitmq", "ssl_options.certfile   = /etc/rabbitmq/a.pem", "/etc/rabbitmq/a.pem"),
        ("mosquitto", "certfile /etc/mosquitto/a.crt", "/etc/mosquitto/a.crt"),
        ("master", "smtpd_tls_cert_file=/etc/ssl/certs/mail.pem", "/etc/ssl/certs/mail.pem"),
        ("dovecot", "ssl_cert = </etc/dovecot/a.pem", "/etc/dovecot/a.pem"),
        ("slapd", "olcTLSCertificateFile: /etc/ldap/a.pem", "/etc/ldap/a.pem"),
        ("squid", "https_port 3129 tls-cert=/etc/squid/a.pem key=/etc/squid/a.key", "/etc/squid/a.pem"),
        ("stunnel4", "cert = /etc/stunnel/a.pem", "/etc/stunnel/a.pem"),
        ("elasticsearch", "xpack.security.http.ssl.certificate: certs/a.crt", "/etc/elasticsearch/certs/a.crt"),
        ("dockerd", '  "tlscert": "/etc/docker/a.pem",', "/etc/docker/a.pem"),
    ],
)
def test_settings_that_name_a_certificate(program: str, line: str, path: str) -> None:
    assert list(named(BY_NAME[program], f"# one\n{line}\n")) == [(2, path)]


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("nginx", "ssl_certificate_key /etc/ssl/a.key;"),
        ("nginx", "# ssl_certificate /etc/ssl/a.pem;"),
        ("nginx", "ssl_certificate $dir/a.pem;"),
        ("nginx", "ssl_certificate certs/$ssl_server_name.pem;"),
        ("nginx", "ssl_certificate /etc/../root/a.pem;"),
        ("apache2", "SSLCertificateKeyFile /etc/ssl/a.key"),
        ("postgres", "#ssl_cert_file = 'server.crt'"),
        ("postgres", "ssl_cert_file = 'server.crt'"),
        ("haproxy", "  server a 192.0.2.1:443 ssl ca-file /etc/ssl/ca.pem"),
        ("master", "smtpd_tls_key_file=/etc/ssl/private/mail.key"),
        ("slapd", "TLSCertificateKeyFile /etc/ldap/a.key"),
        ("redis-server", "tls-key-file /etc/redis/a.key"),
    ],
)
def test_keys_comments_and_paths_that_can_not_be_told_are_none(program: str, line: str) -> None:
    assert list(named(BY_NAME[program], line)) == []


def test_what_a_configuration_includes_is_read_with_it() -> None:
    text = "http {\n  # include old.conf;\n  include mime.types; include /etc/nginx/sites/*;\n}\n"

    assert list(included(BY_NAME["nginx"], text)) == [Files("/etc/nginx/mime.types"), Files("/etc/nginx/sites/*")]
    assert list(included(BY_NAME["apache2"], "IncludeOptional mods/*.conf\n")) == [Files("/etc/apache2/mods/*.conf")]
    assert list(included(BY_NAME["haproxy"], "include x\n")) == []


@pytest.mark.parametrize(
    "option", ["cert-file", "tls-cert-file", "peer-cert-file", "tls_certificate", "ssl-cert", "crt"]
)
def test_options_that_name_a_certificate(option: str) -> None:
    assert OPTION.match(option)


@pytest.mark.parametrize("option", ["tls-private-key-file", "client-ca-file", "cert-dir", "key-file", "config"])
def test_options_that_name_something_else(option: str) -> None:
    assert not OPTION.match(option)


def test_every_row_can_be_used() -> None:
    for row in SETTINGS:
        assert row.settings or row.inside
        assert all(re.compile(expression) for expression in (row.settings, row.inside, row.include))
        assert all(need.pattern.startswith("/") for need in row.needs())
        assert any(program in KINDS for program in row.programs) or row.programs[0] in ("stunnel", "openvpn")
    assert len({need.pattern for need in PLACES}) == len(PLACES)
