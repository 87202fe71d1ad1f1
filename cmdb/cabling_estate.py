"""The estate that links are derived from, read from a store: hosts and devices with their ports and neighbours' words.

Only what can carry others' packets is asked for its readings: the stations of its ports, and the indexes by which a device names
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cmdb.cabling import is_gear
from cmdb.cabling_evidence import Estate, Node, Port, Word
from cmdb.identify import SHARED
from cmdb.model.values import Value
from cmdb.neighbours import is_reference
from cmdb.ports import View
from cmdb.states import Item

WHOLES = ("Host", "NetworkDevice")
PARTS = ("Adjacency", "NetworkInterface")
CLASSES = (*WHOLES, *PARTS)
"""Classes that say something of what is plugged in where."""


def load(view: View) -> Estate:
    """The estate as the view has it."""
    wholes: list[Item] = []
    ports: dict[str, dict[str, Port]] = {}
    words: dict[str, list[Word]] = {}
    for item in view.scan(CLASSES):
        if item.class_name in WHOLES:
            wholes.append(item)
        elif item.class_name == "Adjacency":
            words.setdefault(str(item.parent), []).append(_word(item.attributes))
        else:
            port = _port(item)
            ports.setdefault(str(item.parent), {})[port.name] = port
    found = []
    for item in wholes:
        node = Node(
            id=item.id,
            class_name=item.class_name,
            name=item.name,
            identifiers=tuple(item.identifiers),
            discovered=not is_reference(item),
            contained=bool(item.attributes.get("container")),
            system=_text(item.attributes, "os") if item.class_name == "Host" else "",
            ports=ports.get(item.id, {}),
            words=tuple(words.get(item.id, ())),
        )
        found.append(_with_readings(view, node) if node.ports and is_gear(node) else node)
    return Estate(found, {entry.key for entry in view.entries(SHARED)})


def _with_readings(view: View, node: Node) -> Node:
    rows: dict[str, dict[str, Any]] = {}
    for section in view.readings(node.id).values():
        for row in section.get("items", ()):
            if row["class"] == "NetworkInterface":
                rows.setdefault(row["key"], {}).update(row["readings"])
    ports = {name: _read(port, rows[name]) if name in rows else port for name, port in node.ports.items()}
    return replace(node, ports=ports)


def _read(port: Port, readings: Mapping[str, Any]) -> Port:
    stations, count, index = readings.get("stations"), readings.get("station_count"), readings.get("index")
    return replace(
        port,
        index=index if isinstance(index, int) else None,
        stations=tuple(str(s) for s in stations) if isinstance(stations, list) else None,
        station_count=count if isinstance(count, int) else None,
    )


def _port(item: Item) -> Port:
    told = item.attributes
    return Port(
        id=item.id,
        name=_text(told, "name") or item.key,
        description=_text(told, "description"),
        alias=_text(told, "alias"),
        mac=_text(told, "mac"),
        permanent_mac=_text(told, "permanent_mac"),
        kind=_text(told, "kind"),
        master=_text(told, "master"),
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
