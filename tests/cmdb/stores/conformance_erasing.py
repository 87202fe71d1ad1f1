"""Promises about values that are erased: gone from every answer, chain and baselines sound, withheld until lifted."""

from __future__ import annotations

from typing import Any

from baselines.baseline import approve, create
from baselines.redacting import rewritten
from baselines.verification import verify_documents
from cmdb.chain import verify
from cmdb.model.times import SECOND
from cmdb.ports import Clock, Store
from cmdb.raw import whole
from cmdb.redaction import lift, redact
from cmdb.states import Rewritten
from tests.cmdb.building import START, Receiver, Reporter, system

TOKEN = "tok-3f9a17c2b7e64d55"


class Erasing:
    """Needs the fixture `store`, an empty store."""

    def test_a_value_that_is_erased_is_in_no_answer_and_the_chain_verifies(self, store: Store) -> None:
        cmdb, _ = told(store)
        done = erase(cmdb)
        assert (done["states"], done["scrubbed"]) == (2, True)
        assert done["raw"] > 0
        assert TOKEN not in everything(store)
        cmdb.sound()
        with store.view() as view:
            assert list(verify_documents(view)) == []

    def test_a_value_that_is_told_again_stays_erased_until_that_is_lifted(self, store: Store) -> None:
        cmdb, web = told(store)
        erase(cmdb)
        cmdb.now = 40
        cmdb.take(web.batch(system("web", os="debian", os_version=TOKEN, kernel="7"), at=40))
        host = cmdb.one("class:Host")
        assert "os_version" not in host.attributes
        assert host.attributes["kernel"] == "7"
        assert TOKEN not in everything(store)
        with_lift = lift(store, host.id, "os_version", "a mistake", "me", clock(cmdb), cmdb.random)
        assert with_lift["revision"] == cmdb.head()
        cmdb.now = 50
        cmdb.take(web.batch(system("web", os="debian", os_version="13", kernel="7"), at=50))
        assert cmdb.one("class:Host").attributes["os_version"] == "13"
        cmdb.sound()

    def test_a_state_whose_value_vanished_without_a_redaction_is_damage(self, store: Store) -> None:
        cmdb, _ = told(store)
        with store.view() as view:
            (state,) = (s for s in view.history(cmdb.one("class:Host").id) if s.until is not None)
        state.attributes = {"name": "web"}
        with store.transaction() as tx:
            tx.rewrite(Rewritten([state]))
        with store.view() as view:
            assert any("not what was written" in str(damage) for damage in verify(view))


def told(store: Store) -> tuple[Receiver, Reporter]:
    """A host of which two states and a baseline have the value."""
    cmdb, web = Receiver(store), Reporter("web")
    cmdb.take(web.batch(system("web", os="debian", os_version=TOKEN)))
    frozen = create(store, "b", "class:Host", "me", clock=clock(cmdb), randomness=cmdb.random)
    approve(store, "b", frozen["digest"], "you", clock=clock(cmdb), randomness=cmdb.random)
    cmdb.now = 20
    cmdb.take(web.batch(system("web", os="debian", os_version=TOKEN, kernel="6"), at=20))
    assert TOKEN in everything(store)
    return cmdb, web


def erase(cmdb: Receiver) -> dict[str, Any]:
    id_ = cmdb.one("class:Host name:web").id
    return redact(cmdb.store, id_, "os_version", "a secret", "me", rewritten, clock(cmdb), cmdb.random)


def clock(cmdb: Receiver) -> Clock:
    return lambda: START + cmdb.now * SECOND


def everything(store: Store) -> str:
    """All that the store would give to another one, and its raw batches and documents in the clear."""
    with store.view() as view:
        found = [whole(view, raw).decode() for raw in view.raws()]
        found += [data.decode() for data in view.documents(list(view.document_addresses())).values()]
    with store.dump() as dump:
        found += [repr(record) for record in dump.records]
    return "\n".join(found)
