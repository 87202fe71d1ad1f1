"""What breaks if these CIs go: the question of `surveymark impact`, over the impact topology.

CIs that are no part of the topology (packages, accounts, VLANs) are named under `outside`: trouble at them is not
followed. `notes` say what the answer can not know of the network. An IP address stands for the interfaces that have it and
the endpoints bound to it; a change or incident record for the CIs that it affects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cmdb import aliases
from cmdb.attachments import PAIRS
from cmdb.cabling import SIGHTING
from cmdb.crossings import CLASS_CODES, WHOLES
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.model.relationship_types import LEVELS
from cmdb.neighbours import is_reference
from cmdb.ports import View
from cmdb.propagation import Reach, propagate
from cmdb.states import Item
from cmdb.topology import Ints, Topology, load

BLIND = (
    "Paths over the network were judged by links alone: one that is left may be shut to a VLAN, by a route or a filter."
)
_UNKNOWN_PORTS = "which ports belong to it is not known, so what is plugged into it is not followed"
_UNKNOWN_LINKS = "no link of it is known, so what may be plugged into it is not followed"
_BOUNDED = (
    f"its interfaces stand on each other in more than {PAIRS:,} ways, so each of them counted as alone, and none as "
    "another's redundancy"
)
LIMIT = 100_000
_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class ImpactReport:
    """The answer; the shapes of its rows are those of architecture.md section 5.

    `impacted` is ordered by level (worst first), class, name and id; each path leads from a start to the CI itself,
    each step with the `type` of the relation and the `rule` by which trouble came there (None at the start). `seeds`
    and `down` say what was asked, and with `starts` what that stands for. Where `complete` is false, `left_out` CIs
    that are reached are not listed, and `frontier` are those that are and from which trouble goes on to them.
    """

    revision: int
    seeds: list[dict[str, Any]]
    down: list[dict[str, Any]]
    outside: list[dict[str, Any]]
    impacted: list[dict[str, Any]]
    frontier: list[dict[str, Any]]
    left_out: int
    notes: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.left_out

    def document(self) -> dict[str, Any]:
        """As one JSON document. Services, owners and what the caller may not read come with later parts."""
        return {
            "complete": self.complete,
            "frontier": self.frontier,
            "left_out": self.left_out,
            "revision": self.revision,
            "seeds": self.seeds,
            "down": self.down,
            "outside": self.outside,
            "notes": self.notes,
            "impacted": self.impacted,
            "services": [],
            "owners": [],
            "redacted": {},
        }


def impact(
    view: View,
    seeds: Sequence[str],
    down: Sequence[str] = (),
    at: int | None = None,
    topology: Topology | None = None,
    limit: int = LIMIT,
) -> ImpactReport:
    """What trouble reaches that begins at `seeds`, with `down` being down already.

    Trouble starts at both, which matters where only both together bring something down; neither is listed as impacted.
    `at` is a revision, None the view's own; `topology` one that was loaded before, which spares a load where `at` is
    None. At most `limit` CIs are listed, worst and nearest first. Raises NotFoundError for an id that there is not, or
    is retired.
    """
    if not seeds:
        raise UsageError("Impact of what? Name at least one configuration item.")
    if limit < 1:
        raise UsageError(f"The limit is {limit}; at least 1 is needed.")
    current = topology.forward(view) if topology and at is None else load(view, at)
    question = _Question(view, at, current)
    asked = question.asked(seeds)
    already = [row for row in question.asked(down) if row["id"] not in {s["id"] for s in asked}]
    starts = sorted({start for row in (*asked, *already) for start in row["starts"]})
    reach = propagate(current, current.nodes(starts))
    kept = reach.reached[:limit]
    frontier = reach.beyond(kept) if len(kept) < len(reach.reached) else reach.reached[:0]
    return ImpactReport(
        revision=current.revision,
        seeds=asked,
        down=already,
        outside=question.outside(),
        impacted=question.impacted(reach, kept.tolist()),
        frontier=_ordered(map(question.row, question.items(map(current.id, frontier.tolist())).values())),
        left_out=len(reach.reached) - len(kept),
        notes=[*question.unknown(starts), *question.bounded(kept), *([BLIND] if reach.cut else [])],
    )


class _Question:
    """The state that is asked about, and what has been learnt on the way."""

    def __init__(self, view: View, at: int | None, topology: Topology) -> None:
        self._view, self._at, self._topology = view, at, topology
        self._outside: dict[str, dict[str, Any]] = {}

    def asked(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        """One row for each id, with the ids of the nodes that it stands for."""
        onward = aliases.resolved(self._view, ids := list(ids), self._at)
        wanted = sorted({onward.get(id_, id_) for id_ in ids})
        items = self._view.items(wanted, self._at)
        missing = [i for i in wanted if i not in items]
        if missing:
            raise NotFoundError(self._missing(missing[0]), ids=missing)
        return _ordered({**self.row(item), "starts": sorted(self._starts(item))} for item in items.values())

    def outside(self) -> list[dict[str, Any]]:
        """Rows of what was asked about, or stood for, and is not followed, each with the reason."""
        return _ordered(self._outside.values())

    def unknown(self, starts: list[str]) -> list[str]:
        """What is not known of the links of what goes, one sentence for each where that is a part of the network."""
        topology = self._topology
        ends = topology.wires[:, :2]
        linked = {topology.id(node) for node in np.unique([ends, topology.parents[ends]]).tolist() if node >= 0}
        notes: list[str] = []
        for item in sorted(self.items(starts).values(), key=lambda i: (i.class_name, i.name, i.id)):
            of_device = item.class_name == "NetworkDevice" or self._is_device(item.parent)
            if item.class_name in ("StackMember", "Module"):
                notes.append(f"{item.class_name} {item.name}: {_UNKNOWN_PORTS}.")
            elif of_device and item.class_name in ("NetworkDevice", "NetworkInterface") and item.id not in linked:
                notes.append(f"{item.class_name} {item.name}: {_UNKNOWN_LINKS}.")
        return notes

    def bounded(self, reached: Ints) -> list[str]:
        """Hosts that are hit, and whose interfaces stand on each other in more ways than were looked at."""
        hosts = np.intersect1d(reached, self._topology.attachments.bounded)
        items = self.items(map(self._topology.id, hosts.tolist())).values()
        return [f"{row['class']} {row['name']}: {_BOUNDED}." for row in _ordered(map(self.row, items))]

    def _is_device(self, id_: str | None) -> bool:
        node = int(self._topology.nodes([id_ or ""])[0])
        return node >= 0 and bool(self._topology.classes[node] == CLASS_CODES["NetworkDevice"])

    def impacted(self, reach: Reach, nodes: list[int]) -> list[dict[str, Any]]:
        ids = {node: self._topology.id(node) for node in nodes}
        hosts = {node: self._host(node) for node in nodes}
        items = self.items({*ids.values(), *(host for host in hosts.values() if host)})
        rows: list[dict[str, Any]] = []
        for node in nodes:
            path = reach.path(node)
            on = hosts[node]
            rows.append(
                {
                    **self.row(items[ids[node]]),
                    "level": LEVELS[reach.levels[node] - 1],
                    "on": on,
                    "on_name": items[on].name if on else None,
                    "path": [
                        {
                            "id": self._topology.id(step),
                            "type": crossing.type if crossing else None,
                            "rule": crossing.effect.text if crossing else None,
                        }
                        for step, crossing in path
                    ],
                    "rule": crossing.effect.text if (crossing := path[-1][1]) else None,
                }
            )
        rows.sort(key=lambda row: (-LEVELS.index(row["level"]), row["class"], row["name"], row["id"]))
        return rows

    def items(self, ids: Iterable[str]) -> dict[str, Item]:
        wanted = sorted(ids)
        found: dict[str, Item] = {}
        for first in range(0, len(wanted), _ROWS):
            found.update(self._view.items(wanted[first : first + _ROWS], self._at))
        return found

    def row(self, item: Item) -> dict[str, Any]:
        return {"id": item.id, "class": item.class_name, "name": item.name}

    def _starts(self, item: Item, record: bool = True) -> set[str]:
        """The nodes that an item stands for; a record only where it was itself asked about."""
        if is_reference(item):  # The device itself, where it is proved which that is.
            links = self._view.links([item.id], self._at)
            itself = {link.subject for link in links if link.type == SIGHTING and link.object == item.id}
            if itself:
                return itself
        if item.class_name in CLASS_CODES:
            return {item.id}
        if item.class_name == "IPAddress":
            return self._starts_of_address(item)
        if record:
            links = self._view.links([item.id], self._at)
            affected = [link.object for link in links if link.type == "AFFECTS" and link.subject == item.id]
            if affected:
                found = self._view.items(affected, self._at).values()
                return {start for each in found for start in self._starts(each, record=False)}
        self._leave(item, f"{item.class_name} is outside the impact topology: trouble at it is not followed")
        return set()

    def _starts_of_address(self, item: Item) -> set[str]:
        links = self._view.links([item.id], self._at)
        holders = self._view.items([link.subject for link in links if link.type == "HAS_ADDRESS"], self._at)
        found = {i for i, holder in holders.items() if holder.class_name in CLASS_CODES}
        for host in sorted({holder.parent for holder in holders.values() if holder.parent}):
            for endpoint in self._view.parts(host, ["Endpoint"], self._at):
                if str(endpoint.attributes.get("address", "")).split("%")[0] == item.attributes.get("address"):
                    found.add(endpoint.id)
        if not found:
            self._leave(item, "no interface that is known has this address")
        return found

    def _leave(self, item: Item, reason: str) -> None:
        self._outside[item.id] = {**self.row(item), "on": item.parent, "reason": reason}

    def _host(self, node: int) -> str | None:
        """The nearest host or device that a node is a part of, itself not counted."""
        while (node := int(self._topology.parents[node])) >= 0:
            if self._topology.classes[node] in WHOLES:
                return self._topology.id(node)
        return None

    def _missing(self, id_: str) -> str:
        last = self._view.last_states([id_]).get(id_)
        if last is None:
            return f"There is no configuration item {id_}."
        when = f"at revision {self._at}" if self._at is not None else "any more"
        return f"{last.class_name} {last.name} ({id_}) is not there {when}; --at asks about a time at which it was."


def _ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["class"], row["name"], row["id"]))
