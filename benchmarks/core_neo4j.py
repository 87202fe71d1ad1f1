"""First load into Neo4j beside a bare `UNWIND ... CREATE` of the same nodes and relations without any index.

Started by `python -m benchmarks.core --store neo4j` over a server of its own, or `--store bolt://host:port` over an empty
one. Client CPU is this process's; server CPU that of the server's process where it was started here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import neo4j

from benchmarks.core import changed_one_percent, load
from benchmarks.estate import EstateHost
from cmdb.stores.neo4j_store import Neo4jStore

HEAP = ("-Xms2g", "-Xmx4g")
"""Of the server that is started here: less than Neo4j's own default, a quarter of memory. With the 1 GiB of the tests a fifth
of its CPU went into collecting garbage, for both sides."""

_TICK = os.sysconf("SC_CLK_TCK")


def compare(url: str, estate: list[EstateHost]) -> None:
    """Load, load again, load bare; print the ratios."""
    with server_and_process(url) as (bolt, pid), neo4j.GraphDatabase.driver(bolt, auth=None) as driver:
        # The server compiles what it runs often: both sides run once before they are measured.
        first_batches = [h.batch(1) for h in estate]
        store = Neo4jStore.open(bolt)
        load(store, first_batches)
        nodes, relations = _content(driver)
        store.close()
        wipe(driver)
        _create(driver, nodes, relations)
        wipe(driver)
        bare = _measured("bare create", pid, lambda: _create(driver, nodes, relations))
        wipe(driver)
        store = Neo4jStore.open(bolt)
        first = _measured("first load", pid, lambda: load(store, first_batches))
        again = [h.batch(2) for h in estate]
        unchanged = _measured("unchanged, whole", pid, lambda: load(store, again))
        held = [h.batch(3, {s.name: s.digest for s in h.encoded()}) for h in estate]
        digests = _measured("unchanged, digests", pid, lambda: load(store, held))
        changed, count = changed_one_percent(estate, spread=True)
        sent = [h.batch(4) for h in changed]
        spread = _measured("1 % spread", pid, lambda: load(store, sent))
        store.close()
    print(f"first load's rate / bare create's      {bare / first:8.2f}   goal >= 0.5")
    print(f"unchanged whole / first load           1/{first / unchanged:6.1f}   goal <= 1/15")
    print(f"unchanged by digests / first load      1/{first / digests:6.1f}   goal <= 1/50")
    print(f"1 % spread ({count} CIs) / first load    {spread / first:8.2f}   goal <= 0.4")
    print(f"{sum(map(len, nodes.values()))} nodes, {sum(map(len, relations.values()))} relations")


@contextmanager
def server_and_process(url: str) -> Iterator[tuple[str, int | None]]:
    if url != "neo4j":
        yield url, None
        return
    from tests.servers.neo4j_server import server

    with server(java_options=HEAP) as bolt:
        yield bolt, _child()


def _child() -> int | None:
    """The Java process that this one started."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        if name == "java" and int(rest.split()[1]) == os.getpid():
            return int(entry.name)
    return None


def cpu_of(pid: int | None) -> float:
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _measured(name: str, pid: int | None, work: Any) -> float:
    server, client, begin = cpu_of(pid), time.process_time(), time.perf_counter()
    work()
    wall = time.perf_counter() - begin
    print(
        f"  {name:22} {wall:8.3f} s   client CPU {time.process_time() - client:7.3f} s   "
        f"server CPU {cpu_of(pid) - server:7.2f} s"
    )
    return wall


def _content(driver: neo4j.Driver) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """What the store made of the current graph: nodes by label with the parent's id, other relations by type."""
    nodes: dict[str, list[Any]] = {}
    relations: dict[str, list[Any]] = {}
    parents: dict[str, str] = {}
    with driver.session() as session:
        for a, kind, b, properties in session.run(
            "MATCH (a:CI)-[r]->(b:CI) RETURN a.id, type(r), b.id, properties(r)"
        ).values():
            if kind in ("CONTAINS", "RUNS_ON"):
                parents[b if kind == "CONTAINS" else a] = a if kind == "CONTAINS" else b
            else:
                relations.setdefault(kind, []).append({"a": a, "b": b, "p": properties})
        for labels, properties in session.run("MATCH (n:CI) RETURN labels(n), properties(n)").values():
            label = next(x for x in labels if x != "CI")
            nodes.setdefault(label, []).append({"p": properties, "parent": parents.get(properties["id"])})
    return nodes, relations


def wipe(driver: neo4j.Driver) -> None:
    with driver.session() as session:
        for (name,) in session.run("SHOW CONSTRAINTS YIELD name").values():
            session.run(f"DROP CONSTRAINT `{name}`").consume()
        for (name,) in session.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name").values():
            session.run(f"DROP INDEX `{name}`").consume()
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()


def _create(driver: neo4j.Driver, nodes: dict[str, list[Any]], relations: dict[str, list[Any]]) -> None:
    """Parents first, then parts nested under their parent by its element id, then the other relations by element id."""
    at: dict[str, str] = {}
    with driver.session() as session:
        for part in (False, True):
            for label, rows in nodes.items():
                wanted = [r for r in rows if (r["parent"] is not None) is part]
                for start in range(0, len(wanted), 20_000):
                    _nodes(session, label, wanted[start : start + 20_000], part, at)
        for kind, rows in relations.items():
            made = [{"a": at[r["a"]], "b": at[r["b"]], "p": r["p"]} for r in rows]
            session.run(
                "UNWIND $rows AS row MATCH (a), (b) WHERE elementId(a) = row.a AND elementId(b) = row.b "
                f"CREATE (a)-[r:{kind}]->(b) SET r = row.p",
                rows=made,
            ).consume()


def _nodes(session: neo4j.Session, label: str, rows: list[Any], part: bool, at: dict[str, str]) -> None:
    if not part:
        statement = f"UNWIND $rows AS row CREATE (n:CI:{label}) SET n = row.p RETURN n.id, elementId(n)"
        at.update(session.run(statement, rows=rows).values())
        return
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(row["parent"], []).append(row["p"])
    nested = [{"at": at[parent], "parts": parts} for parent, parts in groups.items()]
    made = session.run(
        "UNWIND $rows AS row MATCH (p) WHERE elementId(p) = row.at UNWIND row.parts AS part "
        f"CREATE (p)-[:CONTAINS]->(n:CI:{label}) SET n = part RETURN n.id, elementId(n)",
        rows=nested,
    )
    if label in ("NetworkInterface", "SoftwareInstance", "Endpoint"):
        at.update(made.values())
    else:
        made.consume()
