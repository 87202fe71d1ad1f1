"""Relations with an end known by its address only: kept as pending, resolved when the other end is known.

A server not yet known is no CI; the batch that brings it resolves the reference in the same commit. An address that two hosts
of one domain hold resolves to neither: nothing is guessed. A flow becomes a relation when seen in two passes at least a
minute apart, or once at both ends, and is not withdrawn because one pass did not see it (model.md section 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cmdb.draft import Draft
from cmdb.merge import Merge, SectionWork
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.times import SECOND
from cmdb.observation import ItemKey, ObservedRelation
from cmdb.states import Item, Link, LinkKey, Pending, Retirement

APART = 60 * SECOND
ANY_ADDRESS = ("0.0.0.0", "::", "*")  # noqa: S104 - compared with, never bound to


class References:
    """The references of one batch, over the draft that its items and links have made."""

    def __init__(self, merge: Merge, subject: str, observed_at: int) -> None:
        self._merge = merge
        self._draft: Draft = merge.draft
        self._subject = subject
        self._observed_at = observed_at

    def apply(self, works: list[SectionWork], rows: dict[int, list[ObservedRelation]], ids: dict[ItemKey, str]) -> None:
        """Keep what the sections say of ends known by address, drop what they no longer say."""
        for work in works:
            number = work.scope.number
            sighted = [t for t in work.scope.relations if RELATIONSHIP_TYPES[t].sighted]
            old = {p.key: p for p in self._draft.tx.pending_of([number])} if work.before is not None else {}
            for row in rows.get(number, ()):
                new = self._pending(work, row, ids)
                self._keep(new, old.pop(new.key, None))
            for gone in old.values():
                if work.witness and gone.type in work.scope.relations and gone.type not in sighted:
                    self._drop(gone, self._merge.retirement(work))

    def seen_again(self, scope: int) -> None:
        """A section of flows came again as it was: its sightings count as another pass."""
        for row in self._draft.tx.pending_of([scope]):
            if RELATIONSHIP_TYPES[row.type].sighted:
                self._keep(row, row)

    def resolve(self, moved: bool) -> None:
        """Resolve the batch's references, and when addresses or endpoints of the subject `moved`, those that point at it."""
        rows = {p.key: p for p in self._draft.pending.values()}
        tx = self._draft.tx
        if moved:
            addresses = self._addresses(self._subject)
            for domain in {d for d, _ in addresses}:
                for row in tx.pending_at(domain, [a for d, a in addresses if d == domain]):
                    rows.setdefault(row.key, row)
            gone = list(self._draft.retired)
            if gone:
                for row in tx.pending_to(gone):
                    rows.setdefault(row.key, row)
        flows = [p for p in rows.values() if p.near_end == "object"]
        for row in flows:  # A server's word can confirm what the client said before.
            for said in tx.pending_to([row.near]):
                rows.setdefault(said.key, said)
        for row in self._draft.pending_rows(rows.values()):
            self._resolve(row)

    def drop_retired(self) -> None:
        """References of a CI that retired go with it."""
        gone = list(self._draft.retired)
        for row in self._draft.tx.pending(gone) if gone else []:
            self._drop(row, self._draft.retired[row.near][1])

    def _pending(self, work: SectionWork, row: ObservedRelation, ids: dict[ItemKey, str]) -> Pending:
        near_end = "object" if isinstance(row.subject, dict) else "subject"
        far = row.subject if isinstance(row.subject, dict) else row.object
        own = row.object if near_end == "object" else row.subject
        assert isinstance(far, dict)
        return Pending(
            scope=work.scope.number,
            type=row.type,
            near=self._merge.end(own, ids),
            near_end="object" if near_end == "object" else "subject",
            domain=str(far.get("domain") or self._merge.domain),
            address=str(far["address"]),
            protocol=str(far.get("protocol", "")),
            port=int(far.get("port", 0)),
            attributes=row.attributes,
            first_seen=self._observed_at,
            last_seen=self._observed_at,
        )

    def _keep(self, new: Pending, old: Pending | None) -> None:
        if old is not None:
            new = replace(
                new,
                first_seen=old.first_seen,
                last_seen=max(self._observed_at, old.last_seen),
                passes=old.passes + (1 if self._observed_at > old.last_seen else 0),
                far=old.far,
            )
        self._draft.pending[new.key] = new

    def _drop(self, row: Pending, end: Retirement) -> None:
        self._draft.removed_pending[row.key] = row
        self._draft.pending.pop(row.key, None)
        self._unlink(row, end)

    def _resolve(self, row: Pending) -> None:
        far = self._far(row)
        if far != row.far:
            if row.far is not None:
                self._unlink(row, Retirement(f"{self._merge.batch_id} {row.domain} {row.address}", None))
            row = replace(row, far=far)
            self._draft.pending[row.key] = row
        if far is None or (RELATIONSHIP_TYPES[row.type].sighted and not self._confirmed(row)):
            return
        key = _link_key(row, far)
        if key in self._draft.links_created or key in self._draft.links_updated:
            return
        known = self._draft.tx.links_by_key([key]).get(key)
        if known is None:
            self._draft.links_created[key] = Link(
                row.type, key[0], key[2], row.attributes, b"", b"", 0, None, row.scope
            )
        elif known.scope == row.scope and known.attributes != row.attributes:
            self._draft.links_updated[key] = (known, replace(known, attributes=row.attributes))
        self._draft.links_retired.pop(key, None)

    def _far(self, row: Pending) -> str | None:
        """The one CI that answers at the address, None where there is none or more than one."""
        hosts = self._hosts_at(row.domain, row.address)
        if len(hosts) != 1:
            return None
        host = next(iter(hosts))
        if row.near_end == "object" or not row.port:
            return host
        return _endpoint(self._draft.parts(host, "Endpoint"), row)

    def _hosts_at(self, domain: str, address: str) -> set[str]:
        id_ = self._draft.keyed("IPAddress", [f"{domain}/{address}"]).get(f"{domain}/{address}")
        if id_ is None:
            return set()
        interfaces = [k.subject for k in self._draft.links([id_]) if k.type == "HAS_ADDRESS" and k.object == id_]
        return {i.parent for i in self._draft.items(interfaces).values() if i.parent is not None}

    def _addresses(self, host: str) -> set[tuple[str, str]]:
        """(domain, address) of all addresses of a host."""
        interfaces = [i.id for i in self._draft.parts(host, "NetworkInterface")]
        ids = [k.object for k in self._draft.links(interfaces) if k.type == "HAS_ADDRESS"]
        return {_split(i.key) for i in self._draft.items(ids).values()}

    def _confirmed(self, row: Pending) -> bool:
        """True for a client's word seen twice, or met by the server's word; the server's alone makes no relation."""
        if row.near_end == "object" or row.far is None:
            return False
        if row.passes >= 2 and row.last_seen - row.first_seen >= APART:
            return True
        near = self._draft.items([row.near]).get(row.near)
        if near is None or near.parent is None:
            return False
        heard = [p for p in self._draft.tx.pending([row.far]) if p.key not in self._draft.removed_pending]
        heard += [p for p in self._draft.pending.values() if p.near == row.far]
        words = {(p.domain, p.address) for p in heard if p.near_end == "object" and p.type == row.type}
        return bool(words) and bool(words & self._addresses(near.parent))

    def _unlink(self, row: Pending, end: Retirement) -> None:
        if row.far is None or row.near_end == "object":
            return
        key = _link_key(row, row.far)
        self._draft.links_created.pop(key, None)
        known = self._draft.tx.links_by_key([key]).get(key)
        if known is None or known.scope != row.scope:
            return
        others = [
            p
            for p in self._draft.pending_rows(self._draft.tx.pending([row.near]))
            if p.key != row.key and p.type == row.type and p.far == row.far and p.near_end == row.near_end
        ]
        if not others:
            self._draft.links_retired.setdefault(key, (known, end))


def _link_key(row: Pending, far: str) -> LinkKey:
    return (row.near, row.type, far) if row.near_end == "subject" else (far, row.type, row.near)


def _endpoint(endpoints: Iterable[Item], row: Pending) -> str | None:
    """The endpoint of a host that answers there: bound to the very address, else to any address."""
    fit = [
        e for e in endpoints if e.attributes.get("protocol") == row.protocol and e.attributes.get("port") == row.port
    ]
    for addresses in ((row.address,), ANY_ADDRESS):
        found = sorted(e.id for e in fit if str(e.attributes.get("address", "")).partition("%")[0] in addresses)
        if found:
            return found[0]
    return None


def _split(key: str) -> tuple[str, str]:
    domain, _, address = key.partition("/")
    return domain, address
