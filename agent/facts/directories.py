"""Directories and authentication servers that a host asks for accounts.

Sources: sssd.conf(5) with sssd-ldap(5), sssd-krb5(5), sssd-ipa(5) and sssd-ad(5); nslcd.conf(5); ldap.conf(5); krb5.conf(5).
Yields the Host's `directories` and DEPENDS_ON to each whose address is known; of several of a kind each is soft. Passwords in
these files are never kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent import declared
from agent.declared import Target
from agent.fact import Context, File, Files, Material
from cmdb.model.classes.host import Host
from cmdb.model.declaration import CI, Relation

NAME = "directories"
VERSION = 1
CLASSES = ("Host",)
RELATIONS = ("DEPENDS_ON",)
LIMITED = True
STEADY = True
EVERY = 12

_FILES = tuple(
    Files(pattern)
    for pattern in (
        "/etc/sssd/sssd.conf",
        "/etc/sssd/conf.d/*.conf",
        "/etc/nslcd.conf",
        "/etc/ldap/ldap.conf",
        "/etc/openldap/ldap.conf",
        "/etc/ldap.conf",
        "/etc/krb5.conf",
        "/etc/krb5.conf.d/*",
    )
)
NEEDS = (*_FILES, File(declared.HOSTS))

_KINDS = {
    "ldap_uri": ("directory", 389),
    "ldap_backup_uri": ("directory", 389),
    "uri": ("directory", 389),
    "host": ("directory", 389),
    "ipa_server": ("directory", 389),
    "ipa_backup_server": ("directory", 389),
    "ad_server": ("directory", 389),
    "ad_backup_server": ("directory", 389),
    "krb5_server": ("Kerberos", 88),
    "krb5_backup_server": ("Kerberos", 88),
    "kdc": ("Kerberos", 88),
}
"""What a setting names, and the port where it names none."""
_SETTING = re.compile(r"\s*([A-Za-z_0-9]+)\s*(?:=\s*|\s+)(.+)")


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:
    """Directories, an empty list where there is none; raises Unavailable where root may not read a file."""
    found = [t for path, text in declared.texts(_FILES, material, context) for t in parse(text, path)]
    return observe(found, declared.hosts(material))


def parse(text: str, path: str) -> list[Target]:
    """Servers of one file; "_srv_" (found by DNS at each start) names none."""
    found = []
    for number, line in declared.lines(text, "#;"):
        match = _SETTING.match(line)
        kind, port = _KINDS.get(match[1].lower(), ("", 0)) if match else ("", 0)
        if not match or not kind or (match[1].lower() == "host" and "ldap.conf" not in path):
            continue
        for word in re.split(r"[\s,]+", match[2].strip()):
            if word.startswith(("_srv_", "ldapi:")):
                continue
            one = declared.end(word, port)
            held = [(server, p) for _, server, p in declared.ends(word)] if "://" in word else [one] if one else []
            found += [Target(server, p, kind, f"{path}:{number}") for server, p in held]
    kinds = {kind: {(t.server, t.port) for t in found if t.why == kind} for kind in {t.why for t in found}}
    return [Target(t.server, t.port, t.why, t.evidence, len(kinds[t.why]) == 1) for t in found]


def observe(targets: list[Target], hosts: dict[str, str]) -> Iterator[CI | Relation]:
    """What the CMDB should know of them."""
    yield Host(directories=sorted({f"{t.why} {t.shown}" for t in targets}))
    yield from declared.edges(targets, hosts)
