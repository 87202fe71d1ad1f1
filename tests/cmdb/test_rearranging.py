"""What stands and what is wanted: the difference goes into the draft, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from cmdb.draft import Draft
from cmdb.rearranging import Standing, Wanted, rearrange
from cmdb.states import Retirement
from tests.cmdb.building import Receiver, Reporter, network, packages, system

END = Retirement("test", None)


def test_what_is_wanted_as_it_stands_changes_nothing(cmdb: Receiver) -> None:
    web = str(cmdb.take(Reporter("web").batch(system("web"), packages("a"), network("10.0.0.1")))["ci"])
    with cmdb.store.transaction() as tx:
        standing, wanted, draft = Standing(tx, [web], 0), Wanted(), Draft(tx)
        for item in standing.items.values():
            wanted.item(item, standing.claims(item))
        for link in standing.links.values():
            wanted.link(link, standing.claims(link))
        rearrange(draft, standing, wanted, (), END)

    assert not draft.effective
    assert (draft.claims, draft.removed_claims, draft.rescoped, draft.links_rescoped) == ([], [], [], [])


def test_what_is_not_wanted_ends_and_only_what_others_replace_is_merged(cmdb: Receiver) -> None:
    web = str(cmdb.take(Reporter("web").batch(system("web"), packages("a", "b")))["ci"])
    a, b = (cmdb.one(f"class:SoftwarePackage name:{name}") for name in "ab")
    with cmdb.store.transaction() as tx:
        standing, wanted, draft = Standing(tx, [web], 0), Wanted(), Draft(tx)
        wanted.item(standing.items[web], standing.claims(standing.items[web]))
        rearrange(draft, standing, wanted, {a.id}, END)

    assert {id_: end.merged for id_, (_, end) in draft.retired.items()} == {a.id: True, b.id: False}


def test_a_part_with_two_claims_has_both_stored_and_with_one_none(cmdb: Receiver) -> None:
    web = str(cmdb.take(Reporter("web").batch(system("web"), packages("a")))["ci"])
    a = cmdb.one("class:SoftwarePackage")
    with cmdb.store.transaction() as tx:
        standing, wanted, draft = Standing(tx, [web], 0), Wanted(), Draft(tx)
        host = standing.items[web]
        wanted.item(host, standing.claims(host))
        claims = standing.claims(a)
        (number,) = claims
        wanted.item(a, {**claims, 99: replace(claims[number], scope=99)})
        rearrange(draft, standing, wanted, (), END)

    assert [(c.scope, c.target) for c in draft.claims] == [(number, a.id), (99, a.id)]
    assert [i.scope for i in draft.rescoped] == [None]
