"""An agent's whole life on both stores: enrolled, bound, refused, asked, rotated, revoked, with equal answers and digests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.agent_keys import SecretKeeper
from api.app import create_app
from api.caller import Caller
from api.context import NAME
from api.installation_key import InstallationKey
from api.local_estate import LocalEstate
from api.settings import Settings
from cmdb.ports import Store
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.stores.sqlite_store import SqliteStore
from tests.api.agent_side import BATCHES, AgentSide, enrol_token
from tests.baselines.site import Site, accounts, packages, system

GENESIS = "5a" * 32


def lived(store: Store, key: Path) -> dict[str, Any]:
    """What an agent and its double see of a server over this store, and what is kept of them."""
    site = Site(store)
    app = create_app(Settings(), store, site.clock)
    here = app.extensions[NAME]
    keeper = SecretKeeper(store.genesis(), InstallationKey(key, site.randomness), site.clock)
    for part in (here.agents, here.keys, here.tokens):
        part._randomness = site.randomness
    here.agents._keeper = here.keys._keeper = keeper
    here.estate._shared.ingest._randomness = site.randomness
    operator = LocalEstate(store, Caller("os:root", ("operator",)), site.clock)
    web, seen = AgentSide(app.test_client(), site, "web1"), []

    def note(answer: Any) -> None:
        seen.append((answer.status_code, {k: v for k, v in answer.json.items() if k != "secret"}))

    note(web.enrol(enrol_token(site)))
    note(web.report(system("web1"), packages("a"), accounts("root")))
    note(web.again("POST", BATCHES))
    double = AgentSide(app.test_client(), site, "web1", web.key, web.secret, sequence=7)
    double.marks = {**web.marks, "dmi_uuid": "1b4e28ba-2fa1-11d2-883f-b9a761bde3fb"}
    note(double.report(system("double")))
    thief = AgentSide(app.test_client(), site, "thief", marks={"dmi_uuid": web.marks["dmi_uuid"]})
    note(thief.enrol(enrol_token(site)))
    note(thief.report(system("stolen")))
    asked = operator.ask_agent(web.key, "full_report")
    note(web.ask("GET", "/api/v1/agent/wishes"))
    note(web.report(system("web1"), packages("b"), accounts("root")))
    note(web.ask("POST", "/api/v1/agent/rotations"))
    rotated = operator.rotate_agent(web.key)
    revoked = operator.revoke_agent(thief.key, "nobody of ours")
    note(web.report(packages("c")))
    with store.view() as view:
        return {
            "seen": seen,
            "acts": [{k: v for k, v in a.items() if not k.endswith("_at")} for a in (asked, rotated, revoked)],
            "listed": [{k: v for k, v in a.items() if not k.endswith("_at")} for a in operator_list(store, site)],
            "hosts": sorted(item.name for item in view.scan(["Host"])),
            "kept": view.unversioned("agent_use", web.key) is not None,
            "revisions": [(r.kind, r.actor, r.cause) for r in view.revisions(0)],
        }


def operator_list(store: Store, site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = LocalEstate(store, Caller("os:root", ("reader",)), site.clock).agents()["items"]
    return found


def test_both_stores_know_agents_alike(tmp_path: Path, empty_neo4j: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("SURVEYMARK_STATE", str(tmp_path / "state"))
    stores: list[Store] = [
        SqliteStore.open(tmp_path / "store.db", genesis=GENESIS),
        Neo4jStore.open(empty_neo4j, genesis=GENESIS),
    ]
    try:
        one, other = (lived(store, tmp_path / f"key{number}") for number, store in enumerate(stores))
    finally:
        for store in stores:
            store.close()

    assert one == other
    assert one["hosts"] == ["web1"]
    assert [status for status, _ in one["seen"]] == [201, 200, 401, 200, 201, 403, 200, 200, 201, 200]
    assert one["kept"]
