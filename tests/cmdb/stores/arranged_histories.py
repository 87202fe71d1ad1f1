"""Random histories in which people also arrange the estate: join hosts and part them, retire and bring back; and time passes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from cmdb import by_hand
from cmdb.freshness import Freshness
from cmdb.merging import merge
from cmdb.splitting import split
from tests.cmdb.building import Receiver
from tests.cmdb.stores.histories import History, clock_of

DAY = 86400


class ArrangedHistory(History):
    """A history in which people arrange the estate too."""

    @precondition(lambda self: bool(self.before))
    @rule(data=st.data())
    def send_old_again(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(self.before))
        self.tell(lambda one: one.take(batch))

    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        """Two hosts are said to be one, as long as there are two."""
        one, other = self._host(data), self._host(data)
        self.arranged(lambda r: merge(r.store, one, other, "ann", "the same", clock_of(r), r.random))

    @rule(data=st.data(), sources=st.sampled_from(((), (), ("sweep:web",), ("agent:db",))))
    def part(self, data: st.DataObject, sources: tuple[str, ...]) -> None:
        """A host is said to be two again, or what a source tells of it to be another."""
        id_ = self._host(data)
        self.arranged(lambda r: split(r.store, id_, "ann", "not the same", sources, clock_of(r), r.random))

    @rule(data=st.data(), back=st.booleans())
    def retire_by_hand(self, data: st.DataObject, back: bool) -> None:
        id_ = self._host(data)

        def do(one: Receiver) -> Any:
            with one.store.transaction() as tx:
                act = by_hand.restore if back else by_hand.retire
                return act(tx, id_, "ann", "scrapped", clock_of(one), one.random)

        self.arranged(do)

    @rule(days=st.sampled_from((0, 1, 40)))
    def let_time_pass(self, days: int) -> None:
        """The job that finds what is stale comes by."""
        self.later(days * DAY)
        self.arranged(lambda r: Freshness(r.store, "job", clock_of(r), r.random).run())

    def _host(self, data: st.DataObject) -> str:
        """A host that is there or was."""
        with self.stores[0].view() as view:
            known = {id_ for kind, _, id_ in view.changed(0, view.head().number) if kind == "ci"}
            hosts = sorted(id_ for id_, item in view.last_states(known).items() if item.class_name == "Host")
        return data.draw(st.sampled_from(hosts))
