"""Linux, and what Cumulus Linux and SONiC have beside it, as recordings have them.

Sources: hostnamectl(1), `ip -d address`, `ip route show table all`, lldpctl(8) in text or JSON (`net show lldp json` of Cumulus),
bridge(8), `net show clag json`. A Linux that can be signed in to is looked at by the facts of the agent; the subject is a Host
here as there, so that both tell of one CI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from agent import adjacencies, bridge, lldpd
from agent.fact import Inapplicable, ParseError
from agent.facts import network
from agent.facts.neighbours import partners
from agent.facts.network import Network
from agent.iproute import Interface, parse_addresses, parse_routes
from cmdb.model.classes.host import Host
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from cmdb.model.identity import host_name
from cmdb.model.values import Value
from collector.cli import observed
from collector.cli.answers import Answers, Question, word
from collector.cli.system import Part, System

QUESTIONS = (
    Question("host", ("hostnamectl",)),
    Question("addresses", ("ip -d address",), ("ip -d address show", "ip -d addr show", "ip address show")),
    Question("routes", ("ip route show table all",)),
    Question("lldp", ("lldpctl -f json",), ("*lldpctl", "net show lldp json", "show lldp neighbors")),
    Question("stations", ("bridge fdb show",), ("*bridge fdb show",)),
    Question("vlans", ("bridge -c vlan show",), ("*bridge -c vlan show", "*bridge vlan show")),
    Question("clag", ("net show clag json",), ("*net show clag json",)),
)

_IDS = {
    "ubuntu": "ubuntu", "debian gnu/linux": "debian", "cumulus linux": "cumulus-linux", "centos linux": "centos",
    "red hat enterprise linux": "rhel", "rocky linux": "rocky", "fedora": "fedora", "almalinux": "almalinux",
}  # fmt: skip
"""ID of os-release(5) by the name that hostnamectl prints."""

_OTHER = re.compile(r"(?!\d+: |\s|ad_)\S")
"""How no line of `ip address` begins."""

_MACHINES = {"x86-64": "x86_64", "x86": "i686", "arm64": "aarch64"}
"""What uname -m calls the architectures of systemd."""


def parse_host(text: str) -> dict[str, str]:
    """Lines "Name: value" of hostnamectl by name; raises ParseError where there is none of them."""
    found = {}
    for line in text.splitlines():
        name, colon, value = line.strip().partition(": ")
        if colon:
            found[name.strip()] = value.strip()
    if "Machine ID" not in found and "Static hostname" not in found:
        raise ParseError(f"hostnamectl: not understood: {text.strip()[:200]!r}")
    return found


def parse_interfaces(text: str) -> list[Interface]:
    """Interfaces of `ip -d address`; what other commands of one line printed before and behind it is passed over."""
    start = re.search(r"^\d+: \S+: <", text, re.MULTILINE)
    if start is None:
        raise ParseError(f"ip address: no interface in it: {text.strip()[:200]!r}")
    lines = text[start.start() :].splitlines()
    end = next((at for at, line in enumerate(lines) if _OTHER.match(line)), len(lines))
    return parse_addresses("\n".join(lines[:end]))


def parse_clag(document: Any) -> dict[str, str]:
    """What NetworkInterface.mlag says, by port, from `net show clag json`."""
    if not isinstance(document, dict):
        return {}
    status, ports = document.get("status"), document.get("clagIntfs")
    system = observed.mac(status.get("sysMac")) if isinstance(status, dict) else None
    if not isinstance(status, dict) or not system:
        return {}
    found = {word(status.get("peerIf")).partition(".")[0]: f"{system} peer"}
    for name, row in ports.items() if isinstance(ports, dict) else ():
        if isinstance(row, dict) and row.get("clagId"):  # 0 stands for VXLAN, which has no number
            found[name] = f"{system} {word(row.get('clagId'))}"
    return {name: text for name, text in found.items() if name}


def _network(answers: Answers) -> Network:
    routes = []
    if answers.has("routes"):
        # Those of the main table bear no word about their table.
        lines = [line for line in answers.text("routes").splitlines() if " table " not in line]
        routes = parse_routes("\n".join(lines))
    interfaces = parse_interfaces(answers.text("addresses"))
    # How an address came to be is not told; only one that is told to be permanent is taken for that.
    return Network(interfaces, routes, assigned={i.name: 1 for i in interfaces})


def _marks(answers: Answers) -> Mapping[str, Value]:
    host = parse_host(answers.text("host"))
    marks: dict[str, Value] = dict(network.identifying(_network(answers)))
    machine, name = host.get("Machine ID", ""), host_name(host.get("Static hostname"))
    return {k: v for k, v in {**marks, "machine_id": machine, "host_name": name}.items() if v}


def _device(answers: Answers) -> Iterator[CI | Relation]:
    host = parse_host(answers.text("host"))
    name = host.get("Static hostname", "")
    system = host.get("Operating System", "")
    title = re.match(r"\D+", system)
    number = re.search(r"\d+(\.\d+)*", system) or re.search(r"(?<=:)\d+(\.\d+)*\Z", host.get("CPE OS Name", ""))
    kernel = host.get("Kernel", "").split()
    architecture = host.get("Architecture", "")
    yield Host(
        name=name.partition(".")[0] or None,
        os=_IDS.get(title[0].strip().lower()) if title else None,
        os_name=system or None,
        os_version=number[0] if number else None,
        kernel=kernel[0] if kernel else None,
        kernel_release=kernel[1] if len(kernel) > 1 else None,
        architecture=_MACHINES.get(architecture, architecture) or None,
        machine_id=host.get("Machine ID"),
        virtualization=host.get("Virtualization"),
    )


def _interfaces(answers: Answers) -> Iterator[CI | Relation]:
    """As the fact of the agent, with what the bridge and clag tell of ports."""
    vlans = bridge.parse_vlans(answers.text("vlans")) if answers.has("vlans") else {}
    clag = parse_clag(answers.json("clag")) if answers.has("clag") else {}
    for item in network.observe(_network(answers)):
        if not isinstance(item, NetworkInterface):
            yield item
            continue
        membership = vlans.get(item.name or "")
        yield replace(
            item,
            mlag=clag.get(item.name or ""),
            access_vlan=membership.untagged if membership else None,
            tagged_vlans=observed.ranges(membership.tagged) or None if membership else None,
        )


def _neighbours(answers: Answers) -> Iterator[CI | Relation]:
    text = answers.text("lldp")
    lacp = partners(parse_interfaces(answers.text("addresses")))
    if not text.strip():
        if not lacp:
            raise Inapplicable("lldpd does not run on it, and no bond has a partner")
        return adjacencies.observe(lacp)
    return adjacencies.observe([*lldpd.parse(text), *lacp])


def _forwarding(answers: Answers) -> Iterator[CI | Relation]:
    """Ports of bridges; the bridge itself and VXLAN are no ports that a station is behind."""
    entries = bridge.parse_fdb(answers.text("stations"))
    interfaces = parse_interfaces(answers.text("addresses"))
    bridges = {i.name for i in interfaces if i.kind == "bridge"}
    ports = {i.name for i in interfaces if i.master in bridges and i.kind != "vxlan"}
    if not ports:
        raise Inapplicable("it has no bridge with ports")
    return observed.stations(
        ((e.port, e.mac) for e in entries if e.learnt), ports, [m for i in interfaces for m in (i.mac, i.permanent_mac)]
    )


def _vlans(answers: Answers) -> Iterator[CI | Relation]:
    found = bridge.parse_vlans(answers.text("vlans"))
    if not found:
        raise Inapplicable("it has no bridge that knows VLANs")
    vids = {vid for each in found.values() for vid in (each.untagged, *each.tagged) if vid}
    return observed.members(vids, {port: each.untagged for port, each in found.items() if each.untagged})


SYSTEM = System(
    name="linux",
    kinds=("linux", "cumulus", "sonic"),
    subject_class="Host",
    questions=QUESTIONS,
    marks=_marks,
    parts=(
        Part("device", 1, ("Host",), (), ("host",), _device),
        Part("forwarding", 1, (), (), ("stations",), _forwarding),
        Part("interfaces", 1, ("Host", *observed.INTERFACES), ("DEPENDS_ON", *observed.INTERFACE_RELATIONS),
             ("addresses", "routes", "vlans", "clag"), _interfaces),
        Part("neighbours", 1, adjacencies.CLASSES, (), ("lldp",), _neighbours),
        Part("vlans", 1, ("VLAN",), ("MEMBER_OF_VLAN",), ("vlans",), _vlans),
    ),
)  # fmt: skip
