"""What configuration says that a host depends on: targets with file and line, and the edges that they make.

A name that is neither an address nor in hosts(5) stays text: it is not looked up, since the answer would be that of the
moment. Of a URL (RFC 3986 section 3.2) user and password are dropped before anything is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

from agent.addresses import address, is_local
from agent.fact import Content, Context, Files, Material, Unavailable
from cmdb.model.declaration import SUBJECT, Relation

HOSTS = "/etc/hosts"
PORTS: Mapping[str, int] = {
    "http": 80,
    "https": 443,
    "grpc": 80,
    "grpcs": 443,
    "ajp": 8009,
    "ldap": 389,
    "ldaps": 636,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mysql2": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "redis": 6379,
    "rediss": 6379,
    "valkey": 6379,
    "amqp": 5672,
    "amqps": 5671,
    "sqlserver": 1433,
    "mssql": 1433,
    "clickhouse": 9000,
    "nats": 4222,
    "kafka": 9092,
}
"""Port of a scheme where a URL names none."""

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?P<user>[^\s/?#]*@)?(?P<hosts>[^\s/?#\"'`;@]+)(?P<rest>[^\s\"'`;]*)"
)
_HOST = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<name>[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_.])?))(?::(?P<port>\d{1,5}))?\Z"
)


@dataclass(frozen=True)
class Target:
    """A server that a configuration names; `port` is 0 where nothing tells. `evidence` is '/etc/haproxy/haproxy.cfg:12'."""

    server: str
    port: int
    why: str
    evidence: str
    hard: bool = True
    protocol: str = "tcp"

    @property
    def shown(self) -> str:
        """'db1.example.org:5432', '[2001:db8::1]:5432'."""
        name = f"[{self.server}]" if ":" in self.server else self.server
        return f"{name}:{self.port}" if self.port else name


def end(text: str, default: int = 0) -> Optional[tuple[str, int]]:
    """(server, port) of "host", "host:port", "[2001:db8::1]:port" or an address; None of a path, a variable or nonsense."""
    match = _HOST.match(text)
    if match:
        port = int(match["port"] or default)
        return (match["six"] or match["name"], port) if port < 65536 else None
    return (text, default) if address(text) is not None else None


def ends(url: str) -> list[tuple[str, str, int]]:
    """(scheme, server, port) of each server of a URL; several stand with commas between them (MongoDB, PostgreSQL)."""
    match = _URL.match(url)
    # An @ behind the first slash, ? or # may end a password that has one in it: then nothing of it may be kept.
    if not match or (not match["user"] and "@" in match["rest"]):
        return []
    scheme = match["scheme"].lower()
    found = (end(part, PORTS.get(scheme.partition("+")[0], 0)) for part in match["hosts"].split(","))
    return [(scheme, *each) for each in found if each]


def edges(targets: Iterable[Target], hosts: Mapping[str, str]) -> Iterator[Relation]:
    """DEPENDS_ON from the host to each target whose address is known; `hosts` has addresses by name."""
    merged: dict[tuple[str, str, int], list[Target]] = {}
    for each in targets:
        held = address(hosts.get(each.server.lower(), each.server))
        if held is not None and not is_local(held):
            merged.setdefault((str(held), each.protocol, each.port), []).append(each)
    for (host, protocol, port), same in merged.items():
        target = {"address": host, "protocol": protocol, "port": port} if port else {"address": host}
        told = {
            "why": ", ".join(dict.fromkeys(t.why for t in same)),
            "evidence": ", ".join(dict.fromkeys(t.evidence for t in same)),
            "strength": "hard" if any(t.hard for t in same) else "soft",
        }
        yield Relation("DEPENDS_ON", SUBJECT, target, told)


def parse_hosts(text: str) -> dict[str, str]:
    """Address by name from /etc/hosts; the first line that has a name counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        held = address(words[0]) if words else None
        for name in words[1:] if held is not None else ():
            found.setdefault(name.lower(), str(held))
    return found


def hosts(material: Material) -> dict[str, str]:
    """Addresses by name of this host, none where it has no such file."""
    found = material.optional(HOSTS)
    return parse_hosts(found.text if found else "")


def texts(needs: Iterable[Files], material: Material, context: Context) -> Iterator[tuple[str, str]]:
    """(path, text) of configuration files. Raises Unavailable where root may not read one; an ordinary user goes without."""
    for need in needs:
        for path, content in material.files(need).items():
            if isinstance(content, Content):
                yield path, content.text
            elif context.privilege == "full" and content.kind != "absent":
                raise Unavailable(content.reason)


def lines(text: str, comment: str = "#") -> Iterator[tuple[int, str]]:
    """Lines with their numbers, comments and blank ones left out; `comment` are the characters that begin one."""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and stripped[0] not in comment:
            yield number, re.sub(r"\s#.*", "", line) if "#" in comment else line
