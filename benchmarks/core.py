"""How fast batches land, each beside its floor measured in the same run.

    python -m benchmarks.core [--hosts 200] [--cis 500] [--store sqlite|neo4j://host] [--rounds 3]

Prints for SQLite: first load beside json decoding of the same bytes + `executemany` of the same `ci`, `key` and `link` rows
with their indexes; bytes of store per CI; unchanged batches beside SHA-256 of the bytes + one UPDATE a section; batches by
digest alone; 1 % of CIs changed, on 1 % of hosts and spread over all. For Neo4j the first load beside a bare
`UNWIND ... CREATE` of the same nodes and relations without any index.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.estate import EstateHost, hosts
from cmdb.ingest import Ingest
from cmdb.model.declaration import CI
from cmdb.ports import Store
from cmdb.stores.sqlite_schema import whole
from cmdb.stores.sqlite_store import SqliteStore
from cmdb.taking import Sender

SEED = 20261123
SENDER = Sender("benchmark")
GROUP = 16
"""Batches that share a transaction of a floor."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--cis", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--store", default="sqlite", help="sqlite, or the URL of an empty Neo4j (neo4j://host:port)")
    options = parser.parse_args()
    estate = list(hosts(options.hosts, options.cis, SEED))
    print(f"{options.hosts} hosts x {options.cis} CIs, seed {SEED}, {options.rounds} rounds, medians of seconds")
    if options.store == "sqlite":
        _sqlite(estate, options.rounds, options.hosts * options.cis)
    else:
        from benchmarks.core_neo4j import compare

        compare(options.store, estate)


def load(store: Store, batches: list[bytes]) -> int:
    """Ingest with all of them waiting, as on a busy server; returns the history rows that were made."""
    changed = 0
    for receipt in Ingest(store).submit_many(batches, SENDER):
        changed += receipt["updated"] + receipt["retired"]
        if any(s["outcome"] == "refused" for s in receipt["sections"]):
            raise SystemExit(f"refused: {receipt}")
    return changed


def seconds(work: Callable[[], object]) -> float:
    """Wall seconds of a call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def changed_one_percent(estate: list[EstateHost], spread: bool) -> tuple[list[EstateHost], int]:
    """The estate with 1 % of its CIs changed in one attribute: on 1 % of the hosts, or spread over all."""
    total = sum(len(items) for h in estate for items, _, _, _ in h.sections.values())
    wanted = round(total / 100)
    chosen = len(estate) if spread else max(1, len(estate) // 100)
    changed, count = [], 0
    for number, host in enumerate(estate):
        left = wanted // chosen + (number < wanted % chosen) if number < chosen else 0
        sections = dict(host.sections)
        for name in ("packages", "config_files", "services", "accounts", "groups", "software", "filesystems"):
            items, *rest = sections[name]
            renewed = [_changed(item) if n < left else item for n, item in enumerate(items)]
            sections[name] = (renewed, rest[0], rest[1], rest[2])
            count += min(left, len(items))
            left -= min(left, len(items))
        changed.append(EstateHost(host.number, sections))
    return changed, count


def _changed(item: CI) -> CI:
    for name, value in item.attributes().items():
        if name not in type(item).key:
            other: object = value + 1 if type(value) is int else not value if type(value) is bool else f"{value}~"
            return replace(item, **{name: ["99:" + value[0]] if isinstance(value, list) else other})
    raise ValueError(f"nothing to change in {item}")


def _sqlite(estate: list[EstateHost], rounds: int, cis: int) -> None:
    first = [h.batch(1) for h in estate]
    again = [h.batch(2) for h in estate]
    by_digest = [h.batch(3, {s.name: s.digest for s in h.encoded()}) for h in estate]
    few, few_count = changed_one_percent(estate, spread=False)
    spread, spread_count = changed_one_percent(estate, spread=True)
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        with _folder() as folder:
            store = SqliteStore.open(folder / "first.db")
            _note(times, "first load", lambda s=store: load(s, first))
            rows = _rows(folder / "first.db")
            _note(times, "its floor", lambda f=folder, r=rows: _floor(f / "floor.db", first, r))
            _note(times, "unchanged, whole", lambda s=store: load(s, again))
            _note(times, "its floor ", lambda f=folder: _unchanged_floor(f / "update.db", again))
            _note(times, "unchanged, digests", lambda s=store: load(s, by_digest))
            size = _size(folder / "first.db")
            made: list[int] = []
            sent = [h.batch(4) for h in few]
            _note(times, "1 % on 1 % of hosts", lambda s=store, m=made, b=sent: m.append(load(s, b)))
            if made[0] != few_count:
                raise SystemExit(f"{made[0]} history rows for {few_count} changed CIs")
            load(store, [h.batch(5) for h in estate])
            made.clear()
            sent = [h.batch(6) for h in spread]
            _note(times, "1 % spread", lambda s=store, m=made, b=sent: m.append(load(s, b)))
            if made[0] != spread_count:
                raise SystemExit(f"{made[0]} history rows for {spread_count} changed CIs")
            with store.view() as view:
                revisions = view.counts()["revisions"]
            store.close()
    middle = {name: statistics.median(values) for name, values in times.items()}
    for name, value in middle.items():
        print(f"  {name:22} {value:8.3f}   (min {min(times[name]):.3f}, max {max(times[name]):.3f})")
    load_time = middle["first load"]
    unchanged = middle["unchanged, whole"]
    print(f"first load / floor                     {load_time / middle['its floor']:8.2f}   goal <= 2.5")
    print(f"bytes of store per CI                  {size / cis:8.0f}   goal <= 1,000")
    print(f"unchanged whole / floor                {unchanged / middle['its floor ']:8.2f}   goal <= 3")
    print(f"unchanged whole / first load           1/{load_time / unchanged:6.1f}   goal <= 1/15")
    print(f"unchanged by digests / first load      1/{load_time / middle['unchanged, digests']:6.1f}   goal <= 1/50")
    share = 3 * load_time * few_count / cis + unchanged
    print(f"1 % on 1 % of hosts / (3 shares + unchanged) {middle['1 % on 1 % of hosts'] / share:5.2f}   goal <= 1")
    print(f"1 % spread / first load                {middle['1 % spread'] / load_time:8.2f}   goal <= 0.4")
    print(f"history rows = changed CIs: {few_count} and {spread_count}; revisions {revisions}")


def _note(times: dict[str, list[float]], name: str, work: Callable[[], object]) -> None:
    times.setdefault(name, []).append(seconds(work))


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="surveymark-bench-") as name:
        yield Path(name)


def _rows(file: Path) -> dict[str, list[list[tuple[object, ...]]]]:
    """The rows of `ci`, `key` and `link` as the store has them, by groups of 16 hosts (16 revisions)."""
    connection = sqlite3.connect(file)
    groups = connection.execute("SELECT max(number) FROM revision").fetchone()[0] // GROUP + 1
    rows: dict[str, list[list[tuple[object, ...]]]] = {
        t: [[] for _ in range(groups + 1)] for t in ("ci", "key", "link")
    }
    since = {}
    for row in connection.execute("SELECT * FROM ci ORDER BY num"):
        since[row[0]] = row[10]
        rows["ci"][(row[10] - 1) // GROUP].append(row)
    for row in connection.execute("SELECT * FROM key"):
        rows["key"][(since[row[2]] - 1) // GROUP].append(row)
    for row in connection.execute("SELECT * FROM link"):
        rows["link"][(row[6] - 1) // GROUP].append(row)
    connection.close()
    return rows


def _floor(file: Path, batches: list[bytes], rows: dict[str, list[list[tuple[object, ...]]]]) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for statement in whole():
        if any(f" {kind} {name}" in statement for kind in ("TABLE", "INDEX") for name in ("ci", "key", "link")):
            connection.execute(statement)
    for start in range(0, len(batches), GROUP):
        for batch in batches[start : start + GROUP]:
            for line in batch.splitlines():
                json.loads(line)
        connection.execute("BEGIN IMMEDIATE")
        for table, groups in rows.items():
            group = groups[start // GROUP]
            if group:
                connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(group[0]))})", group)
        connection.execute("COMMIT")
    connection.close()


def _unchanged_floor(file: Path, batches: list[bytes]) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE scope (number INTEGER PRIMARY KEY, seen_at INTEGER)")
    sections = max(b.count(b'"section":') for b in batches)
    connection.executemany("INSERT INTO scope VALUES (?, 0)", [(n,) for n in range(len(batches) * sections)])
    number = 0
    for start in range(0, len(batches), GROUP):
        connection.execute("BEGIN IMMEDIATE")
        for batch in batches[start : start + GROUP]:
            for line in batch.splitlines():
                if line.startswith(b'{"items":'):
                    hashlib.sha256(line).hexdigest()
                    connection.execute("UPDATE scope SET seen_at = ? WHERE number = ?", (start, number))
                    number += 1
        connection.execute("COMMIT")
    connection.close()


def _size(file: Path) -> int:
    connection = sqlite3.connect(file)
    pages, size = (connection.execute(f"PRAGMA {p}").fetchone()[0] for p in ("page_count", "page_size"))
    connection.close()
    return int(pages * size)


if __name__ == "__main__":
    main()
