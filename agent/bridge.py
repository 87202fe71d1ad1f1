"""Text of bridge(8) of iproute2: the forwarding table, and VLANs of ports.

The text is read and not the JSON: iproute2 before 4.14 has no JSON, while the text has kept its shape.
"""

from __future__ import annotations

import re

from agent.fact import ParseError
from cmdb.model.dataclass import dataclass

_ENTRY = re.compile(r"([0-9a-f]{2}(?::[0-9a-f]{2}){5}) dev (\S+)(.*)\Z")
_UNLEARNT = frozenset({"permanent", "static", "self", "extern_learn", "offload", "router"})


@dataclass(frozen=True)
class Entry:
    """One row of a forwarding table. `learnt` is false of what was set up, of what the port itself has, and of what a routing
    protocol brought from other switches (extern_learn)."""

    port: str
    mac: str
    master: str
    learnt: bool
    vlan: int | None = None
    flags: tuple[str, ...] = ()
    remote: str = ""


def parse_fdb(text: str) -> list[Entry]:
    """Rows of `bridge fdb show`, each once; raises ParseError, quoting the line. Rows of 8-octet addresses are left out."""
    found = []
    for line in text.splitlines():
        entry = _ENTRY.match(line.strip())
        if entry is None:
            if line.strip() and not re.match(r"\s*([0-9a-f]{2}:){7,}", line) and " dev " not in line:
                raise ParseError(f"bridge fdb: not understood: {line[:200]!r}")
            continue
        words = entry[3].split()
        named = {name: words[at + 1] for at, name in enumerate(words[:-1]) if name in ("vlan", "master", "dst")}
        values = set(named.values())
        flags = tuple(word for word in words if word not in values and word not in named)
        found.append(
            Entry(
                port=entry[2],
                mac=entry[1],
                master=named.get("master", ""),
                learnt="master" in named and not _UNLEARNT.intersection(flags),
                vlan=int(named["vlan"]) if named.get("vlan", "").isdigit() else None,
                flags=flags,
                remote=named.get("dst", ""),
            )
        )
    return found


@dataclass(frozen=True)
class Membership:
    """VLANs of a port: the one of untagged packets, and those that pass tagged."""

    untagged: int | None
    tagged: tuple[int, ...]


def parse_vlans(text: str) -> dict[str, Membership]:
    """VLANs by port from `bridge [-c] vlan show`; raises ParseError, quoting the line."""
    found: dict[str, list[str]] = {}
    port = ""
    for line in text.splitlines():
        if not line.strip() or line.lower().startswith("port"):
            continue
        name, _, rest = line.partition("\t") if "\t" in line else line.partition(" ")
        if name.strip():
            port = name.strip()
        if not port:
            raise ParseError(f"bridge vlan: not understood: {line[:200]!r}")
        found.setdefault(port, []).append(rest.strip() or "None")
    return {port: _membership(lines) for port, lines in found.items()}


def _membership(lines: list[str]) -> Membership:
    untagged: int | None = None
    tagged: list[int] = []
    for line in lines:
        words = line.split()
        first, _, last = words[0].partition("-")
        if words[0] == "None":
            continue
        if not first.isdigit() or not (last or first).isdigit():
            raise ParseError(f"bridge vlan: not understood: {line[:200]!r}")
        vids = range(int(first), min(int(last or first), 4094) + 1)
        if "PVID" in words and "Untagged" in words:
            untagged = int(first)
        elif "Untagged" not in words:
            tagged += vids
    return Membership(untagged, tuple(tagged))
