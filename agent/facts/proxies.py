"""Proxies that a host is told to go through.

Sources: http_proxy and its kin in /etc/environment (environment(7)), /etc/profile.d, /etc/sysconfig/proxy and drop-ins of
systemd's units; Acquire::*::Proxy of apt.conf(5); proxy of yum.conf(5) and dnf.conf(5); wgetrc; parents of Squid (cache_peer).
Yields the Host's `proxies` and DEPENDS_ON to each whose address is known. Of each only server and port are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent import declared
from agent.declared import Target
from agent.fact import Context, File, Files, Material
from cmdb.model.classes.host import Host
from cmdb.model.declaration import CI, Relation

NAME = "proxies"
VERSION = 1
CLASSES = ("Host",)
RELATIONS = ("DEPENDS_ON",)
LIMITED = True
STEADY = True
EVERY = 12

_FILES = tuple(
    Files(pattern)
    for pattern in (
        "/etc/environment",
        "/etc/environment.d/*.conf",
        "/etc/profile.d/*.sh",
        "/etc/sysconfig/proxy",
        "/etc/systemd/system.conf.d/*.conf",
        "/etc/systemd/system/*.service.d/*.conf",
        "/etc/apt/apt.conf",
        "/etc/apt/apt.conf.d/*",
        "/etc/yum.conf",
        "/etc/dnf/dnf.conf",
        "/etc/wgetrc",
    )
)
_SQUID = (Files("/etc/squid/squid.conf"), Files("/etc/squid/conf.d/*.conf"))
NEEDS = (*_FILES, *_SQUID, File(declared.HOSTS))

_VARIABLE = re.compile(r"\b(?:https?|ftp|all)_proxy\s*=\s*[\"']?(\S+)", re.IGNORECASE)
_APT = re.compile(r"\bAcquire::(?:\w+::)+Proxy(?:::[\w.\-]+)?\s+\"([^\"]+)\"", re.IGNORECASE)
_APT_BLOCK = re.compile(r"\bProxy\s+\"([^\"]+)\"")
_YUM = re.compile(r"\s*proxy\s*=\s*(\S+)")
_PEER = re.compile(r"\s*cache_peer\s+(\S+)\s+parent\s+(\d+)")


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:
    """Proxies, an empty list where none is set; raises Unavailable where root may not read a file."""
    found = [t for path, text in declared.texts(_FILES, material, context) for t in parse(text, path)]
    found += [t for path, text in declared.texts(_SQUID, material, context) for t in parse_squid(text, path)]
    return observe(found, declared.hosts(material))


def parse(text: str, path: str) -> list[Target]:
    """Proxies of one file."""
    patterns = (
        (_APT, _APT_BLOCK) if "/apt/" in path else (_YUM,) if path.endswith(("yum.conf", "dnf.conf")) else (_VARIABLE,)
    )
    found = []
    for number, line in declared.lines(re.sub(r"(?m)^\s*//.*$", "", text)):
        said = next((m[1] for pattern in patterns if (m := pattern.search(line))), "").rstrip("\"';")
        url = said if "://" in said else f"http://{said}"
        if said and "$" not in said and said.upper() not in ("DIRECT", "_NONE_", "FALSE"):
            found += [Target(server, port, "proxy", f"{path}:{number}") for _, server, port in declared.ends(url)]
    return found


def parse_squid(text: str, path: str) -> list[Target]:
    """Parents that Squid asks in its turn."""
    found = []
    for number, line in declared.lines(text):
        match = _PEER.match(line)
        held = declared.end(match[1], int(match[2])) if match and int(match[2]) < 65536 else None
        if held:
            found.append(Target(*held, "parent proxy", f"{path}:{number}"))
    return [Target(t.server, t.port, t.why, t.evidence, len(found) == 1) for t in found]


def observe(targets: list[Target], hosts: dict[str, str]) -> Iterator[CI | Relation]:
    """What the CMDB should know of them."""
    yield Host(proxies=sorted({t.shown for t in targets}))
    yield from declared.edges(targets, hosts)
