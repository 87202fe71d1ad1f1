"""Neighbours as lldpctl of lldpd prints them, lldpcli(8).

JSON comes in two forms: `-f json0` (and what `-f json` was before lldpd 0.9) has a list around everything, `-f json` leaves
lists of one out and takes names for keys (interfaces, chassis). `net show lldp json` of Cumulus is the former. The text is read
where nothing else was kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from agent.addresses import address
from agent.adjacencies import Heard, id_of
from agent.fact import ParseError

_CAPABILITIES = {
    "bridge": "bridge", "router": "router", "wlan": "wlan", "tel": "telephone", "station": "station",
    "repeater": "repeater", "docsis": "docsis", "other": "other",
}  # fmt: skip
_TOLD_BY_OTHERS = frozenset({"cdpv1", "cdpv2", "lldp"})


def parse(text: str) -> list[Heard]:
    """Neighbours from any of the forms. Raises ParseError where it is none of them."""
    stripped = text.strip()
    return parse_json(stripped) if stripped[:1] in ("{", "[") else parse_text(text)


def parse_json(text: str) -> list[Heard]:
    """Neighbours from JSON; raises ParseError. Without neighbours lldpd prints an empty object for the interfaces."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"lldpctl: broken JSON ({error}): {text[:100]!r}") from None
    roots = _each(document.get("lldp")) if isinstance(document, dict) else []
    if not roots:
        raise ParseError(f"lldpctl: no lldp in it: {text[:100]!r}")
    return [heard for root in roots for name, row in _named(root.get("interface")) for heard in _heard(name, row)]


def parse_text(text: str) -> list[Heard]:
    """Neighbours from the text that lldpctl prints; raises ParseError for lines before any interface that are not its head."""
    found: list[list[tuple[str, str]]] = []
    for line in text.splitlines():
        name, colon, value = line.strip().partition(":")
        if not name or set(name) == {"-"} or line.startswith("LLDP neighbors"):
            continue
        if line.startswith("Interface:"):
            found.append([])
        if not found:
            raise ParseError(f"lldpctl: not understood: {line[:200]!r}")
        if colon:
            found[-1].append((name, value.strip()))
    return [heard for block in found for heard in _of_text(block)]


def _of_text(block: list[tuple[str, str]]) -> Iterator[Heard]:
    port, _, via = block[0][1].partition(",")
    named: dict[str, list[str]] = {}
    for name, value in block:
        if name == "LLDP-MED":
            break  # its "Capability" are other things
        named.setdefault(name, []).append(value)
    first = {name: values[0] for name, values in named.items()}
    protocol = _protocol(via.partition("via:")[2].partition(",")[0])
    if protocol:
        yield Heard(
            protocol=protocol,
            local_port=port.strip(),
            chassis=_id(*_two(first.get("ChassisID", ""))),
            port_id=_id(*_two(first.get("PortID", ""))),
            port_description=first.get("PortDescr", ""),
            system_name=first.get("SysName", ""),
            system_description=first.get("SysDescr", ""),
            capabilities=_capabilities(_capability(value) for value in named.get("Capability", ())),
            addresses=_addresses(named.get("MgmtIP", [])),
        )


def _heard(name: str, row: dict[str, Any]) -> Iterator[Heard]:
    protocol = _protocol(str(row.get("via", "")))
    if not protocol:
        return
    for given, chassis in _chassis(row.get("chassis")):
        port: dict[str, Any] = next(iter(_each(row.get("port"))), {})
        told = given or _value(chassis.get("name"))
        platform = _value(chassis.get("descr")).partition(" running on\n")[2] if protocol == "cdp" else ""
        yield Heard(
            protocol=protocol,
            local_port=name,
            chassis=_id(*_typed(chassis.get("id"))),
            port_id=_id(*_typed(port.get("id"))),
            port_description=_value(port.get("descr")),
            system_name=told,
            system_description=_value(chassis.get("descr")),
            platform=platform.strip(),
            capabilities=_capabilities(
                (str(c.get("type", "")), c.get("enabled") is True) for c in _each(chassis.get("capability"))
            ),
            addresses=_addresses(_values(chassis.get("mgmt-ip"))),
        )


def _chassis(found: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, chassis); one without a name stands for itself in both forms."""
    if isinstance(found, dict) and "id" not in found:
        for name, chassis in found.items():
            if isinstance(chassis, dict):
                yield str(name), chassis
        return
    for chassis in _each(found):
        yield "", chassis


def _named(found: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(interface, row) in both forms; several neighbours at an interface are several rows."""
    for each in _each(found):
        if "name" in each and "chassis" in each:
            yield str(each["name"]), each
        else:
            for name, rows in each.items():
                for row in _each(rows):
                    yield str(name), row


def _protocol(via: str) -> str:
    """lldp or cdp. What lldpd hears by the protocols of other makers (EDP, FDP, SONMP) has other meanings."""
    name = via.strip().lower()
    return name.rstrip("v12") if name in _TOLD_BY_OTHERS else ""


def _id(kind: str, value: str) -> str:
    """lldpd has words of its own: mac, ip, ifname, ifalias, port, local, unhandled; "port" is a port component."""
    return id_of("mac" if kind == "mac" else "networkaddress" if kind == "ip" else kind, value)


def _two(text: str) -> tuple[str, str]:
    kind, _, value = text.partition(" ")
    return kind, value


def _typed(found: Any) -> tuple[str, str]:
    each: dict[str, Any] = next(iter(_each(found)), {})
    return str(each.get("type", "")), str(each.get("value", ""))


def _value(found: Any) -> str:
    return next(iter(_values(found)), "")


def _values(found: Any) -> list[str]:
    """Texts of "a", ["a", "b"] or [{"value": "a"}]."""
    members = found if isinstance(found, list) else [found]
    texts = [m.get("value") if isinstance(m, dict) else m for m in members]
    return [t for t in texts if isinstance(t, str)]


def _each(found: Any) -> list[dict[str, Any]]:
    members = found if isinstance(found, list) else [found]
    return [m for m in members if isinstance(m, dict)]


def _capability(text: str) -> tuple[str, bool]:
    name, _, state = text.partition(",")
    return name, state.strip() == "on"


def _capabilities(found: Iterator[tuple[str, bool]] | Any) -> tuple[str, ...]:
    """Those that are in use."""
    return tuple(
        sorted({_CAPABILITIES.get(n.strip().lower(), "other") for n, enabled in found if enabled and n.strip()})
    )


def _addresses(found: list[str]) -> tuple[str, ...]:
    texts = (re.sub(r"\s.*", "", each.strip()) for each in found)
    return tuple(sorted({str(a) for a in map(address, texts) if a is not None}))
