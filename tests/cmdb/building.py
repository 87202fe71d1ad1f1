"""Batches of small hosts, and a store that takes them with a clock, randomness and genesis of its own.

A host is a name; its marks follow from it. Times are seconds after START on the reporter's and the receiver's clock alike.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cmdb.chain import verify
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
from cmdb.model.query_language import parse
from cmdb.model.times import SECOND
from cmdb.model.values import Value, canonical, digest
from cmdb.natural import natural_digest
from cmdb.ports import Store, View
from cmdb.states import Item, Link, Scope
from cmdb.stores.sqlite_store import SqliteStore
from cmdb.taking import Receipt, Sender

START = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z"""

GENESIS = "00" * 32
ME = Sender("test")


class Receiver:
    """A store, and the ingest into it. `now` is what its clock shows, in seconds after START."""

    def __init__(self, store: Store, seed: str = "") -> None:
        self.store = store
        self.now = 0
        self._drawn = itertools.count()
        self._seed = seed
        self.ingest = Ingest(store, lambda: START + self.now * SECOND, self.random)

    def random(self, size: int) -> bytes:
        """Bytes that are the same in every run."""
        blocks = (hashlib.sha256(f"{self._seed}{next(self._drawn)}".encode()).digest() for _ in range(size // 32 + 1))
        return b"".join(blocks)[:size]

    def take(self, data: bytes, sender: Sender = ME) -> Receipt:
        """Take a batch as it is."""
        return self.ingest.submit(data, sender)

    @contextmanager
    def view(self) -> Iterator[View]:
        with self.store.view() as view:
            yield view

    def natural(self, at: int | None = None) -> str:
        with self.store.view() as view:
            return natural_digest(view, at)

    def head(self) -> int:
        with self.store.view() as view:
            return view.head().number

    def found(self, query: str, at: int | None = None) -> list[Item]:
        with self.store.view() as view:
            return view.find(parse(query), at, limit=1000).items

    def names(self, query: str, at: int | None = None) -> list[str]:
        return [item.name for item in self.found(query, at)]

    def one(self, query: str) -> Item:
        (item,) = self.found(query)
        return item

    def links(self, *types: str, at: int | None = None) -> set[tuple[str, str, str]]:
        """(name of the subject, type, name of the object); a part is "host/name"."""
        with self.store.view() as view:
            names = _paths(view, at)
            return {(names[k.subject], k.type, names[k.object]) for k in view.scan_links(types or None, at)}

    def link(self, type_name: str) -> Link:
        with self.store.view() as view:
            (found,) = view.scan_links([type_name])
            return found

    def scopes(self, host: str) -> dict[tuple[str, str], Scope]:
        """Standing of a host's sections by (section, source)."""
        id_ = self.one(f"class:Host name:{host}").id
        with self.store.view() as view:
            return {(s.section, s.source): s for s in view.scopes(id_)}

    def sound(self) -> None:
        """Nothing is wrong with the store: its chain, its own integrity, and the current graph is the replay's."""
        with self.store.view() as view:
            found = list(map(str, verify(view)))
            assert found == [], found[:5]
            _replayed(view)
        assert list(self.store.check()) == []


@contextmanager
def receiver(seed: str = "") -> Iterator[Receiver]:
    """A receiver over a new SQLite store in a folder of its own."""
    with TemporaryDirectory() as folder, closing(open_store(Path(folder) / "cmdb.db")) as store:
        yield Receiver(store, seed)


def open_store(path: Path, **parts: Any) -> SqliteStore:
    """The same store whenever it is made."""
    given: dict[str, Any] = {"clock": lambda: START, "randomness": bytes, "genesis": GENESIS}
    return SqliteStore.open(path, **{**given, **parts})


@dataclass
class Reporter:
    """What reports of one host: an agent, or another source. Each batch takes the next sequence."""

    host: str
    source: str = ""
    route: str = "agent"
    privilege: str = "full"
    domain: str = "default"
    sequence: int = 0
    marks: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)

    def batch(self, *sections: Section, at: int = 0, **parts: Any) -> bytes:
        """A batch seen at that time; `parts` are other fields of the header, `same` and `held` those of encode."""
        self.sequence += 1
        how = {name: parts.pop(name) for name in ("same", "held") if name in parts}
        header = Header(
            id=f"{self._source} {self.sequence}",
            source=self._source,
            route=self.route,
            sequence=self.sequence,
            observed_at=START + at * SECOND,
            subject_class="Host",
            marks=self.marks or marks_of(self.host),
            domain=self.domain,
            privilege=self.privilege,
        )
        return b"".join(encode(replace(header, **{**self.header, **parts}), sections, **how))

    @property
    def _source(self) -> str:
        return self.source or f"agent:{self.host}"


def marks_of(host: str) -> dict[str, Any]:
    """Marks that identify a host of this name."""
    return {"agent_key": f"key-{host}", "machine_id": digest(host)[:32], "host_name": host}


def collected(
    name: str,
    classes: Iterable[str],
    cis: Sequence[CI] = (),
    relations: Sequence[Relation] = (),
    types: Iterable[str] = (),
    privilege: str = "full",
    version: int = 1,
    readings: dict[str, Any] | None = None,
) -> Section:
    """A section that looked; a Host among the items is the subject."""
    bodies = section_body([item_json(ci, isinstance(ci, Host)) for ci in cis], relations)
    told = sorted({*types, *(r.type for r in relations)})
    digests = [digest(body) for body in bodies]
    made = Section(name, version, sorted(classes), told, privilege, "collected", "", {}, digests, list(bodies))
    made.parts, made.readings = len(bodies), readings
    return made


def raw(name: str, body: Any, classes: Iterable[str] = (), types: Iterable[str] = ()) -> Section:
    """A section with this body, bytes or what becomes JSON."""
    line = body if isinstance(body, bytes) else canonical(body).encode()
    return Section(name, 1, sorted(classes), sorted(types), "full", "collected", "", {}, [digest(line)], [line])


def failed(like: Section, reason: str = "timed out", outcome: str = "failed") -> Section:
    """The section, had it not been collected."""
    return Section(like.name, like.version, like.classes, like.relations, like.privilege, outcome, reason)


def system(name: str, section: str = "os", **attributes: Any) -> Section:
    return collected(section, ["Host"], [Host(name=name, **attributes)])


def packages(*names: str, section: str = "packages", privilege: str = "full", version: str = "1") -> Section:
    found = [SoftwarePackage(manager="dpkg", name=n, architecture="amd64", versions=[version]) for n in names]
    return collected(section, ["SoftwarePackage"], found, privilege=privilege)


def accounts(*names: str, section: str = "accounts", privilege: str = "full", **attributes: Any) -> Section:
    found = [LocalAccount(name=n, **attributes) for n in names]
    return collected(section, ["LocalAccount"], found, privilege=privilege)


def network(*addresses: str, interface: str = "eth0", section: str = "network") -> Section:
    """One interface that has these addresses."""
    port = NetworkInterface(name=interface)
    found = [IPAddress(address=a, version=6 if ":" in a else 4) for a in addresses]
    has = [Relation("HAS_ADDRESS", port.ref(), a.ref()) for a in found]
    classes = ["NetworkInterface", "IPAddress"]
    return collected(section, classes, [port, *found], has, ["HAS_ADDRESS"])


def software(*listening: str, section: str = "software", silent: Sequence[str] = ()) -> Section:
    """Software, each "name:port" on any address or "name:address:port"; `silent` listens to nothing."""
    cis: list[CI] = [SoftwareInstance(instance=f"unit {name}", name=name) for name in silent]
    exposes = []
    for word in listening:
        name, _, rest = word.partition(":")
        address, _, port = rest.rpartition(":")
        one, end = instance(name), endpoint(int(port), address or "0.0.0.0")
        cis += [one, end]
        exposes.append(Relation("EXPOSES", one.ref(), end.ref()))
    return collected(section, ["SoftwareInstance", "Endpoint"], cis, exposes, ["EXPOSES"])


def instance(name: str) -> SoftwareInstance:
    return SoftwareInstance(instance=f"unit {name}", name=name)


def endpoint(port: int, address: str = "0.0.0.0") -> Endpoint:
    return Endpoint(name=f"tcp {address}:{port}", protocol="tcp", address=address, port=port)


def flows(*clients: tuple[str, str, int], heard: Sequence[tuple[str, int]] = (), section: str = "flows") -> Section:
    """Connections: (software, address, port) of those that it made, (address, port) of those that came in at a port."""
    told = [
        Relation("TALKS_TO", instance(name).ref(), {"address": address, "protocol": "tcp", "port": port})
        for name, address, port in clients
    ]
    told += [Relation("TALKS_TO", {"address": address}, endpoint(port).ref()) for address, port in heard]
    return collected(section, [], [], told, ["TALKS_TO"])


def depends(*servers: tuple[str, int], section: str = "dependencies", why: str = "resolv.conf") -> Section:
    """The host depends on what answers at (address, port)."""
    told = [
        Relation("DEPENDS_ON", ".", {"address": address, "protocol": "tcp", "port": port}, {"why": f"{why} {address}"})
        for address, port in servers
    ]
    return collected(section, [], [], told, ["DEPENDS_ON"])


def outcomes(receipt: Receipt) -> dict[str, str]:
    """What became of each section."""
    return {line["section"]: line["outcome"] for line in receipt["sections"]}


def state(view: View, at: int | None = None) -> dict[str, tuple[Any, ...]]:
    """All states as of a revision, in a form that can be compared."""
    found: dict[str, tuple[Any, ...]] = {}
    for item in view.scan(None, at):
        found[item.id] = (
            item.class_name,
            item.parent,
            item.key,
            item.attributes,
            item.identifiers,
            item.digest,
            item.since,
        )
    for link in view.scan_links(None, at):
        found[" ".join(link.key)] = (link.attributes, link.digest, link.since)
    return found


def _replayed(view: View) -> None:
    """Replay every revision's changes: as of each one stands what it said, and in the end what is current."""
    present: dict[str, tuple[Any, ...]] = {}
    for number in range(1, view.head().number + 1):
        now = state(view, number)
        for kind, op, id_ in view.changed(number - 1, number):
            if kind == "entry":
                continue
            assert (id_ in present) == (op != "created"), (number, op, id_)
            if op == "retired":
                del present[id_]
            else:
                present[id_] = now[id_]
                assert present[id_][-1] == number
        assert present == now, number
    assert present == state(view)


def _paths(view: View, at: int | None) -> dict[str, str]:
    items = {item.id: item for item in view.scan(None, at)}
    return {i: f"{items[t.parent].name}/{t.name}" if t.parent else t.name for i, t in items.items()}


def attributes_of(receiver_: Receiver, query: str) -> dict[str, Value]:
    return receiver_.one(query).attributes
