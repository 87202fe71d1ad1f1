"""The estate that links are derived from, read from a store: hosts and devices with their ports and neighbours' words.

Only what can carry others' packets is asked for its readings: the stations of its ports, and the indexes by which a device names
them. Stations come with the day on which their table was read: a device that is not swept any more shows what it last showed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cmdb.cabling import is_gear
from cmdb.cabling_evidence import Estate, Node, Port, Word
from cmdb.identify import SHARED
from cmdb.model.values import Value
from cmdb.neighbours import is_reference
from cmdb.ports import View
from cmdb.staleness import DAY
from cmdb.states import Item

WHOLES = ("Host", "NetworkDevice")
PARTS = ("Adjacency", "NetworkInterface")
CLASSES = (*WHOLES, *PARTS)
"""Classes that say something of what is plugged in where."""
STATIONS = ("stations", "station_count")
"""Readings of a port that its device's forwarding table made."""
_AGING = {STATIONS: "read_on", ("resolved",): "resolved_on"}
"""Readings made of one table, by what the day is called on which that was read."""
MOST_RESOLVED = 64
"""Addresses resolved on a port that are looked at: it is a port to one other that they may give away."""
MOST_ADDRESSES = 64


def load(view: View, since: int = 0) -> Estate:
    """The estate as the view has it, without stations from tables that were read before the day `since`."""
    return Estate(load_nodes(view, since), shared(view))


def load_nodes(view: View, since: int = 0) -> list[Node]:
    """All of its nodes."""
    wholes: list[Item] = []
    parts: dict[str, list[Item]] = {}
    for item in view.scan(CLASSES):
        if item.class_name in WHOLES:
            wholes.append(item)
        else:
            parts.setdefault(str(item.parent), []).append(item)
    return [as_node(view, item, parts.pop(item.id, ()), since) for item in wholes]


def as_node(view: View, item: Item, parts: Iterable[Item], since: int = 0) -> Node:
    """A host or device with those of its parts that say something."""
    ports: dict[str, Port] = {}
    words: list[Word] = []
    for part in parts:
        if part.class_name == "Adjacency":
            words.append(_word(part.attributes))
        else:
            port = _port(part)
            ports[port.name] = port
    node = Node(
        id=item.id,
        class_name=item.class_name,
        name=item.name,
        identifiers=tuple(item.identifiers),
        discovered=not is_reference(item),
        contained=bool(item.attributes.get("container")),
        system=_text(item.attributes, "os") if item.class_name == "Host" else "",
        ports=ports,
        words=tuple(sorted(words, key=lambda w: (w.protocol, w.local_port, w.neighbour))),  # however a store has them
    )
    return _with_readings(view, node, since) if node.ports and is_gear(node) else node


def shared(view: View) -> set[str]:
    """Identifiers that lead nowhere."""
    return {entry.key for entry in view.entries(SHARED)}


def _with_readings(view: View, node: Node, since: int) -> Node:
    rows: dict[str, dict[str, Any]] = {}
    days: dict[str, int] | None = None
    for name, section in view.readings(node.id).items():
        for row in section.get("items", ()):
            if row["class"] != "NetworkInterface":
                continue
            told = dict(row["readings"])
            for aging, day_of in _AGING.items():
                if aging[-1] not in told:
                    continue
                days = _days(view, node.id) if days is None else days
                day = days.get(name, -1)  # of what no scope stands for nobody can tell how old it is
                if day < since:
                    told = {n: value for n, value in told.items() if n not in aging}
                else:
                    told[day_of] = day
            rows.setdefault(row["key"], {}).update(told)
    ports = {n: _read(p, rows[n]) if n in rows else p for n, p in node.ports.items()}
    return replace(node, ports=ports)


def _days(view: View, subject: str) -> dict[str, int]:
    """On which day each section of a subject was last collected."""
    found: dict[str, int] = {}
    for scope in view.scopes(subject):
        seen = scope.observed_at if scope.collected_at is None else scope.collected_at
        found[scope.section] = max(found.get(scope.section, 0), seen // DAY)
    return found


def _read(port: Port, readings: Mapping[str, Any]) -> Port:
    stations, count, index = readings.get("stations"), readings.get("station_count"), readings.get("index")
    resolved = readings.get("resolved")
    pairs = [str(r).partition(" ") for r in resolved[:MOST_RESOLVED]] if isinstance(resolved, list) else []
    return replace(
        port,
        index=index if isinstance(index, int) else None,
        stations=tuple(str(s) for s in stations) if isinstance(stations, list) else None,
        station_count=count if isinstance(count, int) else None,
        read_on=readings.get("read_on"),
        resolved=tuple((address, mac) for address, _, mac in pairs),
        resolved_on=readings.get("resolved_on"),
    )


def _port(item: Item) -> Port:
    told = item.attributes
    addresses = told.get("addresses")
    return Port(
        id=item.id,
        name=_text(told, "name") or item.key,
        description=_text(told, "description"),
        alias=_text(told, "alias"),
        mac=_text(told, "mac"),
        permanent_mac=_text(told, "permanent_mac"),
        kind=_text(told, "kind"),
        master=_text(told, "master"),
        addresses=tuple(str(a) for a in addresses[:MOST_ADDRESSES]) if isinstance(addresses, list) else (),
    )


def _word(told: Mapping[str, Value]) -> Word:
    capabilities = told.get("capabilities")
    return Word(
        protocol=_text(told, "protocol"),
        local_port=_text(told, "local_port"),
        neighbour=_text(told, "neighbour"),
        chassis=_text(told, "chassis"),
        port_id=_text(told, "port_id"),
        port_description=_text(told, "port_description"),
        system_name=_text(told, "system_name"),
        serial=_text(told, "serial"),
        capabilities=tuple(str(c) for c in capabilities) if isinstance(capabilities, list) else (),
    )


def _text(told: Mapping[str, Value], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
