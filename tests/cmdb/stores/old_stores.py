"""Stores as an older Surveymark left them, stored in tests/recordings/stores, and how they were made.

`schema-N.db.xz` is a SQLite store of schema N, `schema-N.neo4j.json.xz` the nodes and relationships of a Neo4j one, one a
line, and `schema-N.told.json.xz` what both told of themselves then (see telling). They are never made anew: that the present
Surveymark understands what the one of that day wrote is the point. For the schema of the day, and before it is given a new
number: `python -m tests.cmdb.stores.old_stores bolt://127.0.0.1:PORT`, over a database that it wipes.
"""

from __future__ import annotations

import base64
import json
import lzma
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from neo4j import GraphDatabase

from api.tokens import Tokens
from baselines import baseline, records
from cmdb.model.classes import CLASSES
from cmdb.model.times import SECOND
from cmdb.ports import Store
from cmdb.states import SweepRecord, SweepTarget
from cmdb.stores.neo4j_schema import LABELS
from cmdb.stores.neo4j_schema import VERSION as NEO4J
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.stores.sqlite_schema import VERSION as SQLITE
from tests.cmdb.building import (
    GENESIS,
    START,
    Receiver,
    Reporter,
    accounts,
    depends,
    failed,
    flows,
    marks_of,
    network,
    open_store,
    packages,
    software,
    system,
)
from tests.cmdb.stores.telling import told
from tests.servers.neo4j_server import wipe

FOLDER = Path(__file__).parents[2] / "recordings" / "stores"


def sqlite_file(version: int, folder: Path) -> Path:
    """The SQLite store of that schema, in `folder`."""
    path = folder / f"schema-{version}.db"
    path.write_bytes(lzma.decompress((FOLDER / f"{path.name}.xz").read_bytes()))
    return path


def noted(version: int) -> dict[str, Any]:
    """What the stores of that schema told when they were made."""
    found: dict[str, Any] = json.loads(lzma.decompress((FOLDER / f"schema-{version}.told.json.xz").read_bytes()))
    return found


def into_neo4j(version: int, url: str) -> None:
    """Write the nodes and relationships of the Neo4j store of that schema into the empty database at `url`."""
    text = lzma.decompress((FOLDER / f"schema-{version}.neo4j.json.xz").read_bytes()).decode()
    with GraphDatabase.driver(url) as driver, driver.session() as session:
        for line in text.splitlines():
            kind, *row = json.loads(line)
            if kind == "statement":
                session.run(row[0]).consume()
            elif kind == "node":
                labels = ":".join(f"`{label}`" for label in row[1])
                session.run(f"CREATE (n:{labels}) SET n = $p, n._place = $place", p=_bytes(row[2]), place=row[0])
            else:
                session.run(
                    f"MATCH (s {{_place: $s}}) MATCH (o {{_place: $o}}) CREATE (s)-[r:`{row[1]}`]->(o) SET r = $p",
                    s=row[0],
                    o=row[2],
                    p=_bytes(row[3]),
                )
        session.run("MATCH (n) REMOVE n._place").consume()
        session.run("CALL db.awaitIndexes(600)").consume()


def tell(store: Store) -> None:
    """A small estate with everything in it: several sources, parts that come, go and come back, references that are
    resolved and not, a conflict, a quarantine, baselines, records with pins, tokens, settings."""
    site = Receiver(store)
    hands = (lambda: START + site.now * SECOND, site.random)
    web, db = Reporter("web"), Reporter("db")
    sweep = Reporter("web", source="sweep", route="ssh", privilege="user")
    talking = [software("nginx:443", "app:8080", silent=["idle"]), flows(("app", "10.0.0.2", 5432))]
    serving = [software("pg:5432"), flows(heard=[("10.0.0.1", 5432)])]
    for minute in range(3):
        site.now = 90 * minute
        versions = "12"[minute > 1]
        site.take(
            web.batch(
                _measured(system("web", os="Debian", cpu_count=4), minute),
                packages("libssl3", "Ångström", *(["vim"] if minute != 1 else []), version=versions),
                accounts("root", "ann"),
                network("10.0.0.1", "fd00::1"),
                depends(("10.0.0.2", 5432), ("10.0.0.9", 53)),
                *talking,
                at=site.now,
            )
        )
        site.take(db.batch(system("db"), network("10.0.0.2"), packages("pg"), *serving, at=site.now))
    site.now = 400
    site.take(sweep.batch(system("web", os="debian"), packages("libssl3", "curl"), accounts("ann"), at=site.now))
    site.take(Reporter("old").batch(system("old"), packages("gone"), network("10.0.0.7"), at=site.now))
    site.take(web.batch(failed(packages()), accounts("ann", shell="/bin/zsh"), network("10.0.0.3"), at=site.now))
    _frozen(store, hands)
    site.now = 800
    clone = Reporter("clone", marks={**marks_of("clone"), "machine_id": marks_of("db")["machine_id"]})
    clone.marks["agent_key"] = marks_of("db")["agent_key"]
    clone.marks["ssh_host_keys"] = ["SHA256:" + "c" * 43]
    db.marks = {**marks_of("db"), "ssh_host_keys": ["SHA256:" + "d" * 43]}
    site.take(db.batch(system("db"), at=site.now))
    site.take(clone.batch(system("clone"), at=site.now))
    site.take(Reporter("nobody", marks={"host_name": "nobody"}).batch(system("nobody"), at=site.now))
    site.take(db.batch(system("db", os="Alma"), packages("pg", "perl"), network(), at=site.now))
    site.now = 1200
    site.take(web.batch(packages("libssl3", version="3"), network("10.0.0.1"), at=site.now))
    with store.transaction() as tx:
        for id_, state in (("a" * 16, "interrupted"), ("b" * 16, "done")):
            tx.put_sweep(SweepRecord(id_, 0, START, 3, {"state": state, "words": ["10.0.0.0/30"]}))
            tx.put_sweep_targets(
                [SweepTarget(id_, n, "done" * (n > 1), {"plan": {"name": f"h{n}"}}) for n in (1, 2, 3)]
            )


def _measured(section: Any, uptime: int) -> Any:
    section.readings = {"items": [{"class": "Host", "key": ".", "readings": {"uptime_seconds": uptime}}]}
    return section


def _frozen(store: Store, hands: Any) -> None:
    clock, randomness = hands
    made = baseline.create(store, "agreed", "class:Host", "ann", None, *hands)
    baseline.approve(store, "agreed", made["digest"], "bob", None, *hands)
    baseline.create(store, "proposed", "", "ann", None, *hands)
    how: dict[str, Any] = {"clock": clock, "randomness": randomness}
    records.add(store, "change", "CHG1", "ann", title="reboot «now»", cis=("class:Host name:db",), **how)
    records.pin_impact(store, "change", "CHG1", "ann", **how)
    records.add(store, "incident", "tool.example/INC7", "ann", title="slow", cis=(), **how)
    tokens = Tokens(store, clock, randomness)
    first = tokens.create("os:root", "dashboard", ["reader"], "never")
    tokens.create("os:root", "agent of web", ["agent"], "1y", "agent:web")
    tokens.revoke("os:root", first["id"])
    with store.transaction() as tx:
        tx.put_unversioned("setting", "kept", {"days": 30})


def _bytes(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64decode(value["bytes"]) if isinstance(value, dict) else value
        for name, value in properties.items()
    }


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"bytes": base64.b64encode(value).decode()} if isinstance(value, (bytes, bytearray)) else value
        for name, value in properties.items()
    }


def _nodes(url: str) -> list[list[Any]]:
    """Constraints and indexes, nodes and relationships of the database at `url`."""
    with GraphDatabase.driver(url) as driver, driver.session() as session:
        made = session.run("SHOW CONSTRAINTS YIELD createStatement RETURN createStatement").value()
        owned = "SHOW INDEXES YIELD createStatement, type, owningConstraint WHERE type <> 'LOOKUP' "
        made += session.run(f"{owned} AND owningConstraint IS NULL RETURN createStatement").value()
        found: list[list[Any]] = [["statement", statement] for statement in sorted(made)]
        nodes = session.run("MATCH (n) RETURN elementId(n), labels(n), properties(n)").values()
        place = {id_: number for number, (id_, _, _) in enumerate(nodes)}
        found += [["node", place[id_], sorted(labels), _plain(of)] for id_, labels, of in nodes]
        links = "MATCH (s)-[r]->(o) RETURN elementId(s), type(r), elementId(o), properties(r)"
        found += [["link", place[s], kind, place[o], _plain(of)] for s, kind, o, of in session.run(links).values()]
    return found


def main(url: str) -> None:
    """Make the stores of the present schema."""
    assert SQLITE == NEO4J
    assert not set(LABELS) & set(CLASSES)
    FOLDER.mkdir(exist_ok=True)
    wipe(url)
    said = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.db"
        for store in (open_store(path), Neo4jStore.open(url, clock=lambda: START, randomness=bytes, genesis=GENESIS)):
            tell(store)
            said.append(told(store))
            store.close()
        _keep(f"schema-{SQLITE}.db.xz", path.read_bytes())
    assert said[0] == said[1]
    _keep(f"schema-{SQLITE}.told.json.xz", json.dumps(said[0], ensure_ascii=False).encode())
    lines = [json.dumps(row, ensure_ascii=False) for row in _nodes(url)]
    _keep(f"schema-{SQLITE}.neo4j.json.xz", "\n".join(lines).encode())


def _keep(name: str, data: bytes) -> None:
    (FOLDER / name).write_bytes(lzma.compress(data, preset=9))


if __name__ == "__main__":
    main(sys.argv[1])
