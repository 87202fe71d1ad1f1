"""A host at a glance: what it is, what listens, what it depends on, what could not be seen; and the list of hosts.

Asks the view a fixed number of questions for a host, whatever it holds; for a list of hosts two a row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from api.ui import words
from cmdb.model.query_language import parse
from cmdb.model.values import Value
from cmdb.ports import View
from cmdb.states import Coverage, Item, Link, Pending, Scope

HOSTS = 50
FACTS = (
    "os_name", "kernel_release", "architecture", "virtualization", "container", "cloud", "vendor", "product", "cpu_model",
    "cpu_count", "memory_bytes", "swap_bytes", "fqdn",
)  # fmt: skip
"""Attributes of a host that say what it is, in reading order."""
_NEAR = ("SoftwareInstance", "Endpoint", "FileSystem")
_ROOT_HINTS = ("root", "permission", "denied", "privilege", "not permitted")


@dataclass(slots=True)
class Listener:
    """An endpoint with the software that listens there. `users` clients are known, `heard` addresses were seen."""

    endpoint: Item
    owners: list[Item] = field(default_factory=list)
    users: int = 0
    heard: int = 0

    @property
    def exposed(self) -> bool | None:
        found = self.endpoint.attributes.get("exposed")
        return found if isinstance(found, bool) else None


@dataclass(slots=True)
class Dependency:
    """Something that the host, or software of it, needs or talks to. `target` is None for what no host answers at yet."""

    by: Item
    why: str
    address: str
    target: Item | None = None
    on: Item | None = None
    evidence: str = ""
    soft: bool = False
    confirmed: bool = True
    last_seen: int | None = None


@dataclass(slots=True)
class Section:
    """How far one section looked. `remedy` says what helps where it saw nothing, or only a part."""

    name: str
    source: str
    outcome: str
    reason: str
    privilege: str
    classes: list[str]
    seen_at: int

    @property
    def label(self) -> str:
        return words.attribute_label(self.name)

    @property
    def partial(self) -> bool:
        return self.outcome == "collected" and self.privilege != "full"

    @property
    def needs_root(self) -> bool:
        reason = self.reason.lower()
        return self.privilege != "full" and (self.partial or any(hint in reason for hint in _ROOT_HINTS))


@dataclass(slots=True)
class Overview:
    """A host at a glance."""

    host: Item
    facts: list[words.Field]
    readings: list[words.Field]
    counts: dict[str, int]
    listeners: list[Listener]
    dependencies: dict[str, list[Dependency]]
    sections: list[Section]

    @property
    def lead(self) -> str:
        """What it is, in a sentence."""
        said = self.host.attributes
        system = str(said.get("os_name") or said.get("os") or "")
        virtual = str(said.get("container") or said.get("virtualization") or "")
        if said.get("container"):
            system += f", in a container or namespace ({virtual})"
        elif virtual and virtual != "none":
            system += f", on a virtual machine ({virtual})"
        sizes = [f for f in self.facts if f.name in ("cpu_count", "memory_bytes")]
        return ", ".join([part for part in (system, *(f.members[0] for f in sizes)) if part])

    @property
    def unseen(self) -> list[Section]:
        return [s for s in self.sections if s.outcome == "failed"]

    @property
    def partial(self) -> list[Section]:
        return [s for s in self.sections if s.partial]

    @property
    def needs_root(self) -> bool:
        return any(s.needs_root for s in self.sections)

    @property
    def last_seen(self) -> int | None:
        return max((s.seen_at for s in self.sections), default=None)


@dataclass(slots=True)
class HostRow:
    """A line of the list of hosts."""

    host: Item
    last_seen: int | None
    failed: int
    partial: int


@dataclass(slots=True)
class Hosts:
    """One page of the hosts."""

    rows: list[HostRow]
    total: int | None
    next: str | None


def hosts(view: View, at: int | None = None, cursor: str | None = None, size: int = HOSTS) -> Hosts:
    """The hosts that are known, by name."""
    page = view.find(parse("class:Host"), at, cursor, size)
    rows = []
    for host in page.items:
        told = sections(view, host.id, at)
        failed = sum(s.outcome == "failed" for s in told)
        seen = max((s.seen_at for s in told), default=None)
        rows.append(HostRow(host, seen, failed, sum(s.partial for s in told)))
    return Hosts(rows, page.total, page.next)


def of(view: View, host: Item, at: int | None = None) -> Overview:
    """One host."""
    parts = view.parts(host.id, None, at)
    near = [host, *(p for p in parts if p.class_name in _NEAR)]
    links = view.links([i.id for i in near], at)
    pending = view.pending([i.id for i in near]) if at is None else []
    facts = [words.field("Host", n, host.attributes[n]) for n in FACTS if n in host.attributes]
    facts += [words.field("NetworkInterface", "addresses", found)] if (found := _addresses(parts)) else []
    return Overview(
        host=host,
        facts=facts,
        readings=_readings(view, host) if at is None else [],
        counts=dict(sorted(Counter(p.class_name for p in parts).items())),
        listeners=_listeners(near, links, pending),
        dependencies=_dependencies(view, near, links, pending, at),
        sections=sections(view, host.id, at),
    )


def sections(view: View, subject: str, at: int | None = None) -> list[Section]:
    """How far each section of a subject looked, last or as of a revision."""
    told: list[Scope] | list[Coverage]
    if at is None:
        told = view.scopes(subject)
    else:
        revision = view.revision(at)
        told = view.coverage([subject], revision.committed_at if revision else 0)
    return [
        Section(s.section, s.source, s.outcome, s.reason, s.privilege, s.classes, s.seen_at)
        for s in told
        if s.section != "subject"
    ]


def _addresses(parts: list[Item]) -> list[str]:
    """Of the host's interfaces, those of loopback left out."""
    found: list[str] = []
    for part in parts:
        held = part.attributes.get("addresses", [])
        if (
            part.class_name == "NetworkInterface"
            and part.attributes.get("kind") != "loopback"
            and isinstance(held, list)
        ):
            found += [str(a) for a in held if not str(a).startswith("fe80:")]
    return found


def _readings(view: View, host: Item) -> list[words.Field]:
    found: dict[str, Value] = {}
    for section in view.readings(host.id).values():
        for row in section.get("items", ()):
            if row.get("class") == host.class_name and not row.get("key"):
                found.update(row.get("readings", {}))
    return [words.field(host.class_name, name, value) for name, value in sorted(found.items())]


def _listeners(near: list[Item], links: list[Link], pending: list[Pending]) -> list[Listener]:
    """What can be reached from outside first, then by port."""
    by_id = {i.id: i for i in near}
    found = {i.id: Listener(i) for i in near if i.class_name == "Endpoint"}
    for link in links:
        if link.object in found:
            if link.type == "EXPOSES" and link.subject in by_id:
                found[link.object].owners.append(by_id[link.subject])
            elif link.type in ("TALKS_TO", "DEPENDS_ON"):
                found[link.object].users += 1
    for row in pending:
        if row.near in found and row.near_end == "object" and row.far is None:
            found[row.near].heard += 1
    return sorted(found.values(), key=_listener_place)


def _listener_place(one: Listener) -> tuple[bool, int, str]:
    port = one.endpoint.attributes.get("port")
    return (one.exposed is False, port if isinstance(port, int) else 0, one.endpoint.name)


def _dependencies(
    view: View, near: list[Item], links: list[Link], pending: list[Pending], at: int | None
) -> dict[str, list[Dependency]]:
    """By what they are for: default gateway, resolver …; connections last."""
    by_id = {i.id: i for i in near}
    outward = [k for k in links if k.subject in by_id and k.type in ("TALKS_TO", "DEPENDS_ON")]
    ends = {k.object for k in outward} | {p.far for p in pending if p.far}
    targets = view.items(sorted(e for e in ends if e), at) if ends else {}
    wholes = {t.parent for t in targets.values() if t.parent}
    wholes_by_id = view.items(sorted(w for w in wholes if w), at) if wholes else {}
    said = {(p.near, p.type, p.far): p for p in pending if p.far}
    found: list[Dependency] = []
    for link in outward:
        row = said.get((link.subject, link.type, link.object))
        target = targets.get(link.object)
        found.append(_dependency(by_id[link.subject], link.type, link.attributes, row, target, wholes_by_id, True))
    linked = {(k.subject, k.type, k.object) for k in outward}
    for row in pending:
        if row.near_end == "subject" and (row.near, row.type, row.far) not in linked:
            target = targets.get(row.far or "")
            found.append(_dependency(by_id[row.near], row.type, row.attributes, row, target, wholes_by_id, False))
    groups: dict[str, list[Dependency]] = {}
    for one in sorted(found, key=lambda d: (d.why == "connection", d.why, d.by.name, d.address)):
        groups.setdefault(one.why, []).append(one)
    return groups


def _dependency(
    by: Item,
    type_name: str,
    attributes: dict[str, Value],
    row: Pending | None,
    target: Item | None,
    wholes: dict[str, Item],
    confirmed: bool,
) -> Dependency:
    port = f" {row.protocol} {row.port}" if row and row.port else ""
    return Dependency(
        by=by,
        why=str(attributes.get("why") or ("connection" if type_name == "TALKS_TO" else "dependency")),
        address=f"{row.address}{port}" if row else target.name if target else "",
        target=target,
        on=wholes.get(target.parent) if target and target.parent else None,
        evidence=str(attributes.get("evidence") or ""),
        soft=attributes.get("strength") == "soft",
        confirmed=confirmed,
        last_seen=row.last_seen if row else None,
    )
