"""Legal holds are set and released with a reason, in history."""

from __future__ import annotations

import pytest

from cmdb import holds
from cmdb.attribute_register import declare, remove
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from tests.cmdb.building import START, Receiver, Reporter, system


def add(cmdb: Receiver, name: str, scope: str = "class:Host", reason: str = "a lawsuit") -> None:
    with cmdb.store.transaction() as tx:
        holds.add(tx, name, scope, reason, "me", lambda: START, cmdb.random)


def test_a_hold_has_a_name_of_its_own_a_scope_that_can_be_asked_and_a_reason(cmdb: Receiver) -> None:
    add(cmdb, "case 7")
    with pytest.raises(ConflictError, match="a hold 'case 7' already"):
        add(cmdb, "case 7")
    for name, scope, reason in (
        ("", "class:Host", "r"),
        ("x\ny", "", "r"),
        ("x/y", "", "r"),
        ("x", "class:Toaster", "r"),
        ("x", "", " "),
    ):
        with pytest.raises(UsageError):
            add(cmdb, name, scope, reason)
    assert cmdb.head() == 1


def test_a_hold_whose_words_mean_nothing_any_more_keeps_everything(cmdb: Receiver) -> None:
    declare(cmdb.store, "Host", "cost_center", "integer", "", "me", "asked", lambda: START, cmdb.random)
    add(cmdb, "case 7", "cost_center:42")
    cmdb.take(Reporter("web").batch(system("web")))
    host = cmdb.one("class:Host")
    with cmdb.view() as view:
        assert holds.Held(view).ids([host]) == set()
    remove(cmdb.store, "Host", "cost_center", "me", "unused", lambda: START, cmdb.random)
    with cmdb.view() as view:
        assert holds.Held(view).ids([host]) == {host.id}


def test_a_release_is_a_revision_and_what_was_held_then_can_be_asked(cmdb: Receiver) -> None:
    add(cmdb, "case 7")
    with cmdb.store.transaction() as tx:
        assert holds.release(tx, "case 7", "settled", "you", lambda: START, cmdb.random) == {
            "name": "case 7",
            "released": 2,
        }
    with cmdb.view() as view:
        assert holds.registered(view)["items"] == []
        (held,) = holds.registered(view, 1)["items"]
        assert (held["scope"], held["reason"], held["by"]) == ("class:Host", "a lawsuit", "me")
        revision = view.revision(2)
        assert revision is not None
        assert (revision.actor, revision.cause) == ("you", "settled")
    with pytest.raises(NotFoundError, match="no hold 'case 7'"), cmdb.store.transaction() as tx:
        holds.release(tx, "case 7", "settled", "me", lambda: START, cmdb.random)
    cmdb.sound()
