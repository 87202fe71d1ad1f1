"""What a host's configuration says that it depends on: resolvers, time sources and network mounts.

Sources: resolv.conf(5), also the one that systemd-resolved made where its stub is asked; chrony.conf(5), ntp.conf(5) or
timesyncd.conf(5); fstab(5) and /proc/self/mountinfo; hosts(5) for names of servers.
Yields the Host's `resolvers`, `search_domains` and `time_sources`, and DEPENDS_ON from the host to each address. A name
that is neither an address nor in /etc/hosts stays in the attribute: it is not looked up, since the answer would be that
of the moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agent import mounts
from agent.addresses import address, is_local
from agent.declared import parse_hosts
from agent.fact import Content, Context, File, Files, Material, ParseError
from cmdb.model.classes.host import Host
from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, SUBJECT, Relation

NAME = "dependencies"
VERSION = 1
CLASSES = ("Host",)
RELATIONS = ("DEPENDS_ON",)
LIMITED = False
EVERY = 3
STEADY = True

_RESOLV = "/etc/resolv.conf"
_RESOLVED = "/run/systemd/resolve/resolv.conf"
_CHRONY = ("/etc/chrony/chrony.conf", "/etc/chrony.conf")
_CHRONY_MORE = (
    Files("/etc/chrony/conf.d/*.conf"),
    Files("/etc/chrony/sources.d/*.sources"),
    Files("/etc/chrony.d/*.conf"),
)
_NTP = ("/etc/ntpsec/ntp.conf", "/etc/ntp.conf")
_TIMESYNCD = "/etc/systemd/timesyncd.conf"
_TIMESYNCD_MORE = Files("/etc/systemd/timesyncd.conf.d/*.conf")
_MOUNTS = "/proc/self/mountinfo"
_FSTAB = "/etc/fstab"
_HOSTS = "/etc/hosts"
_PATHS = (_RESOLV, _RESOLVED, *_CHRONY, *_NTP, _TIMESYNCD, _MOUNTS, _FSTAB, _HOSTS)
NEEDS = (*map(File, _PATHS), *_CHRONY_MORE, _TIMESYNCD_MORE)

_STUBS = frozenset({"127.0.0.53", "127.0.0.54"})
"""Where systemd-resolved listens, systemd-resolved.service(8)."""

_MOUNT_PORTS = {"nfs": 2049, "nfs4": 2049, "cifs": 445, "smb3": 445, "smbfs": 445, "ceph": 6789, "glusterfs": 24007}


@dataclass(frozen=True)
class Declared:
    """A server that a configuration names, and where: '/etc/resolv.conf:3'."""

    server: str
    evidence: str


@dataclass(frozen=True)
class Configuration:
    """What was read. `mounts` is (file system type, server) of each network mount; `hosts` has addresses by name."""

    resolvers: list[Declared]
    search: list[str]
    times: list[Declared]
    mounts: list[tuple[str, Declared]]
    hosts: Mapping[str, str]


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:  # noqa: ARG001 - as every fact
    """The host's declared dependencies; raises Unavailable where a file is there and can not be read."""
    return observe(read(material))


def read(material: Material) -> Configuration:
    """The configuration that is in force."""
    resolvers, search = parse_resolv(_text(material, _RESOLV), _RESOLV)
    if resolvers and all(r.server in _STUBS for r in resolvers):
        behind = material.optional(_RESOLVED)
        if behind is not None:
            resolvers, search = parse_resolv(behind.text, _RESOLVED)
    table = material.file(_MOUNTS).data.decode("utf-8", "surrogateescape")
    return Configuration(
        resolvers,
        search,
        _times(material),
        _mounts(table, _text(material, _FSTAB)),
        parse_hosts(_text(material, _HOSTS)),
    )


def parse_resolv(text: str, path: str) -> tuple[list[Declared], list[str]]:
    """(resolvers, search domains) from resolv.conf; of several search lines the last counts.

    Raises ParseError, quoting the line, where a nameserver is no address.
    """
    resolvers, search = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = re.sub(r"[#;].*", "", line).split()
        if len(words) > 1 and words[0] == "nameserver":
            if address(words[1]) is None:
                raise ParseError(f"{path}:{number}: not understood: {line[:200]!r}")
            resolvers.append(Declared(words[1], f"{path}:{number}"))
        elif len(words) > 1 and words[0] in ("search", "domain"):
            search = [w for w in words[1:] if w != "."]
    return resolvers, search


def parse_ntp(text: str, path: str) -> list[Declared]:
    """Servers, pools and peers from the configuration of chrony or ntpd; reference clocks of the host are none."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = re.sub(r"[#!;%].*", "", line).split()
        names = [w for w in words[1:] if not w.startswith("-")]
        if words and words[0].lower() in ("server", "pool", "peer") and names and not names[0].startswith("127.127."):
            found.append(Declared(names[0], f"{path}:{number}"))
    return found


def parse_timesyncd(texts: Mapping[str, str]) -> list[Declared]:
    """Servers of NTP= lines from timesyncd.conf and the files that add to it, texts by path in the order in which they
    are read; an empty line drops what came before."""
    found: list[Declared] = []
    for path, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            name, equals, value = line.partition("=")
            if equals and name.strip() == "NTP":
                named = [Declared(server, f"{path}:{number}") for server in value.split()]
                found = found + named if named else []
    return found


def parse_fstab(text: str) -> list[tuple[str, str, Declared]]:
    """(source, type, declared) of the network mounts of fstab that are mounted without being asked for."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if len(words) < 3 or words[0].startswith("#") or not mounts.is_network(words[2]):
            continue
        if "noauto" not in (words[3] if len(words) > 3 else "").split(","):
            found += [(words[0], words[2], Declared(s, f"{_FSTAB}:{number}")) for s in servers(words[0], words[2])]
    return found


def servers(source: str, type_name: str) -> list[str]:
    """Servers that the source of a network mount names: //server/share, server:/path, [2001:db8::1]:/path,
    https://server/path, mon1:6789,mon2:/path, 10.0.0.1@tcp:/lustre. A mount from the hypervisor (9p) names none."""
    if type_name == "9p":
        return []
    if source.startswith("//") or "://" in source:
        host = source.partition("//")[2].partition("/")[0]
    else:
        host = source.partition(":/")[0] if ":/" in source else source.rpartition(":")[0]
    found = []
    for part in host.split(","):
        server = part.partition("@")[0] if type_name == "lustre" else part.rpartition("@")[2]
        match = re.fullmatch(r"\[([^\]]+)\](?::\d+)?|([^:]+)(?::\d+)?", server)
        found += [match[1] or match[2]] if match else []
    return found


def observe(found: Configuration) -> Iterator[CI | Relation]:
    """What the CMDB should know of it."""
    yield Host(
        resolvers=sorted({d.server for d in found.resolvers}),
        search_domains=sorted(set(found.search)),
        time_sources=sorted({d.server for d in found.times}),
    )
    several = len({d.server for d in found.resolvers}) > 1
    edges = [(d, "udp", 53, "resolver", "soft" if several else "hard") for d in found.resolvers]
    edges += [(d, "udp", 123, "time source", "soft") for d in found.times]
    edges += [(d, "tcp", _MOUNT_PORTS.get(t, 0), "network mount", "hard") for t, d in found.mounts]
    merged: dict[tuple[str, str, int, str, str], list[str]] = {}
    for declared, protocol, port, why, strength in edges:
        held = address(found.hosts.get(declared.server.lower(), declared.server))
        if held is not None and not is_local(held):
            merged.setdefault((str(held), protocol, port, why, strength), []).append(declared.evidence)
    for (host, protocol, port, why, strength), evidence in merged.items():
        target = {"address": host, "protocol": protocol, "port": port} if port else {"address": host}
        shown = ", ".join(dict.fromkeys(evidence))
        yield Relation("DEPENDS_ON", SUBJECT, target, {"why": why, "evidence": shown, "strength": strength})


def _times(material: Material) -> list[Declared]:
    """Sources of chrony or ntpd where one is configured, else of systemd-timesyncd, which steps back behind them."""
    for paths, more in ((_CHRONY, _CHRONY_MORE), (_NTP, ())):
        texts = {path: c.text for path in paths for c in [material.optional(path)] if c is not None}
        if texts:
            for need in more:
                texts.update(_texts(material, need))
            return [declared for path, text in texts.items() for declared in parse_ntp(text, path)]
    return parse_timesyncd({_TIMESYNCD: _text(material, _TIMESYNCD), **_texts(material, _TIMESYNCD_MORE)})


def _mounts(table: str, fstab: str) -> list[tuple[str, Declared]]:
    """Network mounts of fstab, with the address in use where they are mounted, and others that are mounted."""
    listed = parse_fstab(fstab)
    found: list[tuple[str, Declared]] = []
    in_use: dict[str, str] = {}
    for mount in mounts.parse(table):
        if not mounts.is_network(mount.type):
            continue
        options = dict(option.partition("=")[::2] for option in mount.super_options)
        for server in servers(mount.source, mount.type):
            in_use[server] = options.get("addr", server)
            if not any(source.rstrip("/") == mount.source.rstrip("/") for source, _, _ in listed):
                found.append((mount.type, Declared(in_use[server], f"{_MOUNTS}: {mount.point}")))
    return [(t, Declared(in_use.get(d.server, d.server), d.evidence)) for _, t, d in listed] + found


def _text(material: Material, path: str) -> str:
    content = material.optional(path)
    return content.text if content is not None else ""


def _texts(material: Material, need: Files) -> dict[str, str]:
    return {path: c.text for path, c in material.files(need).items() if isinstance(c, Content)}
