"""What is set aside for a restoration holds no value that was erased."""

from __future__ import annotations

from cmdb import asides, by_hand
from cmdb.model.classes.host import Host
from cmdb.model.times import SECOND
from tests.cmdb.building import START, Receiver, Reporter, collected, network, system


def retired(cmdb: Receiver) -> str:
    """A host of which two sources tell, so that its claims are kept, retired by hand."""
    for source in ("one", "two"):
        reporter = Reporter("web", source=source)
        cmdb.take(
            reporter.batch(
                system("web"), network("10.0.0.1"), collected("extra", ["Host"], [Host(kernel="6.1 secret")])
            )
        )
    id_ = cmdb.one("class:Host").id
    with cmdb.store.transaction() as tx:
        by_hand.retire(tx, id_, "ann", "gone", lambda: START + cmdb.now * SECOND, cmdb.random)
    return id_


def test_values_of_claims_that_are_set_aside_are_found_by_ci_and_attribute(cmdb: Receiver) -> None:
    id_ = retired(cmdb)

    with cmdb.view() as view:
        assert set(asides.of(view, id_, "kernel")) == {"6.1 secret"}
        assert asides.of(view, id_, "owner") == []
        assert asides.of(view, "another", "kernel") == []


def test_what_is_set_aside_is_given_without_the_attribute_and_with_all_else(cmdb: Receiver) -> None:
    id_ = retired(cmdb)

    with cmdb.view() as view:
        (note,) = view.unversioned_of(by_hand.NOTE, "", 10)
        ((kind, key, clean),) = asides.without(view, id_, "kernel", {id_}, lambda _: ())
        assert asides.without(view, id_, "owner", {id_}, lambda _: ()) == []
    assert (kind, key) == (by_hand.NOTE, note[0])
    assert "secret" not in repr(clean)
    assert len(clean["claims"]) == len(note[1]["claims"])
    with cmdb.store.transaction() as tx:
        tx.put_unversioned(kind, key, clean)
        assert asides.of(tx, id_, "kernel") == []
