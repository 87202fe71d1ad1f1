"""Legal holds are set and released with a reason, in history."""

from __future__ import annotations

import pytest

from cmdb import holds, merging
from cmdb.attribute_register import declare, remove
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.states import Link
from tests.cmdb.building import START, Receiver, Reporter, depends, network, software, system


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


@pytest.fixture
def past(cmdb: Receiver) -> Link:
    """What web depended on db while it was a debian and then an alma; it was a fedora before."""
    cmdb.take(Reporter("db").batch(system("db"), network("10.0.0.2"), software("postgres:5432")))
    web, on = Reporter("web"), ("10.0.0.2", 5432)
    for os, servers in (("fedora", []), ("debian", [on]), ("alma", [on]), ("alma", [])):
        cmdb.now += 60
        cmdb.take(web.batch(system("web", os=os), depends(*servers), at=cmdb.now))
    with cmdb.view() as view:
        (link,) = [k for k in view.past_links(view.head().number, "", 10) if k.type == "DEPENDS_ON"]
    return link


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        ("os:fedora", False),
        ("os:debian", True),
        ("os:alma", True),
        ("name:postgres class:Endpoint", False),
        ("class:Host name:db", True),
        ("id:big", True),
        ("class:Subnet", False),
    ],
)
def test_a_relation_is_held_by_what_its_ends_are_and_were_while_there_was_it(
    cmdb: Receiver, past: Link, scope: str, held: bool
) -> None:
    cmdb.take(Reporter("big").batch(system("big")))
    one, other = (cmdb.one(f"class:Host name:{name}").id for name in ("big", "web"))
    merging.merge(cmdb.store, one, other, "me", "one machine", lambda: START + 10**9, cmdb.random)
    add(cmdb, "case 7", scope.replace("big", one))

    with cmdb.view() as view:
        assert holds.Held(view).relations([past]) == ({(past.key, past.until)} if held else set())
        assert holds.Held(view).relations([]) == set()
