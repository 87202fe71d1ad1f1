"""Servers that a host sends its log to.

Sources: rsyslog.conf(5) (@host and @@host, omfwd and omrelp, in the old form and in RainerScript), syslog-ng.conf(5) (network,
syslog, tcp, udp of destinations), journal-upload.conf(5).
Yields the Host's `log_targets` and a soft DEPENDS_ON to each whose address is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent import declared
from agent.declared import Target
from agent.fact import Context, File, Files, Material
from cmdb.model.classes.host import Host
from cmdb.model.declaration import CI, Relation

NAME = "log_targets"
VERSION = 1
CLASSES = ("Host",)
RELATIONS = ("DEPENDS_ON",)
LIMITED = True
STEADY = True
EVERY = 12

_RSYSLOG = (Files("/etc/rsyslog.conf"), Files("/etc/rsyslog.d/*.conf"))
_SYSLOG_NG = (Files("/etc/syslog-ng/syslog-ng.conf"), Files("/etc/syslog-ng/conf.d/*.conf"))
_UPLOAD = (Files("/etc/systemd/journal-upload.conf"), Files("/etc/systemd/journal-upload.conf.d/*.conf"))
NEEDS = (*_RSYSLOG, *_SYSLOG_NG, *_UPLOAD, File(declared.HOSTS))

_OLD = re.compile(r"\S+\s+-?(@@?)(?:\([^)]*\))?([^\s;#]+)|\S+\s+:omrelp:([^\s;#]+)")
_ACTION = re.compile(r"\baction\s*\(([^)]*)\)", re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r"\b([\w.]+)\s*=\s*\"([^\"]*)\"")
_DESTINATION = re.compile(r"\b(network|syslog|tcp6?|udp6?)\s*\(\s*\"?([\w.:\-]+)\"?([^()]*(?:\([^()]*\)[^()]*)*)\)")


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:
    """Log servers, an empty list where there is none; raises Unavailable where root may not read a file."""
    found = [t for path, text in declared.texts(_RSYSLOG, material, context) for t in parse_rsyslog(text, path)]
    found += [t for path, text in declared.texts(_SYSLOG_NG, material, context) for t in parse_syslog_ng(text, path)]
    found += [t for path, text in declared.texts(_UPLOAD, material, context) for t in parse_upload(text, path)]
    return observe(found, declared.hosts(material))


def parse_rsyslog(text: str, path: str) -> list[Target]:
    """Servers of actions in both forms."""
    found = []
    for number, line in declared.lines(text):
        match = _OLD.match(line.strip())
        held = declared.end(match[2] or match[3], 2514 if match[3] else 514) if match else None
        if match and held:
            found.append(_target(held, "udp" if match[1] == "@" else "tcp", f"{path}:{number}"))
    for action in _ACTION.finditer(re.sub(r"(?m)^\s*#.*$", "", text)):
        told = {name.lower(): value for name, value in _PARAMETER.findall(action[1])}
        kind = told.get("type", "").lower()
        port = int(told["port"]) if told.get("port", "").isdigit() else 2514 if kind == "omrelp" else 514
        held = declared.end(told.get("target", ""), port) if kind in ("omfwd", "omrelp") else None
        if held:
            protocol = "tcp" if kind == "omrelp" else told.get("protocol", "udp").lower()
            found.append(_target(held, protocol, f"{path}:{text.count(chr(10), 0, text.find(action[0][:20])) + 1}"))
    return found


def parse_syslog_ng(text: str, path: str) -> list[Target]:
    """Servers of destinations; a source that listens has no server in front."""
    found = []
    bare = re.sub(r"(?m)#.*$", "", text)
    for block in re.finditer(r"\bdestination\b[^{]*\{(.*?)\};", bare, re.DOTALL):
        for match in _DESTINATION.finditer(block[1]):
            kind, server, options = match.groups()
            port = re.search(r"\bport\s*\(\s*\"?(\d{1,5})", options)
            transport = re.search(r"\btransport\s*\(\s*\"?(\w+)", options)
            protocol = "udp" if kind.startswith("udp") or (transport and transport[1] == "udp") else "tcp"
            held = declared.end(server, int(port[1]) if port else 601 if kind == "syslog" else 514)
            if held:
                line = bare.count("\n", 0, block.start(1) + match.start()) + 1
                found.append(_target(held, protocol, f"{path}:{line}"))
    return found


def parse_upload(text: str, path: str) -> list[Target]:
    """The server of systemd-journal-upload."""
    found = []
    for number, line in declared.lines(text):
        name, equals, value = line.partition("=")
        if equals and name.strip() == "URL":
            url = value.strip() if "://" in value else f"https://{value.strip()}"
            for _, server, port in declared.ends(url):
                held = (server, port if re.search(r":\d+\Z", url.rstrip("/")) else 19532)
                found.append(_target(held, "tcp", f"{path}:{number}"))
    return found


def observe(targets: list[Target], hosts: dict[str, str]) -> Iterator[CI | Relation]:
    """What the CMDB should know of them."""
    yield Host(log_targets=sorted({f"{t.protocol} {t.shown}" for t in targets}))
    yield from declared.edges(targets, hosts)


def _target(held: tuple[str, int], protocol: str, evidence: str) -> Target:
    return Target(held[0], held[1], "log server", evidence, hard=False, protocol="udp" if protocol == "udp" else "tcp")
