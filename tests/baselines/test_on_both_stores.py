"""The same reports and acts on both stores: equal baselines, drift, verdicts and records, digests included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from baselines import baseline, records
from baselines.documents import resolve
from baselines.drift import drift
from cmdb.ports import Store
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.stores.sqlite_store import SqliteStore
from tests.baselines.site import Site, accounts, failed, hardware, network, packages, software, system

GENESIS = "5a" * 32


def lived(store: Store) -> dict[str, Any]:
    """What a site's life on this store gives to see."""
    site = Site(store)
    seen: dict[str, Any] = {}
    whole = [
        system("web1"),
        hardware("user", vendor="ACME"),
        packages("curl=1", "nginx"),
        accounts("ann"),
        software(80),
    ]
    site.report("web1", *whole, network("192.0.2.1"))
    site.report("db1", system("db1"), packages("postgres"), failed(accounts(), "no permission"))
    for name, scope in (("all", ""), ("web", "class:Host name:web* -class:LocalAccount"), ("curl", "name:curl")):
        made = baseline.create(store, name, scope, "ann", None, site.clock, site.randomness)
        seen[f"created {name}"] = baseline.approve(
            store, name, made["digest"], "bob", None, site.clock, site.randomness
        )
    records.add(store, "change", "CHG1", "ann", cis=["class:Endpoint"], clock=site.clock, randomness=site.randomness)
    site.report(
        "web1",
        system("web1", 2 << 30),
        hardware(vendor="ACME", product="One"),
        packages("curl=2"),
        accounts("ann", "eve"),
    )
    site.report("web1", failed(packages()), software(80, 81), network("192.0.2.2"))
    site.report("new1", system("new1"), packages("curl=1"))
    baseline.create(store, "later", "", "ann", None, site.clock, site.randomness)
    records.pin_impact(store, "change", "CHG1", "ann", clock=site.clock, randomness=site.randomness)
    seen["record"] = records.pin_drift(store, "change", "CHG1", "ann", "all", None, site.clock, site.randomness)
    with store.view() as view:
        for name in ("all", "web", "curl"):
            seen[f"drift {name}"] = drift(view, name)
            seen[f"verified {name}"] = baseline.verify(view, name)
        seen["drift then"] = drift(view, "all", at=2)
        seen["drift against"] = drift(view, "all", against="later")
        seen["registered"] = baseline.registered(view)
        seen["as of"] = records.show(view, "change", "CHG1", at=view.head().number - 1)
        seen["documents"] = [resolve(view, pin["digest"]) for pin in seen["record"]["pins"]]
        seen["chain"] = view.head().digest
    return seen


def test_both_stores_give_equal_answers(tmp_path: Path, empty_neo4j: str) -> None:
    embedded = SqliteStore.open(tmp_path / "site.db", genesis=GENESIS)
    server = Neo4jStore.open(empty_neo4j, genesis=GENESIS)
    try:
        there, here = lived(server), lived(embedded)
    finally:
        server.close()
        embedded.close()

    assert here["drift all"]["findings"] > 0
    assert here["drift all"]["coverage"]["not_comparable"] > 0
    assert here["verified all"]["sound"]
    for asked, answer in here.items():
        assert there[asked] == answer, asked
