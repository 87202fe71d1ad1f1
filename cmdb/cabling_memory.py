"""What links are derived from, kept between runs of one process and moved forward by what has changed since.

Items and links are followed by the revisions that changed them. Readings make no revision: of whose evidence came is told by
who took it. What other processes took of readings alone comes with the next whole load, after an hour at the latest.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from cmdb import aliases
from cmdb.cabling import TYPES, Cable
from cmdb.cabling_estate import PARTS, WHOLES, as_node, load_nodes, shared
from cmdb.cabling_evidence import Estate
from cmdb.model.times import SECOND
from cmdb.ports import View
from cmdb.states import Item, Link, LinkKey
from cmdb.told_cables import Words

FEW = 200
"""So many changed hosts and devices, or a quarter where that is more, are loaded one by one; beyond, all at once is cheaper."""
WHOLE_AFTER = 3_600 * SECOND
_REARRANGED = (aliases.KIND, aliases.MERGE, aliases.JOINED)
"""Kinds of entries that change where parts of several CIs go elsewhere."""
_ROWS = 1_000


@dataclass
class Memory:
    """What the last run had. Safe for use by several threads, one after the other."""

    estate: Estate = field(default_factory=lambda: Estate(()))
    links: dict[LinkKey, Link] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    told: dict[str, tuple[list[Cable], str]] = field(default_factory=dict)
    """What each owner tells, and the digest of that."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    _revision: int = -1
    _digest: str = ""
    """Of that revision: a store that was restored has others."""
    _since: int = 0
    _whole_at: int = 0

    def forget(self) -> None:
        """Load all of it the next time."""
        self._revision = -1

    def forward(self, view: View, since: int, time: int, told: Collection[str] = ()) -> None:
        """Have the estate as the view has it, without stations from tables that were read before the day `since`. `told` are
        hosts and devices of which readings may have come."""
        head = view.head()
        changed = self._changes(view, since, time)
        wholes = None if changed is None else self._wholes(view, changed[0]) | set(told)
        if changed is None or wholes is None or len(wholes) > max(FEW, len(self.estate.nodes) // 4):
            self.estate = Estate(load_nodes(view, since), shared(view))
            self.links = {link.key: link for link in view.scan_links(TYPES)}
            self.told = {owner: told for owner, told in self.told.items() if owner in self.estate.nodes}
            self._whole_at = time
        else:
            self._renew(view, wholes, since)
            self._relink(view, changed[1])
        self._revision, self._digest, self._since = head.number, head.digest, since

    def _changes(self, view: View, since: int, time: int) -> tuple[set[str], set[LinkKey]] | None:
        """CIs and links that changed; None where it can not be told, or is not to be relied on any more."""
        head = view.head()
        if self._revision < 0 or self._since != since or not 0 <= time - self._whole_at < WHOLE_AFTER:
            return None
        stood = view.revision(self._revision)
        if (stood.digest if stood is not None else "") != self._digest and self._revision > 0:
            return None
        items: set[str] = set()
        links: set[LinkKey] = set()
        for kind, _, key in view.changed(self._revision, head.number):
            if kind == "ci":
                items.add(key)
            elif kind == "link":
                subject, type_name, object_ = key.split(" ")
                if type_name in TYPES:
                    links.add((subject, type_name, object_))
            elif key.partition(" ")[0] in _REARRANGED:
                return None
        return items, links

    def _wholes(self, view: View, touched: Collection[str]) -> set[str]:
        """The hosts and devices that changed, or parts of which did."""
        found: set[str] = set()
        for some in _chunks(sorted(touched)):
            for id_, item in view.last_states(some).items():
                if item.class_name in PARTS and item.parent is not None:
                    found.add(item.parent)
                elif item.class_name in WHOLES or id_ in self.estate.nodes:
                    found.add(id_)
        return found

    def _renew(self, view: View, wholes: Collection[str], since: int) -> None:
        items: dict[str, Item] = {}
        for some in _chunks(sorted(wholes)):
            items.update(view.items(some))
        nodes = {
            id_: as_node(view, item, view.parts(id_, PARTS), since)
            for id_, item in items.items()
            if item.class_name in WHOLES
        }
        gone = [id_ for id_ in wholes if id_ not in nodes and id_ in self.estate.nodes]
        if gone:
            left = {id_: node for id_, node in self.estate.nodes.items() if id_ not in gone}
            self.estate = Estate({**left, **nodes}.values(), shared(view))
        else:
            self.estate = self.estate.renewed(nodes, shared(view))

    def _relink(self, view: View, keys: Collection[LinkKey]) -> None:
        for key in keys:
            self.links.pop(key, None)
        for some in _chunks(sorted({subject for subject, _, _ in keys})):
            self.links.update({link.key: link for link in view.links(some) if link.key in keys})


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (ids[at : at + _ROWS] for at in range(0, len(ids), _ROWS))
