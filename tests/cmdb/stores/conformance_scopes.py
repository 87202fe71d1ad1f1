"""Promises of how far each section looked: scopes, their numbers and their times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cmdb.ports import Store
from cmdb.states import Claim, Commit
from tests.cmdb.stores.building import SECOND, host, id_of, package, revise, revise_in, scope, write


class Scopes:
    """Promises of scopes."""

    def test_scopes_are_numbered_in_order_and_keep_their_number(self, store: Store) -> None:
        web = host()
        first = scope(web, "packages")
        second = scope(web, "accounts", collected_at=None, outcome="failed", reason="no root")
        with store.transaction() as tx:
            tx.number_scopes([first, second])
        third = scope(web, "packages", "ssh:2", classes=[], relations=["RUNS_ON"])
        with store.transaction() as tx:
            tx.number_scopes([third])
        later = replace(first, digest="e" * 64, sequence=2, seen_at=9 * SECOND, cost={"cpu_seconds": 0.5})
        write(store, scopes=[later])

        assert [s.number for s in (first, second, third)] == [1, 2, 3]
        with store.view() as view:
            assert view.scopes(web.id) == [second, later, third]
            assert view.scopes_by_number([1, 3, 7]) == {1: later, 3: third}
            assert view.scopes_from("agent:1", [web.id, id_of("other")]) == [second, later]
            assert view.scopes_from("agent:1") == [second, later]
            assert view.scopes_from("ssh:2", [id_of("other")]) == view.scopes_from("ssh:9") == []
        with store.transaction() as tx:
            assert tx.scopes_from("ssh:2", [web.id]) == [third]
            assert tx.scopes_of("agent:1", web.id) == {"packages": later, "accounts": second}
            assert tx.scopes_of("agent:9", web.id) == {}

    def test_a_transaction_sees_the_scopes_it_numbered(self, store: Store) -> None:
        web = host()
        first = scope(web)
        with store.transaction() as tx:
            tx.number_scopes([first])
            assert tx.scopes_of("agent:1", web.id) == {"packages": first}
            tx.number_scopes([scope(web, "accounts")])
            assert sorted(s.number for s in tx.scopes(web.id)) == [1, 2]

    def test_seen_again_writes_times_sequence_and_cost_only(self, store: Store) -> None:
        web = host()
        first, second = scope(web), scope(web, "accounts")
        with store.transaction() as tx:
            tx.number_scopes([first, second])
        times: dict[str, Any] = {
            "observed_at": 50,
            "seen_at": 60,
            "sequence": 7,
            "cost": {"bytes": 1},
            "collected_at": 50,
        }

        with store.transaction() as tx:
            tx.seen_again([replace(first, digest="not written", outcome="failed", **times), replace(second, **times)])

        with store.view() as view:
            assert view.scopes(web.id) == [replace(second, **times), replace(first, **times)]
            assert view.head().number == 0

    def test_claims_on_what_retires_are_gone_within_the_same_transaction(self, store: Store) -> None:
        web = host("web01", "mac a")
        nginx = package(web, "nginx")
        mine, other = scope(web), scope(web, "accounts")
        revise(store, created=[web, nginx])
        with store.transaction() as tx:
            tx.number_scopes([mine, other])
            tx.write(Commit(claims=[Claim(mine.number, web.id, {"a": 1}), Claim(other.number, nginx.id, {"b": 2})]))

        with store.transaction() as tx:
            revise_in(tx, retired=[nginx])
            assert tx.claims_of([other.number]) == []
            assert len(tx.claims_of([mine.number])) == 1
