"""Promises about raw batches."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from cmdb.ports import Store
from cmdb.states import Raw, RawStanding

BODIES = {"a" * 64: b"first body", "b" * 64: b"second"}


def raw(batch: str, *bodies: str, received_at: int = 5) -> Raw:
    found = sorted(d for d in BODIES if d[0] in bodies)
    return Raw(
        0,
        batch,
        "agent:1",
        "agent",
        "os:ann",
        received_at,
        "revision",
        None,
        None,
        found,
        b"lines of " + batch.encode(),
    )


def put(store: Store, *batches: Raw) -> None:
    with store.transaction() as tx:
        for one in batches:
            tx.put_raw(one, bodies_of(one))


def bodies_of(one: Raw) -> Mapping[str, bytes]:
    return {digest: BODIES[digest] for digest in one.bodies}


class RawBatches:
    """Kept in order, each body once, until the last batch that has it is dropped."""

    def test_raw_batches_come_back_in_order_with_numbers(self, store: Store, reopen: Callable[[], Store]) -> None:
        one, other = raw("x", "a"), Raw(0, "y", "s", "ssh", "t", 6, "conflict", 7, "C" * 26, [], zlib.compress(b""))
        put(store, one)
        put(store, other)

        assert (one.number, other.number) == (1, 2)
        for again in (store, reopen()):
            with again.view() as view:
                assert view.raws() == [one, other]
                assert view.raws(1) == [other]
                assert view.raws(0, 1) == [one]
                assert view.raws(2) == []

    def test_a_body_is_kept_once_and_as_long_as_a_batch_has_it(self, store: Store) -> None:
        put(store, raw("x", "a", "b"), raw("y", "a"))
        with store.view() as view:
            assert view.raw_bodies([*BODIES, "c" * 64]) == BODIES
            assert view.raw_standing() == RawStanding(2, 2 * len(b"lines of x") + len(b"first bodysecond"), 5)

        with store.transaction() as tx:
            tx.drop_raws([1])
        with store.view() as view:
            assert view.raw_bodies(BODIES) == {"a" * 64: b"first body"}
            assert view.raw_standing() == RawStanding(1, len(b"lines of yfirst body"), 5)

        with store.transaction() as tx:
            tx.drop_raws([2, 9])
            assert tx.raw_standing() == RawStanding(0, 0, 0)
        with store.view() as view:
            assert view.raw_bodies(BODIES) == {}
            assert not view.raw_standing()

    def test_a_transaction_sees_its_own_raw_batches_and_counts_on(self, store: Store) -> None:
        put(store, raw("x"), raw("y"))
        with store.transaction() as tx:
            tx.put_raw(raw("z", "b"), bodies_of(raw("z", "b")))
            tx.drop_raws([1])
            tx.put_raw(raw("later", "b"), bodies_of(raw("later", "b")))

            assert [(r.number, r.batch) for r in tx.raws()] == [(2, "y"), (3, "z"), (4, "later")]
            assert tx.raw_standing().batches == 3
            tx.drop_raws([3])
            assert list(tx.raw_bodies(BODIES)) == ["b" * 64]
