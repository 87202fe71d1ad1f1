"""A site whose hosts report to a real store: batches made from classes, with a clock and randomness of its own."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from cmdb.ingest import Ingest
from cmdb.model.batch import Header, Section, encode, item_json, section_body
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.classes.host import Host
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.classes.local_account import LocalAccount
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.classes.software_package import SoftwarePackage
from cmdb.model.declaration import CI, Relation
from cmdb.model.times import SECOND
from cmdb.model.values import digest
from cmdb.ports import Store, View
from cmdb.states import Item
from cmdb.taking import Receipt, Sender

START = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z"""


class Site:
    """Hosts that report to one store; every look at the clock is a second later."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.time = START
        self._random = random.Random(7)
        self._sequence = 0
        self._ingest = Ingest(store, self.clock, self.randomness)

    def clock(self) -> int:
        self.time += SECOND
        return self.time

    def randomness(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def report(self, host: str, *sections: Section, source: str = "") -> Receipt:
        """The host reports these sections, as an agent of its own name unless `source` names another."""
        self._sequence += 1
        header = Header(
            id=f"batch-{self._sequence}",
            source=source or f"agent:{host}",
            route="agent",
            sequence=self._sequence,
            observed_at=self.time,
            subject_class="Host",
            marks={"agent_key": f"key-{host}", "machine_id": digest(host)[:32]},
        )
        receipt = self._ingest.submit(b"".join(encode(header, sections)), Sender("agent"))
        assert not receipt["quarantined"]
        assert all(section["outcome"] != "refused" for section in receipt["sections"]), receipt["sections"]
        return receipt

    def id(self, name: str, class_name: str = "Host") -> str:
        """The id of the one current CI of that name and class."""
        return self.item(name, class_name).id

    def item(self, name: str, class_name: str = "Host") -> Item:
        with self.store.view() as view:
            return item_named(view, name, class_name)

    def head(self) -> int:
        with self.store.view() as view:
            return view.head().number


def item_named(view: View, name: str, class_name: str = "Host") -> Item:
    (found,) = [item for item in view.scan([class_name]) if item.name == name]
    return found


def collected(
    name: str,
    classes: Iterable[str],
    cis: Iterable[CI],
    relations: Iterable[Relation] = (),
    privilege: str = "full",
    version: int = 1,
) -> Section:
    """A section that looked. A Host among the items is the subject."""
    told = list(relations)
    bodies = section_body([item_json(ci, subject=isinstance(ci, Host)) for ci in cis], told)
    return Section(
        name,
        version,
        sorted(classes),
        sorted({relation.type for relation in told} | _RELATIONS.get(name, set())),
        privilege,
        "collected",
        digests=[digest(body) for body in bodies],
        bodies=list(bodies),
    )


def failed(like: Section, reason: str = "no time") -> Section:
    """The section, had it failed."""
    return Section(like.name, like.version, like.classes, like.relations, like.privilege, "failed", reason)


def not_applicable(like: Section, reason: str = "there is no such thing here") -> Section:
    """The section on a host that has no such thing."""
    return Section(like.name, like.version, like.classes, like.relations, like.privilege, "not_applicable", reason)


def packages(*versions: str, privilege: str = "full", version: int = 1) -> Section:
    """Packages, each "name" or "name=version"."""
    found = []
    for word in versions:
        name, _, number = word.partition("=")
        found.append(SoftwarePackage(manager="dpkg", name=name, architecture="amd64", versions=[number or "1.0"]))
    return collected("packages", ["SoftwarePackage"], found, privilege=privilege, version=version)


def system(name: str, memory_bytes: int = 1 << 30, **attributes: Any) -> Section:
    """The host itself."""
    return collected("system", ["Host"], [Host(name=name, memory_bytes=memory_bytes, **attributes)])


def hardware(privilege: str = "full", **attributes: Any) -> Section:
    """What else of the host another section tells."""
    return collected("hardware", ["Host"], [Host(**attributes)], privilege=privilege)


def accounts(*names: str, shell: str = "/bin/sh") -> Section:
    """Accounts by name."""
    return collected("accounts", ["LocalAccount"], [LocalAccount(name=n, uid=1000, shell=shell) for n in names])


def software(*ports: int, privilege: str = "full") -> Section:
    """A server, and what it listens on."""
    server = SoftwareInstance(instance="unit nginx.service", name="nginx", ports=[f"tcp/{port}" for port in ports])
    sockets = [Endpoint(name=f"tcp 0.0.0.0:{p}", protocol="tcp", address="0.0.0.0", port=p) for p in ports]
    exposed = [Relation("EXPOSES", server.ref(), socket.ref()) for socket in sockets]
    classes = ["Endpoint", "SoftwareInstance"]
    return collected("software", classes, [server, *sockets], exposed, privilege=privilege)


def network(*addresses: str) -> Section:
    """An interface with these addresses."""
    interface = NetworkInterface(name="eth0", addresses=[f"{address}/24" for address in addresses])
    known = [IPAddress(address=address, version=4) for address in addresses]
    held = [Relation("HAS_ADDRESS", interface.ref(), address.ref()) for address in known]
    return collected("network", ["IPAddress", "NetworkInterface"], [interface, *known], held)


_RELATIONS = {"software": {"EXPOSES"}, "network": {"HAS_ADDRESS"}}
