"""A store that has something in every table, for tests that tamper with it."""

from __future__ import annotations

from cmdb.commit import entry_revision
from cmdb.model.values import digest
from cmdb.ports import Store
from cmdb.states import Entry
from tests.cmdb.building import (
    START,
    Receiver,
    Reporter,
    accounts,
    depends,
    failed,
    flows,
    network,
    packages,
    software,
    system,
)


def filled(store: Store) -> Receiver:
    """States and relations, current, superseded, retired and back again; claims of several sources, references that wait,
    readings, a failed section, entries, a document, a note."""
    cmdb = Receiver(store)
    web, db, sweep = Reporter("web"), Reporter("db"), Reporter("web", source="sweep", route="ssh")
    for number, names in enumerate((["a", "b"], ["a"], ["a", "b"])):
        cmdb.now = number * 100
        seen = system("web", os=f"os {number}")
        seen.readings = {"items": [{"class": "Host", "key": ".", "readings": {"uptime_seconds": number}}]}
        cmdb.take(
            web.batch(
                seen,
                packages(*names),
                software("nginx:80"),
                flows(("nginx", "10.9.9.9", 5432)),
                depends(("10.0.0.2", 5432)),
                accounts("root"),
                at=cmdb.now,
            )
        )
        cmdb.take(db.batch(system("db"), network("10.0.0.2"), software(f"pg:{5432 + number % 2}"), at=cmdb.now))
    cmdb.take(sweep.batch(system("web", os="os 2"), failed(packages()), packages("a", section="rpm"), at=cmdb.now))
    cmdb.take(web.batch(packages("a"), at=cmdb.now))
    for value in (1, 2):
        with store.transaction() as tx:
            entries = [Entry("setting", "web 1", {"n": value}, 0, b"", b"")]
            entry_revision(tx, "setting", entries, "me", "test", lambda: START, cmdb.random)
            tx.put_unversioned("tour", "me", {"seen": True})
            tx.put_document(digest(b'{"document":"impact"}'), b'{"document":"impact"}')
    return cmdb
