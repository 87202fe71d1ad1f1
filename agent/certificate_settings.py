"""Where software keeps the certificates that it shows: one row for each, to which a newcomer adds one.

A row says under which names the software runs (known_software.py), which files are its configuration, and by what settings
these name a certificate: `settings` is a regular expression for the setting's name at the beginning of a line, `inside` one
for a word within a line, behind which the path stands. Relative paths count from `base`; where that is empty they are left
out. Sources: the manuals nginx(8) with its ngx_http_ssl_module, mod_ssl of httpd 2.4, haproxy's configuration manual
(section 5.1, crt), postgresql.conf (19.3.3), mysqld's ssl_cert, redis.conf, mongod.conf (net.tls), rabbitmq.conf
(ssl_options), mosquitto.conf(5), postconf(5), dovecot's ssl_cert, slapd.conf(5), squid.conf, stunnel(8), openvpn(8),
vsftpd.conf(5), rsyslog's netstream drivers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional

from agent.fact import Certificates, Files
from cmdb.model.dataclass import dataclass


@dataclass(frozen=True)
class Setting:
    """One row. `folder` is true where the setting may name a folder of files; `include` is how a file names others that are
    read with it, by patterns."""

    programs: tuple[str, ...]
    files: tuple[str, ...]
    settings: str = ""
    inside: str = ""
    include: str = ""
    base: str = ""
    folder: bool = False

    def needs(self) -> tuple[Files, ...]:
        return tuple(Files(pattern) for pattern in self.files)


SETTINGS: tuple[Setting, ...] = (
    Setting(
        ("nginx",),
        (
            "/etc/nginx/*.conf",
            "/etc/nginx/conf.d/*.conf",
            "/etc/nginx/sites-enabled/*",
            "/etc/nginx/mime.types",
            "/etc/nginx/modules-enabled/*.conf",
        ),
        inside=r"(?:^|[;{}\s])ssl_certificate\s+",
        include=r"(?:^|[;{}\s])include\s+",
        base="/etc/nginx/",
    ),
    Setting(
        ("apache2",),
        ("/etc/apache2/*.conf", "/etc/apache2/*-enabled/*.conf", "/etc/apache2/vhosts.d/*.conf"),
        "SSLCertificateFile",
        include=r"^\s*Include(?:Optional)?\s+",
        base="/etc/apache2/",
    ),
    Setting(
        ("httpd",),
        ("/etc/httpd/conf/*.conf", "/etc/httpd/conf.d/*.conf"),
        "SSLCertificateFile",
        include=r"^\s*Include(?:Optional)?\s+",
        base="/etc/httpd/",
    ),
    Setting(
        ("haproxy",), ("/etc/haproxy/*.cfg", "/etc/haproxy/conf.d/*.cfg"), inside=r"\s(?:crt|crt-list)\s+", folder=True
    ),
    Setting(
        ("postgres",),
        (
            "/etc/postgresql/*/*/postgresql.conf",
            "/etc/postgresql/*/*/conf.d/*.conf",
            "/var/lib/pgsql/data/postgresql.conf",
            "/var/lib/pgsql/*/data/postgresql.conf",
            "/var/lib/postgresql/data/postgresql.conf",
        ),
        "ssl_cert_file",
    ),
    Setting(
        ("mysqld", "mariadbd"),
        (
            "/etc/my.cnf",
            "/etc/my.cnf.d/*.cnf",
            "/etc/mysql/*.cnf",
            "/etc/mysql/*.conf.d/*.cnf",
            "/etc/mysql/conf.d/*.cnf",
        ),
        "ssl[-_]cert",
    ),
    Setting(
        ("redis-server", "valkey-server"),
        ("/etc/redis/*.conf", "/etc/redis.conf", "/etc/valkey/*.conf"),
        "tls-cert-file",
    ),
    Setting(
        ("mongod", "mongos"), ("/etc/mongod.conf", "/etc/mongos.conf"), "(?:certificateKeyFile|PEMKeyFile|clusterFile)"
    ),
    Setting(
        ("rabbitmq",),
        ("/etc/rabbitmq/rabbitmq.conf", "/etc/rabbitmq/conf.d/*.conf"),
        r"(?:[\w.]+\.)?(?:ssl_options|ssl)\.certfile",
    ),
    Setting(("mosquitto",), ("/etc/mosquitto/mosquitto.conf", "/etc/mosquitto/conf.d/*.conf"), "certfile"),
    Setting(
        ("master",),
        ("/etc/postfix/main.cf",),
        r"smtpd?_tls_(?:ec|d)?cert_file|smtpd?_tls_chain_files|lmtp_tls_cert_file",
    ),
    Setting(
        ("dovecot",),
        ("/etc/dovecot/dovecot.conf", "/etc/dovecot/conf.d/*.conf"),
        "ssl_cert|ssl_server_cert_file",
    ),
    Setting(
        ("exim4",), ("/etc/exim4/exim4.conf*", "/etc/exim4/conf.d/main/*", "/etc/exim/exim.conf"), "tls_certificate"
    ),
    Setting(
        ("slapd",),
        (
            "/etc/ldap/slapd.conf",
            "/etc/ldap/slapd.d/cn=config.ldif",
            "/etc/openldap/slapd.conf",
            "/etc/openldap/slapd.d/cn=config.ldif",
        ),
        "(?:olc)?TLSCertificateFile",
    ),
    Setting(("vsftpd",), ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf"), "rsa_cert_file|dsa_cert_file"),
    Setting(
        ("proftpd",),
        ("/etc/proftpd/*.conf", "/etc/proftpd/conf.d/*.conf", "/etc/proftpd.conf"),
        r"TLS\w*CertificateFile",
    ),
    Setting(("squid",), ("/etc/squid/squid.conf", "/etc/squid/conf.d/*.conf"), inside=r"\s(?:tls-)?cert="),
    Setting(("stunnel", "stunnel4"), ("/etc/stunnel/*.conf",), "cert"),
    Setting(
        ("openvpn",),
        ("/etc/openvpn/*.conf", "/etc/openvpn/server/*.conf", "/etc/openvpn/client/*.conf"),
        "cert",
    ),
    Setting(
        ("rsyslogd",),
        ("/etc/rsyslog.conf", "/etc/rsyslog.d/*.conf"),
        r"\$?(?:Default|ActionSend)\w*NetstreamDriverCertFile",
        inside=r"NetstreamDriverCertFile\s*=\s*",
    ),
    Setting(("grafana", "grafana-server"), ("/etc/grafana/grafana.ini",), "cert_file"),
    Setting(
        ("elasticsearch", "opensearch"),
        ("/etc/elasticsearch/elasticsearch.yml",),
        r"[\w.]+\.ssl\.certificate",
        base="/etc/elasticsearch/",
    ),
    Setting(("dockerd",), ("/etc/docker/daemon.json",), inside=r'"tlscert"\s*:\s*'),
    Setting(("influxd",), ("/etc/influxdb/*.conf", "/etc/influxdb/config.toml"), "https-certificate|tls-cert"),
)

PLACES: tuple[Certificates, ...] = tuple(
    Certificates(pattern)
    for pattern in (
        "/etc/letsencrypt/live/*/fullchain.pem",
        "/etc/kubernetes/pki/*.crt",
        "/etc/kubernetes/pki/etcd/*.crt",
        "/var/lib/kubelet/pki/*.crt",
        "/var/lib/kubelet/pki/kubelet-client-current.pem",
        "/var/lib/kubelet/pki/kubelet-server-current.pem",
        "/var/lib/rancher/k3s/server/tls/*.crt",
        "/etc/cockpit/ws-certs.d/*.cert",
        "/etc/cockpit/ws-certs.d/*.crt",
        "/etc/ipsec.d/certs/*",
        "/etc/swanctl/x509/*",
        "/etc/pve/local/pve-ssl.pem",
        "/etc/webmin/miniserv.pem",
    )
)
"""Files that hold certificates in use by their very place, whatever names them."""

OPTION = re.compile(
    r"(?:.*[-_.])?(?:cert|crt|certificate|certfile|certificate[-_]file|cert[-_]file|crt[-_]file|sslcert)\Z"
)
"""Options of a command line behind which a certificate's path stands: --tls-cert-file (kube-apiserver), --cert-file (etcd)."""

_PATH = r"""<?\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^"'\s;,#<>]+))"""


def named(row: Setting, text: str) -> Iterator[tuple[int, str]]:
    """(line, path) of each certificate that a configuration file names; absolute paths."""
    begin = re.compile(rf"\s*(?:{row.settings})\s*(?:[=:]\s*|\s+){_PATH}", re.IGNORECASE) if row.settings else None
    within = re.compile(rf"{row.inside}{_PATH}", re.IGNORECASE) if row.inside else None
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith(("#", ";", "!")):
            continue
        found = begin.match(line) if begin else None
        matches = [found] if found else within.finditer(line) if within else []
        for match in matches:
            whole = _absolute(_said(match), row.base)
            if whole:
                yield number, whole


def included(row: Setting, text: str) -> Iterator[Files]:
    """The files that a configuration file says are to be read with it."""
    if row.include:
        said = "\n".join(re.sub(r"(^|\s)#.*", "", line) for line in text.splitlines())
        for match in re.finditer(rf"{row.include}{_PATH}", said, re.IGNORECASE | re.MULTILINE):
            path = _said(match)
            path = path if path.startswith("/") else f"{row.base}{path}"
            if "/../" not in path and "$" not in path:
                yield Files(path)


def _said(match: re.Match[str]) -> str:
    return match[1] or match[2] or match[3]


def _absolute(path: str, base: str) -> Optional[str]:
    whole = path if path.startswith("/") else f"{base}{path}" if base else ""
    return None if not whole or re.search(r"[*?\[$]|/\.\.(/|\Z)", whole) else whole
