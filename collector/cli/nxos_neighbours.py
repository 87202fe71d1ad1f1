"""Neighbours of NX-OS: `show lldp neighbors [detail]` and `show cdp neighbors [detail]`, see nxos.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agent.adjacencies import Heard, cdp_device_id, cdp_perhaps_serial, id_of
from collector.cli.answers import objects, within, word
from collector.cli.observed import mac

_SHORT = {"eth": "Ethernet", "po": "port-channel", "lo": "loopback", "mgmt": "mgmt", "vlan": "Vlan"}
_CHASSIS = {"cdp": "", "4": "mac", "5": "networkaddress", "1": "chassis component"}
_CAPABILITIES = {
    "B": "bridge", "R": "router", "W": "wlan", "T": "telephone", "S": "station", "P": "repeater", "C": "docsis",
}  # fmt: skip
_CDP_CAPABILITIES = {
    "router": "router",
    "switch": "bridge",
    "trans-bridge": "bridge",
    "host": "station",
    "phone": "telephone",
}


def parse_neighbours(lldp: Any, cdp: Any) -> list[Heard]:
    """Neighbours from `show lldp neighbors [detail]` and `show cdp neighbors [detail]`."""
    return [*_lldp(lldp), *_cdp(cdp)]


def _lldp(document: Any) -> Iterator[Heard]:
    for row in [r for key in ("ROW_nbor", "ROW_nbor_detail") for each in within(document, key) for r in objects(each)]:
        name = word(row.get("sys_name"))
        chassis = id_of(_subtype(row.get("chassis_type")), word(row.get("chassis_id")))
        if not row.get("chassis_type") and mac(row.get("chassis_id")):
            # Without detail NX-OS may print a MAC and not say of what subtype it is; it writes only those with dots.
            chassis = id_of("mac", word(row.get("chassis_id")))
        local = chassis.partition(" ")[2] if chassis.startswith("text ") else ""
        yield Heard(
            protocol="lldp",
            local_port=full(word(row.get("l_port_id"))),
            chassis=chassis,
            port_id=id_of(_subtype(row.get("port_type")), word(row.get("port_id"))),
            port_description=_said(row.get("port_desc")),
            # A chassis id that is assigned locally is, on NX-OS, the name of the neighbour.
            system_name=_said(name) or local,
            system_description=_said(row.get("sys_desc")),
            capabilities=_letters(word(row.get("enabled_capability"))),
            addresses=tuple(sorted({word(row.get("mgmt_addr"))} - {"", "not advertised"})),
        )


def _cdp(document: Any) -> Iterator[Heard]:
    keys = ("ROW_cdp_neighbor_brief_info", "ROW_cdp_neighbor_detail_info")
    for row in [r for key in keys for each in within(document, key) for r in objects(each)]:
        name, serial = cdp_device_id(word(row.get("device_id")))
        capabilities = row.get("capability")
        texts = capabilities if isinstance(capabilities, list) else str(capabilities or "").split()
        found = {_CDP_CAPABILITIES.get(str(text).strip().lower()) for text in texts}
        hosts = {word(row.get(key)) for key in ("v4mgmtaddr", "v4addr", "v6mgmtaddr", "v6addr")}
        yield Heard(
            protocol="cdp",
            local_port=word(row.get("intf_id")),
            port_id=id_of("", word(row.get("port_id"))),
            system_name=word(row.get("sysname")) or name,
            system_description=word(row.get("version")),
            platform=word(row.get("platform_id")),
            serial=serial,
            perhaps_serial=cdp_perhaps_serial(word(row.get("device_id"))),
            capabilities=tuple(sorted(c for c in found if c)),
            addresses=tuple(sorted(h for h in hosts if h.strip("0."))),
        )


def full(name: str) -> str:
    """The interface name that a short one stands for: Eth1/1, Po3."""
    short = re.match(r"([A-Za-z]+)([\d/.]+)\Z", name)
    return f"{_SHORT[short[1].lower()]}{short[2]}" if short and short[1].lower() in _SHORT else name


def _subtype(found: Any) -> str:
    text = word(found).lower()
    return _CHASSIS.get(text, text)


def _said(found: Any) -> str:
    text = word(found)
    return "" if text.lower() in ("null", "not advertised") else text


def _letters(found: str) -> tuple[str, ...]:
    """Capabilities by their letters: "BR", "B, R"."""
    return tuple(sorted({_CAPABILITIES.get(c, "other") for c in found if c.isalpha()})) if found.isupper() else ()
