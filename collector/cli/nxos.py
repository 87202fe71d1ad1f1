"""NX-OS of Cisco Nexus switches.

Source: "show ... | json native" (objects and numbers; NX-OS 9.2 and later), else "| json" (texts throughout), Cisco Nexus 9000
Series NX-OS Programmability Guide, "NX-API CLI"; a table of one row may be an object in the place of a list. `show interface` is
read as text too, as recordings have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent import adjacencies
from agent.fact import Inapplicable, ParseError, Unavailable
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from cmdb.model.values import Value
from collector.cli import observed
from collector.cli.answers import Answers, Question, expected, number, objects, within, word
from collector.cli.nxos_inventory import board, parse_modules, serial_number
from collector.cli.nxos_neighbours import full, parse_neighbours
from collector.cli.observed import mac
from collector.cli.system import Part, System

_JSON = ("{} | json native", "{} | json")


_MAY_BE_EMPTY = frozenset({"addresses6", "lldp", "cdp", "stations"})
"""Tables for which a device in good order may print nothing. There always are ports, VLAN 1 and a chassis."""


def _json(name: str, *commands: str, may_be_blank: bool = False) -> Question:
    every = tuple(form.format(command) for command in commands for form in _JSON)
    return Question(name, every, may_be_blank=may_be_blank or name in _MAY_BE_EMPTY)


QUESTIONS = (
    _json("version", "show version"),
    _json("brief", "show interface brief"),
    _json("interfaces", "show interface"),
    _json("addresses", "show ip interface vrf all"),
    _json("addresses6", "show ipv6 interface vrf all"),
    _json("lldp", "show lldp neighbors detail", "show lldp neighbors"),
    _json("cdp", "show cdp neighbors detail", "show cdp neighbors"),
    _json("stations", "show mac address-table"),
    _json("vlans", "show vlan brief"),
    _json("vpc", "show vpc"),
    _json("vpc_role", "show vpc role", may_be_blank=True),  # where no domain is set up
    _json("inventory", "show inventory"),
)

_EXTENDER_PORT = re.compile(r"Ethernet1\d\d/\d{1,2}/\d{1,2}")
_HEAD = re.compile(r"(\S+) is (up|down)\b(.*)")
_KINDS = (
    (re.compile(r"(Ethernet|mgmt)[\d/]+\Z"), "physical"), (re.compile(r"port-channel\d+\Z"), "bond"),
    (re.compile(r"Vlan\d+\Z"), "vlan"), (re.compile(r"loopback\d+\Z"), "loopback"), (re.compile(r"nve\d+\Z"), "vxlan"),
    (re.compile(r"(Ethernet|port-channel)[\d/]+\.\d+\Z"), "vlan"), (re.compile(r"[Tt]unnel\d+\Z"), "tunnel"),
)  # fmt: skip
_UNKNOWN_SPEED = 65_535_000_000
"""What a management port tells whose speed is not known."""


@dataclass(frozen=True, slots=True)
class Port:
    """What `show interface` tells of a port."""

    name: str
    up: bool
    why: str = ""
    enabled: bool | None = None
    mac: str | None = None
    burnt_in: str | None = None
    mtu: int | None = None
    speed_bps: int | None = None
    alias: str = ""


def parse_interfaces(found: Any) -> dict[str, Port]:
    """`show interface` by name, from its JSON or its text; raises ParseError."""
    return _ports_of_text(found) if isinstance(found, str) else _ports_of_json(found)


def _ports_of_json(document: Any) -> dict[str, Port]:
    ports = {}
    for row in [r for each in within(document, "ROW_interface") for r in objects(each)]:
        name = word(row.get("interface"))
        kbit = number(row.get("eth_bw") or row.get("loop_in_bw") or row.get("svi_bw"))
        state = word(row.get("state") or row.get("svi_line_proto"))
        admin = word(row.get("admin_state") or row.get("svi_admin_state"))
        why = word(row.get("state_rsn_desc") or row.get("svi_rsn_desc"))
        if name:
            ports[name] = Port(
                name=name,
                up=state == "up",
                why=why,
                enabled=admin == "up" if admin else None,
                mac=mac(row.get("eth_hw_addr") or row.get("svi_mac")),
                burnt_in=mac(row.get("eth_bia_addr")),
                mtu=number(row.get("eth_mtu") or row.get("svi_mtu") or row.get("loop_mtu") or row.get("mtu")),
                speed_bps=kbit * 1000 if kbit else None,
                alias=word(row.get("desc") or row.get("svi_desc")),
            )
    return ports


def _ports_of_text(text: str) -> dict[str, Port]:
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if _HEAD.match(line) and not line.startswith("admin state"):
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
        elif line.strip():
            raise ParseError(f"show interface: not understood: {line[:200]!r}")
    return {port.name: port for port in map(_port, blocks)}


def _port(block: list[str]) -> Port:
    head = _HEAD.match(block[0])
    assert head is not None
    body = "\n".join(block[1:])
    address = re.search(r"address(?: is|:)[ \t]+(\S+?)(?: \(bia (\S+?)\))?(?:\s|\Z)", body)
    admin = re.search(r"admin state is (\w+)", body)
    bandwidth = re.search(r"\bBW (\d+) Kbit", body)
    mtu = re.search(r"\bMTU (\d+) bytes", body)
    alias = re.search(r"^[ \t]*Description: (.*)$", body, re.MULTILINE)
    return Port(
        name=head[1],
        up=head[2] == "up",
        why=head[3].partition("(")[2].partition(")")[0],
        enabled=admin[1] == "up" if admin else "Administratively down" not in head[3],
        mac=mac(address[1]) if address else None,
        burnt_in=mac(address[2]) if address and address[2] else None,
        mtu=int(mtu[1]) if mtu else None,
        speed_bps=int(bandwidth[1]) * 1000 if bandwidth else None,
        alias=alias[1].strip() if alias else "",
    )


def parse_addresses(document: Any, document6: Any) -> dict[str, list[str]]:
    """Addresses by interface from `show ip interface vrf all` and `show ipv6 interface vrf all`. An unnumbered interface has the
    address of the one that it is said to borrow from."""
    rows = [r for each in within(document, "ROW_intf") for r in objects(each)]
    held: dict[str, list[str]] = {}
    lent: dict[str, str] = {}
    for row in rows:
        name = word(row.get("intf-name"))
        found = held.setdefault(name, [])
        for prefix, length in [
            (row.get("prefix"), row.get("masklen")),
            *((r.get("prefix1"), r.get("masklen1")) for r in _rows(row, "secondary_address")),
        ]:
            if word(prefix) and number(length) is not None:
                found.append(f"{word(prefix)}/{number(length)}")
        if word(row.get("unnum-intf")):
            lent[name] = word(row.get("unnum-intf"))
    for name, lender in lent.items():
        held[name] = held[name] or held.get(lender, [])
    for row in [r for each in within(document6, "ROW_intf") for r in objects(each)]:
        name = word(row.get("intf-name"))
        local = word(row.get("linklocal-addr") or row.get("link-local"))
        texts = [
            word(a) for key in ("addr", "ipv6-address", "address") for each in within(row, key) for a in _flat(each)
        ]
        found = held.setdefault(name, [])
        found += [t for t in [*texts, local] if "/" in t and ":" in t and t not in found]
    return {name: found for name, found in held.items() if name and found}


def parse_stations(document: Any) -> list[tuple[str, str]]:
    """(port, MAC) as learnt, from `show mac address-table`: what was set up and what VXLAN brings is not behind a port."""
    rows = [r for each in within(document, "ROW_mac_address") for r in objects(each)]
    found = []
    for row in rows:
        address, port = mac(row.get("disp_mac_addr")), word(row.get("disp_port"))
        if address and word(row.get("disp_type")).lower() == "dynamic" and "(" not in port:
            found.append((full(port), address))
    return found


def parse_vlans(document: Any) -> dict[int, tuple[str, list[str]]]:
    """(name, member ports) by VLAN id, from `show vlan brief`."""
    found = {}
    for row in [r for each in within(document, "ROW_vlanbriefxbrief") for r in objects(each)]:
        vid = number(row.get("vlanshowbr-vlanid"))
        if vid:
            ports = row.get("vlanshowplist-ifidx")
            texts = ports if isinstance(ports, list) else [ports]
            members = [p.strip() for text in texts for p in word(text).split(",") if p.strip()]
            found[vid] = word(row.get("vlanshowbr-vlanname")), members
    return found


def parse_vpc(document: Any, role: Any) -> dict[str, str]:
    """What NetworkInterface.mlag says, by port, from `show vpc` and `show vpc role`."""
    system = mac(next(iter(within(role, "vpc-system-mac")), None))
    found: dict[str, str] = {}
    if not system and (_rows(document, "peerlink") or _rows(document, "vpc")):
        raise ParseError(f"show vpc role: no system MAC in it: {str(role)[:200]!r}")
    if system:
        for row in _rows(document, "peerlink"):
            found[full(word(row.get("peerlink-ifindex")))] = f"{system} peer"
        for row in _rows(document, "vpc"):
            found[full(word(row.get("vpc-ifindex")))] = f"{system} {word(row.get('vpc-id'))}"
    return {port: text for port, text in found.items() if port}


def _marks(answers: Answers) -> Mapping[str, Value]:
    """Where the inventory failed the serial number is not known for sure, and others are enough to know the device again."""
    marks: dict[str, Value] = {"vendor": "Cisco"}
    ports = list(_interfaces(answers)) if answers.has("interfaces") else []
    # A fabric extender (Ethernet101/1/7) hangs on two switches, which both tell of its ports as theirs.
    macs = observed.own_macs([port for port in ports if not _EXTENDER_PORT.fullmatch(port.name or "")])
    try:
        serial = serial_number(answers)
    except Unavailable:
        serial = "" if macs else board(answers)
    if serial:
        marks["serials"] = [serial]
    if macs:
        marks["macs"] = macs
    return marks


def _device(answers: Answers) -> Iterator[CI | Relation]:
    version = answers.json("version")
    if not isinstance(version, dict) or not (version.get("host_name") or version.get("chassis_id")):
        raise ParseError(f"show version: not understood: {str(version)[:200]!r}")
    times = [number(version.get(f"kern_uptm_{unit}")) for unit in ("days", "hrs", "mins", "secs")]
    uptime = sum(n * s for n, s in zip(times, (86400, 3600, 60, 1), strict=True) if n is not None)
    yield NetworkDevice(
        name=word(version.get("host_name")).partition(".")[0] or None,
        vendor="Cisco",
        product=word(version.get("chassis_id")) or None,
        serial=serial_number(answers) or None,
        os="nxos",
        os_version=word(version.get("nxos_ver_str") or version.get("sys_ver_str") or version.get("kickstart_ver_str"))
        or None,
        uptime_seconds=uptime if any(n is not None for n in times) else None,
    )


def _interfaces(answers: Answers) -> Iterator[NetworkInterface]:
    brief = {
        word(row.get("interface")): row
        for each in within(_table(answers, "brief"), "ROW_interface")
        for row in objects(each)
        if word(row.get("interface"))
    }
    text = answers.text("interfaces")
    ports = parse_interfaces(answers.json("interfaces") if text.lstrip()[:1] in ("{", "[") else text)
    if not ports:
        raise ParseError("show interface: no interface in it")
    held = parse_addresses(
        _table(answers, "addresses"), _table(answers, "addresses6") if answers.has("addresses6") else {}
    )
    members = parse_vlans(_table(answers, "vlans")) if answers.has("vlans") else {}
    vpc = (
        parse_vpc(_table(answers, "vpc"), answers.json("vpc_role"))
        if answers.has("vpc") and answers.has("vpc_role")
        else {}
    )
    lower: dict[str, list[str]] = {}
    for name, row in brief.items():
        if number(row.get("portchan")):
            lower.setdefault(f"port-channel{number(row['portchan'])}", []).append(name)
    for name in dict.fromkeys([*ports, *brief]):
        port, row = ports.get(name), brief.get(name, {})
        kind = next((kind for shape, kind in _KINDS if shape.match(name)), None)
        mode, native = word(row.get("portmode")), number(row.get("vlan"))
        yield NetworkInterface(
            name=name,
            kind=kind,
            mac=port.mac if port else None,
            permanent_mac=port.burnt_in if port and port.burnt_in != port.mac else None,
            mtu=port.mtu if port else None,
            enabled=_enabled(port, row),
            link=("up" if port.up else "down") if port else None,
            speed_bps=port.speed_bps
            if port and kind in ("physical", "bond") and port.speed_bps != _UNKNOWN_SPEED
            else None,
            master=f"port-channel{number(row['portchan'])}" if number(row.get("portchan")) else None,
            lower=sorted(lower.get(name, [])) or ([name.rpartition(".")[0]] if "." in name else None),
            mlag=vpc.get(name),
            vlan=_vlan(name, native) if kind == "vlan" else None,
            alias=port.alias or None if port else None,
            access_vlan=native if mode in ("access", "trunk") else None,
            tagged_vlans=observed.ranges(v for v, (_, those) in members.items() if name in those and v != native)
            if mode == "trunk"
            else None,
            addresses=sorted(set(held.get(name, []))),
        )


def _vlan(name: str, told: int | None) -> int | None:
    """Of Vlan10 by its name, of Ethernet1/3.2 as told."""
    return number(name[4:]) if name.startswith("Vlan") else told


def _enabled(port: Port | None, row: Mapping[str, Any]) -> bool | None:
    if port is not None and port.enabled is not None:
        return port.enabled
    admin = word(row.get("svi_admin_state"))
    return admin == "up" if admin else None


def _all_interfaces(answers: Answers) -> Iterator[CI | Relation]:
    return observed.addressed(_interfaces(answers))


def _neighbours(answers: Answers) -> Iterator[CI | Relation]:
    """Where neither protocol runs there is none to ask; where one runs its silence is an answer."""
    if answers.refused("lldp", "cdp"):
        raise Inapplicable("neither LLDP nor CDP runs on it")
    lldp, cdp = answers.has("lldp"), answers.has("cdp")
    if not (lldp or cdp):
        answers.json("lldp")  # says why not
    return adjacencies.observe(
        parse_neighbours(_table(answers, "lldp") if lldp else {}, _table(answers, "cdp") if cdp else {})
    )


def _forwarding(answers: Answers) -> Iterator[CI | Relation]:
    interfaces = list(_interfaces(answers))
    switching = {i.name for i in interfaces if i.access_vlan is not None and i.name}
    own = [m for i in interfaces for m in (i.mac, i.permanent_mac)]
    return observed.stations(parse_stations(_table(answers, "stations")), switching, own)


def _vlans(answers: Answers) -> Iterator[CI | Relation]:
    found = parse_vlans(_table(answers, "vlans"))
    untagged = {i.name: i.access_vlan for i in _interfaces(answers) if i.name and i.access_vlan is not None}
    return observed.vlans({vid: name for vid, (name, _) in found.items()}, untagged)


def _hardware(answers: Answers) -> Iterator[CI | Relation]:
    return iter(parse_modules(answers.json("inventory")))


_TABLES = {
    "brief": ("TABLE_interface",), "addresses": ("TABLE_intf",), "addresses6": ("TABLE_intf",),
    "lldp": ("TABLE_nbor", "TABLE_nbor_detail", "neigh_count"),
    "cdp": ("TABLE_cdp_neighbor_brief_info", "TABLE_cdp_neighbor_detail_info", "neigh_count"),
    "stations": ("TABLE_mac_address",), "vlans": ("TABLE_vlanbriefxbrief",),
    "vpc": ("vpc-domain-id", "TABLE_vpc", "TABLE_peerlink"),
}  # fmt: skip


def _table(answers: Answers, name: str) -> Any:
    return expected(answers.json(name), name, *_TABLES[name], empty=name in _MAY_BE_EMPTY)


def _rows(document: Any, table: str) -> list[dict[str, Any]]:
    return [row for each in within(document, f"ROW_{table}") for row in objects(each)]


def _flat(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


SYSTEM = System(
    name="nxos",
    kinds=("nxos",),
    subject_class="NetworkDevice",
    questions=QUESTIONS,
    marks=_marks,
    parts=(
        Part("device", 1, ("NetworkDevice",), (), ("version", "inventory"), _device),
        Part("forwarding", 1, (), (), ("stations",), _forwarding),
        Part("hardware", 1, ("Module",), (), ("inventory",), _hardware),
        Part(
            "interfaces", 1, observed.INTERFACES, observed.INTERFACE_RELATIONS,
            ("brief", "interfaces", "addresses", "addresses6", "vpc", "vpc_role"), _all_interfaces,
        ),
        Part("neighbours", 2, adjacencies.CLASSES, (), ("lldp", "cdp"), _neighbours),
        Part("vlans", 1, ("NetworkDevice", "VLAN"), ("MEMBER_OF_VLAN",), ("vlans",), _vlans),
    ),
)  # fmt: skip
