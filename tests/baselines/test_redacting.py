"""Documents without a value that is erased keep their addresses."""

from __future__ import annotations

from baselines.baseline import show
from baselines.documents import resolve, save
from baselines.drift import drift
from baselines.verification import verify, verify_documents
from cmdb.redacted import MARK
from tests.cmdb.building import Reporter, receiver, system
from tests.cmdb.stores.conformance_erasing import TOKEN, erase, told


def test_a_baseline_and_a_kept_report_lose_the_value_and_keep_their_addresses() -> None:
    with receiver() as cmdb:
        told(cmdb.store)
        cmdb.now = 40
        cmdb.take(Reporter("web", sequence=50).batch(system("web", os_version="later"), at=40))
        with cmdb.view() as view:
            report = drift(view, "b")
            digest = show(view, "b")["digest"]
        address = save(cmdb.store, "drift", report)
        with cmdb.view() as view:
            assert TOKEN in resolve(view, address).decode()

        erase(cmdb)

        with cmdb.view() as view:
            cleaned = resolve(view, address).decode()
            assert TOKEN not in cleaned
            assert MARK in cleaned
            assert "later" not in cleaned  # all that the attribute ever was
            assert list(map(str, verify_documents(view))) == []
            assert verify(view, digest)["sound"]
            every = [view.documents([one])[one] for one in view.document_addresses()]
        assert not any(TOKEN.encode() in data for data in every)
        cmdb.sound()
