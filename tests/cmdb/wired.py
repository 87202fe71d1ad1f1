"""Batches of switches and hosts that are wired together, and runs that derive their links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cmdb.deriving import Deriving
from cmdb.model.batch import Section, item_json, section_body
from cmdb.model.classes.adjacency import Adjacency
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.times import SECOND
from cmdb.model.values import digest
from cmdb.states import Link
from cmdb.taking import Receipt
from tests.cmdb.building import START, Receiver, Reporter, system
from tests.cmdb.identity_cases import machine


def ports(*names: str, kind: str = "physical", **each: dict[str, Any]) -> Section:
    """Interfaces; `each` has more of those that are named in it."""
    cis = [NetworkInterface(name=n, **{"kind": kind, **each.get(n, {})}) for n in names]
    return _section("interfaces", ["NetworkInterface"], [item_json(ci) for ci in cis])


def neighbours(*words: dict[str, Any]) -> Section:
    """What is heard; a word with `seen_as` brings a device by reference too."""
    items = []
    for word in words:
        told = {"protocol": "lldp", "neighbour": word.get("chassis", "x"), **word}
        seen_as = told.pop("seen_as", None)
        items.append(item_json(Adjacency(**told)))
        if seen_as is not None:
            items.append(
                {"class": "NetworkDevice", "key": seen_as, "attributes": {"name": told.get("system_name", "?")}}
            )
    return _section("neighbours", ["Adjacency", "NetworkDevice"], items)


def forwarding(**stations: Sequence[str]) -> Section:
    """Which stations each port shows."""
    made = _section("forwarding", [], [])
    rows = [
        {
            "class": "NetworkInterface",
            "key": name,
            "readings": {"stations": list(found), "station_count": len(found)},
        }
        for name, found in stations.items()
    ]
    made.readings = {"items": rows}
    return made


def _section(name: str, classes: list[str], items: list[dict[str, Any]]) -> Section:
    bodies = section_body(items, [])
    digests = [digest(b) for b in bodies]
    return Section(name, 1, classes, [], "full", "collected", "", {}, digests, list(bodies))


@dataclass
class Site:
    """What tells of switches and hosts. Each report comes a minute after the one before."""

    cmdb: Receiver
    reporters: dict[str, Reporter] = field(default_factory=dict)

    def switch(self, name: str, chassis: str, *sections: Section, **marks: Any) -> Receipt:
        marks = {"vendor": "Acme", "serials": [f"SN{name}"], "chassis_id": f"mac {chassis}", **marks}
        device = _section("device", ["NetworkDevice"], [{"class": "NetworkDevice", "attributes": {"name": name}}])
        return self._report(
            Reporter(name, f"snmp@{name}", "snmp", marks=marks, header={"subject_class": "NetworkDevice"}),
            device,
            *sections,
        )

    def host(self, name: str, *sections: Section, **marks: Any) -> Receipt:
        return self._report(Reporter(name, marks={**machine(name), **marks}), system(name), *sections)

    def _report(self, new: Reporter, *sections: Section) -> Receipt:
        reporter = self.reporters.setdefault(new.host, new)
        reporter.marks = new.marks
        self.cmdb.now += 60
        return self.cmdb.take(reporter.batch(*sections, at=self.cmdb.now))

    def derive(self, days: int = 0, **parts: Any) -> dict[str, Any]:
        self.cmdb.now += 1 + days * 86_400
        clock = self.cmdb.now
        return Deriving(self.cmdb.store, "os:ann", lambda: START + clock * SECOND, self.cmdb.random, **parts).run()

    def links(self, at: int | None = None) -> set[tuple[str, str, str, str]]:
        """(subject, type, object, proof), ports as "device/port"."""
        with self.cmdb.view() as view:
            items = {i.id: i for i in view.scan(None, at)}

            def name(id_: str) -> str:
                item = items[id_]
                return f"{items[item.parent].name}/{item.name}" if item.parent else item.name

            return {
                (*_turned(name(k.subject), k.type, name(k.object)), str(k.attributes["proof"]))
                for k in view.scan_links(["CONNECTS_TO", "LINKED_VIA"], at)
            }

    def link(self) -> Link:
        with self.cmdb.view() as view:
            (found,) = view.scan_links(["CONNECTS_TO", "LINKED_VIA"])
            return found


def _turned(subject: str, type_name: str, object_: str) -> tuple[str, str, str]:
    """Which end of two alike comes first depends on their ids."""
    if type_name == "CONNECTS_TO" and subject > object_:
        subject, object_ = object_, subject
    return subject, type_name, object_
