"""Databases and brokers that the configuration of services names by URL.

Sources: URLs (RFC 3986; JDBC's with "jdbc:" in front) in files that set up services: /etc/default, /etc/sysconfig, and *.env,
*.ini, *.properties, *.toml and *.yml in folders of /etc. Of each only scheme, server and port are kept: neither user, password,
database nor options.
Yields the Host's `databases` and DEPENDS_ON to each whose address is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent import declared
from agent.declared import PORTS, Target
from agent.fact import Context, File, Files, Material
from cmdb.model.classes.host import Host
from cmdb.model.declaration import CI, Relation

NAME = "database_urls"
VERSION = 1
CLASSES = ("Host",)
RELATIONS = ("DEPENDS_ON",)
LIMITED = True
STEADY = True
EVERY = 12

_FILES = tuple(
    Files(pattern, 1024 * 1024)
    for pattern in (
        "/etc/default/*",
        "/etc/sysconfig/*",
        "/etc/*.env",
        "/etc/*/*.env",
        "/etc/*/*.ini",
        "/etc/*/*.properties",
        "/etc/*/*.toml",
        "/etc/*/*.yml",
        "/etc/*/*.yaml",
    )
)
NEEDS = (*_FILES, File(declared.HOSTS))

_OTHERS = frozenset({"http", "https", "grpc", "grpcs", "ajp", "ldap", "ldaps"})
_SCHEMES = "|".join(sorted(set(PORTS) - _OTHERS, key=len, reverse=True))
_FOUND = re.compile(rf"(?<![A-Za-z0-9+.\-])(?:jdbc:)?((?:{_SCHEMES})(?:\+[a-z0-9]+)?://[^\s\"'`;<>]+)", re.IGNORECASE)


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:
    """Databases, an empty list where none is named; raises Unavailable where root may not read a file."""
    found = [t for path, text in declared.texts(_FILES, material, context) for t in parse(text, path)]
    return observe(found, declared.hosts(material))


def parse(text: str, path: str) -> list[Target]:
    """Servers of the URLs of one file; of several in one URL each is soft."""
    found = []
    for number, line in declared.lines(text, "#;!"):
        for match in _FOUND.finditer(line):
            held = declared.ends(match[1])
            for scheme, server, port in held:
                found.append(
                    Target(server, port, f"database {scheme.partition('+')[0]}", f"{path}:{number}", len(held) == 1)
                )
    return found


def observe(targets: list[Target], hosts: dict[str, str]) -> Iterator[CI | Relation]:
    """What the CMDB should know of them."""
    yield Host(databases=sorted({f"{t.why.removeprefix('database ')}://{t.shown}" for t in targets}))
    yield from declared.edges(targets, hosts)
