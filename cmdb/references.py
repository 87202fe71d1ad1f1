"""Relations with an end known by its address only: kept as pending, resolved when the other end is known.

A server not yet known is no CI; the batch that brings it resolves the reference in the same commit. An address that two
hosts of one domain hold resolves to neither: nothing is guessed. A flow becomes a relation when seen in two passes at least
a minute apart, or once at both ends, and is not withdrawn because one pass did not see it (model.md section 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cmdb.draft import Draft
from cmdb.merge import Merge, SectionWork
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.times import SECOND
from cmdb.observation import ObservedRelation
from cmdb.states import Item, Link, LinkKey, Pending, Retirement, Scope

APART = 60 * SECOND
ANY_ADDRESS = {4: ("0.0.0.0", "*", "::"), 6: ("::", "*")}  # noqa: S104 - compared with, never bound to
"""Bind addresses that answer at any address of a family, those of the family itself first: it is their socket that has the
connection where both are bound."""


class References:
    """The references of one batch, over the draft that its items and links have made."""

    def __init__(self, merge: Merge, subject: str, observed_at: int) -> None:
        self._merge = merge
        self._draft: Draft = merge.draft
        self._subject = subject
        self._observed_at = observed_at
        self._left: dict[LinkKey, dict[int, Retirement]] = {}
        """Relations that references of these sections no longer lead to, and who says so."""
        self._hosts: dict[tuple[str, str], set[str]] = {}
        self._endpoints: dict[str, list[Item]] = {}

    def apply(self, works: list[SectionWork], rows: dict[int, list[ObservedRelation]]) -> None:
        """Keep what the sections say of ends known by address, drop what they no longer say."""
        for work in works:
            number = work.scope.number
            others = self._merge.namesakes(work)
            asked = [o.number for o in others] + ([number] if work.before is not None else [])
            known = self._draft.tx.pending_of(asked) if asked else []
            old = {p.key: p for p in known if p.scope == number}
            told: set[tuple[object, ...]] = set()
            for row in rows.get(number, ()):
                new = self._pending(work, row)
                if new is None:
                    continue
                told.add(new.key[1:])
                if new.key in self._draft.pending:
                    continue
                tellers = {p.scope for p in known if p.key[1:] == new.key[1:]} if others else set()
                if new.key in old or _sighted(new) or self._merge.counts(work, tellers):
                    self._keep(new, old.pop(new.key, None))
            for gone in old.values():
                if work.witness and gone.type in work.scope.relations and not _sighted(gone):
                    self._drop(gone, self._merge.retirement(work))
            if work.witness and others:
                self._withdraw(work, others, [p for p in known if p.scope != number and p.key[1:] not in told])

    def _withdraw(self, work: SectionWork, others: list[Scope], untold: list[Pending]) -> None:
        """End what the same section of other sources told before, and this one does not."""
        scopes = {o.number: o for o in others}
        rivals = {o.number: self._merge.withdraws(work, o, self._merge.subject_class) for o in others}
        for row in untold:
            if row.type not in work.scope.relations or _sighted(row):
                continue
            if rivals[row.scope]:
                self._drop(row, self._merge.retirement(work, scopes[row.scope].collected_at))
                self._merge.lost.add(row.scope)
            elif rivals[row.scope] is False:
                self._merge.lost.add(work.scope.number)

    def seen_again(self, scope: Scope) -> None:
        """A section came again as it was, which is `scope`: flows that it told of were sighted in another pass.

        Those that it told of some time before, and no longer, have not been seen since.
        """
        if scope.collected_at is not None and any(RELATIONSHIP_TYPES[t].sighted for t in scope.relations):
            for row in self._draft.tx.pending_of([scope.number]):
                if _sighted(row) and row.last_seen >= scope.collected_at:
                    self._keep(row, row)

    def end(self, rows: Iterable[Pending], witness: str) -> None:
        """End references that nothing was sighted of for long."""
        for row in rows:
            self._drop(row, Retirement(witness, row.last_seen))

    def drop_retired(self) -> set[int]:
        """References of a CI that retired go with it; returns the numbers of the sections that tell them."""
        gone = self._draft.retired
        rows = self._draft.tx.pending(list(gone)) if gone else []
        for row in rows:
            self._drop(row, gone[row.near][1])
        return {row.scope for row in rows}

    def resolve(self) -> None:
        """Resolve the batch's references, and those that point to where addresses or endpoints of the subject moved."""
        tx = self._draft.tx
        rows = {p.key: p for p in self._draft.pending.values()}
        if _moved(self._draft):
            addresses = self._addresses(self._subject) | self._addresses_left()
            for domain in sorted({d for d, _ in addresses}):
                for row in tx.pending_at(domain, sorted(a for d, a in addresses if d == domain)):
                    rows.setdefault(row.key, row)
        if self._draft.retired:
            for row in tx.pending_to(list(self._draft.retired)):
                rows.setdefault(row.key, row)
        heard = {p.near for p in rows.values() if p.near_end == "object"}
        for row in tx.pending_to(sorted(heard)) if heard else []:
            rows.setdefault(row.key, row)  # A server's word can confirm what the client said before.
        touched = dict.fromkeys(self._left)
        for row in self._draft.pending_rows(rows.values()):
            touched.update(dict.fromkeys(self._find(row)))
        known = tx.links_by_key(list(touched)) if touched else {}
        nears = {key[0] for key in touched}
        by_key: dict[LinkKey, list[Pending]] = {}
        for row in self._all_of(nears) if touched else []:
            key = link_key(row)
            if key is not None:
                by_key.setdefault(key, []).append(row)
        for key in touched:
            self._settle(key, known.get(key), by_key.get(key, []))

    def _pending(self, work: SectionWork, row: ObservedRelation) -> Pending | None:
        near_end = "object" if isinstance(row.subject, dict) and "id" not in row.subject else "subject"
        far, own = (row.subject, row.object) if near_end == "object" else (row.object, row.subject)
        near = self._merge.end(own, work)
        if near is None or not isinstance(far, dict):
            return None
        return Pending(
            scope=work.scope.number,
            type=row.type,
            near=near,
            near_end="object" if near_end == "object" else "subject",
            domain=str(far.get("domain", self._merge.domain)),
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
        self._leave(row, end)

    def _leave(self, row: Pending, end: Retirement) -> None:
        key = link_key(row)
        if key is not None:
            self._left.setdefault(key, {})[row.scope] = end

    def _find(self, row: Pending) -> Iterable[LinkKey]:
        """Look up what answers at a reference's address; yields the relations that this may change."""
        far = self._far(row)
        if far != row.far:
            before = link_key(row)
            self._leave(row, Retirement(f"{self._merge.batch_id} {row.domain} {row.address}", None))
            row = replace(row, far=far)
            self._draft.pending[row.key] = row
            if before is not None:
                yield before
        now = link_key(row)
        if now is not None:
            yield now

    def _settle(self, key: LinkKey, known: Link | None, rows: list[Pending]) -> None:
        """Have the relation that these references lead to, or none where none does."""
        draft, left = self._draft, self._left.get(key, {})
        if key in self._merge.stated:
            return
        if key in draft.links_created:
            if not rows:
                self._unmake(key, left)
            return
        stands = known is not None and key not in draft.links_retired
        rows = [r for r in rows if not _sighted(r) or stands or self._confirmed(r)]
        if not rows:
            self._end(key, known, left)
            return
        best = min(rows, key=lambda p: (p.domain, p.address, p.protocol, p.port, p.scope))
        if known is None:
            draft.links_created[key] = Link(key[1], key[0], key[2], best.attributes, b"", b"", 0, None, best.scope)
            return
        draft.links_retired.pop(key, None)
        scopes = {r.scope for r in rows}
        if known.scope is None or (known.scope not in scopes and known.scope not in left):
            return  # Others tell it between CIs that are known.
        scope = known.scope if known.scope in scopes else best.scope
        if known.attributes != best.attributes:
            draft.links_updated[key] = (known, replace(known, attributes=best.attributes, scope=scope))
        elif known.scope != scope:
            self._merge.links_rescoped.append(replace(known, scope=scope))

    def _unmake(self, key: LinkKey, left: dict[int, Retirement]) -> None:
        """A relation that the draft was about to make (of CIs that were put together anew), and no reference leads to."""
        draft = self._draft
        scope = draft.links_created[key].scope
        tellers = {scope} if scope is not None else {c.scope for c in draft.claims if c.target == key}
        if left and tellers <= set(left):
            del self._draft.links_created[key]
            draft.claims = [c for c in draft.claims if c.target != key]

    def _end(self, key: LinkKey, known: Link | None, left: dict[int, Retirement]) -> None:
        """No reference leads to it any more: it ends, unless others tell it between CIs that are known."""
        if known is None or not left:
            return
        end = next(iter(left.values()))
        if any(c.target == key for c in self._draft.claims):
            self._end_anew(key, known, left, end)
            return
        if known.scope is None:
            claims = self._draft.tx.claims([key])
            self._merge.dropped_claims += [(c.scope, key) for c in claims if c.scope in left]
            if all(c.scope in left for c in claims):
                self._draft.links_retired.setdefault(key, (known, end))
        elif known.scope in left:
            self._draft.links_retired.setdefault(key, (known, end))

    def _end_anew(self, key: LinkKey, known: Link, left: dict[int, Retirement], end: Retirement) -> None:
        """The same where CIs were put together anew, and the draft has claims on the relation."""
        draft = self._draft
        stored = {c.scope for c in draft.tx.claims([key])} if known.scope is None else set()
        stored -= {number for number, target in draft.removed_claims if target == key}
        over = {c.scope for c in draft.claims if c.target == key} | stored <= set(left)
        if over:
            draft.links_retired.setdefault(key, (known, end))
        else:
            draft.removed_claims += [(number, key) for number in sorted(stored & set(left))]
        draft.claims = [c for c in draft.claims if c.target != key or not (over or c.scope in left)]

    def _far(self, row: Pending) -> str | None:
        """The one CI that answers at the address, None where there is none or more than one."""
        hosts = self._hosts_at(row.domain, row.address)
        if len(hosts) != 1:
            return None
        host = next(iter(hosts))
        if row.near_end == "object" or not row.port:
            return host
        if host not in self._endpoints:
            self._endpoints[host] = self._draft.parts(host, "Endpoint")
        return _endpoint(self._endpoints[host], row)

    def _hosts_at(self, domain: str, address: str) -> set[str]:
        if (domain, address) not in self._hosts:
            id_ = self._draft.keyed("IPAddress", [f"{domain}/{address}"]).get(f"{domain}/{address}")
            links = self._draft.links([id_]) if id_ is not None else []
            interfaces = [k.subject for k in links if k.type == "HAS_ADDRESS" and k.object == id_]
            parents = {i.parent for i in self._draft.items(interfaces).values()} if interfaces else set()
            self._hosts[(domain, address)] = {p for p in parents if p is not None}
        return self._hosts[(domain, address)]

    def _addresses(self, host: str) -> set[tuple[str, str]]:
        """(domain, address) of all addresses of a host."""
        interfaces = [i.id for i in self._draft.parts(host, "NetworkInterface")]
        ids = [k.object for k in self._draft.links(interfaces) if k.type == "HAS_ADDRESS"] if interfaces else []
        return {_split(i.key) for i in self._draft.items(ids).values()} if ids else set()

    def _addresses_left(self) -> set[tuple[str, str]]:
        """(domain, address) of those that an interface no longer has."""
        ids = [k.object for k, _ in self._draft.links_retired.values() if k.type == "HAS_ADDRESS"]
        return {_split(i.key) for i in self._draft.tx.items(ids).values()} if ids else set()

    def _confirmed(self, row: Pending) -> bool:
        """True for a client's word seen twice, or met by the server's word."""
        if row.passes >= 2 and row.last_seen - row.first_seen >= APART:
            return True
        near = self._draft.items([row.near]).get(row.near)
        if near is None or near.parent is None or row.far is None:
            return False
        words = {
            (p.domain, p.address) for p in self._all_of([row.far]) if p.near_end == "object" and p.type == row.type
        }
        return bool(words) and bool(words & self._addresses(near.parent))

    def _all_of(self, nears: Iterable[str]) -> list[Pending]:
        """References of these CIs as they will be."""
        wanted = set(nears)
        found = {p.key: p for p in self._draft.pending_rows(self._draft.tx.pending(sorted(wanted)))}
        found.update((p.key, p) for p in self._draft.pending.values() if p.near in wanted)
        return [found[key] for key in sorted(found)]


def link_key(row: Pending) -> LinkKey | None:
    """The relation that a reference leads to; None while its far end is unknown, and for a server's word of its clients."""
    told = row.near_end == "subject" and row.far is not None and row.far != row.near
    return (row.near, row.type, row.far) if told and row.far is not None else None


def _sighted(row: Pending) -> bool:
    return RELATIONSHIP_TYPES[row.type].sighted


def _moved(draft: Draft) -> bool:
    """True where addresses, interfaces or endpoints came or went."""
    classes = {"Endpoint", "IPAddress", "NetworkInterface"}
    return (
        any(i.class_name in classes for i in draft.created.values())
        or any(i.class_name in classes for i, _ in draft.retired.values())
        or any(i.class_name in classes and i.parent != old.parent for old, i in draft.updated.values())
        or any(k[1] == "HAS_ADDRESS" for k in draft.links_created)
        or any(k[1] == "HAS_ADDRESS" for k in draft.links_retired)
    )


def _endpoint(endpoints: Iterable[Item], row: Pending) -> str | None:
    """The endpoint of a host that answers there: bound to the very address, else to any address."""
    fit: dict[str, list[str]] = {}
    for each in endpoints:
        if each.attributes.get("protocol") == row.protocol and each.attributes.get("port") == row.port:
            fit.setdefault(str(each.attributes.get("address", "")).partition("%")[0], []).append(each.id)
    for address in (row.address, *ANY_ADDRESS[6 if ":" in row.address else 4]):
        if address in fit:
            return min(fit[address])
    return None


def _split(key: str) -> tuple[str, str]:
    domain, _, address = key.partition("/")
    return domain, address
