"""What grows with the store and what does not: ingest, look-ups, searches, the past, bytes; each a ratio in one run.

    python -m benchmarks.growth [--store sqlite|neo4j] [--sizes 10000,100000,1000000] [--repeat 20] [--cartography PYTHON]

One store is loaded up to each size in turn and asked the same at each. On SQLite a second one of the smallest size is then
measured beside it, in turns, so that other work on the machine weighs on both. With `--store neo4j` a server is started, and
the same hosts are loaded by cartography's own loader into an empty one (growth_cartography.py), in an environment of its own.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from benchmarks.core import SEED, changed_one_percent, load
from benchmarks.estate import EstateHost, hosts
from benchmarks.growth_queries import QUERIES, WIDE
from cmdb.model.query_language import parse
from cmdb.ports import Store
from cmdb.stores.sqlite_store import SqliteStore

CIS = 500
"""CIs of a host."""

INGESTED = 16
"""Hosts that are loaded, measured, into a store of each size."""

WARM = 2
"""Times that a question is asked before it is measured."""

BACK = 300
"""Revisions between the past that is asked for and the present."""

Clock = Callable[[], float]
"""Seconds of CPU so far, of this process and of the store's server."""


@dataclass
class Growth:
    """One store as it grows. `figures` holds what was measured by name, one value a size."""

    store: Store
    cpu: Clock
    repeat: int
    figures: dict[str, list[float]] = field(default_factory=dict)
    loaded: int = 0

    def __post_init__(self) -> None:
        self._estate = self._hosts()
        self.first: EstateHost | None = None
        self.json_bytes = 0

    def _hosts(self) -> Iterator[EstateHost]:
        for host in hosts(1_000_000, CIS, SEED):
            if host.number == 0:
                self.first = host
            yield host

    def grow(self, size: int) -> None:
        """Load up to `size` CIs, then INGESTED hosts three times, measured, and ask."""
        self.fill(size - 3 * INGESTED * CIS)
        self.note("ingest, CPU s of 8,000 CIs", min(self.ingest() for _ in range(3)))
        for name, ask in self.asked().items():
            self.note(f"{name}, ms", self.p95(ask))
        self._search()

    def fill(self, size: int) -> None:
        """Load up to `size` CIs."""
        while self.loaded < size:
            self._load(min(64, -(-(size - self.loaded) // CIS)))

    def ingest(self) -> float:
        """Seconds of CPU that INGESTED more hosts take."""
        return self._load(INGESTED)

    def _load(self, count: int) -> float:
        batches = [h.batch(1) for h in islice(self._estate, count)]
        self.json_bytes += sum(map(len, batches))
        begin = self.cpu()
        load(self.store, batches)
        self.loaded += count * CIS
        return self.cpu() - begin

    def asked(self) -> dict[str, Callable[[], object]]:
        """The questions that should cost the same whatever the size, each over a view of its own."""
        with self.store.view() as view:
            host = view.find(parse("class:Host name:host0003"), limit=1).items[0].id
            part = view.parts(host)[-1].id

        def look_up() -> None:
            with self.store.view() as view:
                view.items([part])

        def neighbours() -> None:
            with self.store.view() as view:
                view.links([host])
                view.parts(host)

        def history() -> None:
            with self.store.view() as view:
                view.history(part)
                view.link_history(part)

        return {"look-up": look_up, "neighbours": neighbours, "history": history}

    def _search(self) -> None:
        for name, query in {**QUERIES, **WIDE}.items():
            parsed = parse(query)
            with self.store.view() as view:
                begin = self.cpu()
                wall = self.p95(lambda v=view, p=parsed: v.find(p, limit=100))  # type: ignore[misc]
                self.note(f"search, {name}, CPU ms", (self.cpu() - begin) * 1000 / (self.repeat + WARM))
            self.note(f"search, {name}, ms", wall)

    def p95(self, ask: Callable[[], object]) -> float:
        """Milliseconds, warm: the 95th of a hundred of wall time, of as many repetitions as were asked for."""
        for _ in range(WARM):
            ask()
        spent = []
        for _ in range(self.repeat):
            begin = time.perf_counter()
            ask()
            spent.append((time.perf_counter() - begin) * 1000)
        return sorted(spent)[max(0, -(-95 * len(spent) // 100) - 1)]

    def note(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(value)
        print(f"  {self.loaded:>9} CIs  {name:34} {value:10.3f}", flush=True)

    def past(self) -> None:
        """Change one host BACK times, and ask for it as of before."""
        assert self.first is not None
        for number in range(BACK):
            load(self.store, [_one_package(self.first, number).batch(10 + number)])
        with self.store.view() as view:
            host = view.find(parse("class:Host name:host0000"), limit=1).items[0]
            at = view.head().number - BACK
            now = self.p95(lambda: (view.items([host.id]), view.parts(host.id), view.links([host.id])))
            then = self.p95(
                lambda: (view.items([host.id], at), view.parts(host.id, None, at), view.links([host.id], at))
            )
        print(f"as of {BACK} revisions back / current         {then / now:8.2f}   goal <= 3")

    def verdict(self, sizes: list[int], ratios: dict[str, float], by: float) -> None:
        """Ratios of the largest to the smallest, and the slowest of the listed searches."""
        for name, ratio in ratios.items():
            goal = "<= 1.5" if name == "ingest" else "flat"
            print(f"{name:12} at {sizes[-1]:,} / {sizes[0]:,} CIs   {ratio:8.2f}   goal {goal}")
        for what, names in (("searches", QUERIES), ("wide ones", WIDE)):
            for unit in ("ms", "CPU ms"):
                slowest, query = max((self.figures[f"search, {name}, {unit}"][-1], name) for name in names)
                goal = f"goal < {by:.0f} ms" if what == "searches" else ""
                print(f"slowest of {len(names)} {what}: {query:20} {slowest:8.1f} {unit}   {goal}")

    def ratios(self) -> dict[str, float]:
        """Largest to smallest, as they were measured while the store grew."""
        named = {"ingest": "ingest, CPU s of 8,000 CIs", **{n: f"{n}, ms" for n in self.asked()}}
        return {name: self.figures[of][-1] / self.figures[of][0] for name, of in named.items()}


def in_turns(large: Growth, small: Growth) -> dict[str, float]:
    """Largest to smallest, measured in turns."""
    spent: dict[str, list[tuple[float, float]]] = {}
    asked = [growth.asked() for growth in (large, small)]
    for _ in range(5):
        spent.setdefault("ingest", []).append((large.ingest(), small.ingest()))
        for name in asked[0]:
            spent.setdefault(name, []).append((large.p95(asked[0][name]), small.p95(asked[1][name])))
    return {name: min(a for a, _ in pairs) / min(b for _, b in pairs) for name, pairs in spent.items()}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", default="sqlite", choices=["sqlite", "neo4j"])
    parser.add_argument("--sizes", default="", help="CIs, ascending, comma-separated")
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--cartography", default="", help="a Python that has cartography; else one is made")
    options = parser.parse_args()
    default = "10000,100000,1000000" if options.store == "sqlite" else "10000,100000"
    # The smallest store has to hold the hosts that are loaded while it is measured.
    sizes = [max(int(s), 4 * INGESTED * CIS) for s in (options.sizes or default).split(",")]
    if options.store == "sqlite":
        _sqlite(sizes, options.repeat)
    else:
        from benchmarks.growth_neo4j import run

        run(sizes, options.repeat, options.cartography)


def _sqlite(sizes: list[int], repeat: int) -> None:
    with tempfile.TemporaryDirectory(prefix="surveymark-bench-") as folder:
        file = Path(folder) / "growth.db"
        with closing(SqliteStore.open(file)) as store:
            growth = Growth(store, time.process_time, repeat)
            for size in sizes:
                growth.grow(size)
            whole = _bytes(file)
            print(f"bytes of store per CI                  {whole / growth.loaded:8.0f}")
            print(f"raw JSON per CI                        {growth.json_bytes / growth.loaded:8.0f}")
            _changes(store, file)
            growth.past()
            with closing(SqliteStore.open(Path(folder) / "small.db")) as small_store:
                small = Growth(small_store, time.process_time, repeat)
                small.fill(sizes[0])
                growth.verdict(sizes, in_turns(growth, small), 50)


def _changes(store: Store, file: Path) -> None:
    """Change one attribute of 1 % of the CIs of 20 hosts, five times over, and tell the bytes of each."""
    estate = list(islice(hosts(20, CIS, SEED), 20))
    before, made, raw = _bytes(file), 0, 0
    for sequence in range(5):
        changed, _ = changed_one_percent(estate, spread=True)
        sent = changed if sequence % 2 == 0 else estate
        made += load(store, [h.batch(2 + sequence) for h in sent])
    raw = statistics.mean(len(h.batch(1)) for h in estate) / CIS
    print(
        f"bytes of store per changed attribute   {(_bytes(file) - before) / made:8.0f}   raw JSON of its CI {raw:.0f}"
    )


def _one_package(host: EstateHost, number: int) -> EstateHost:
    items, *rest = host.sections["packages"]
    other = replace(items[0], versions=[f"{number}.0-1"])
    return EstateHost(host.number, {**host.sections, "packages": ([other, *items[1:]], rest[0], rest[1], rest[2])})


def _bytes(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        pages, size, free = (
            connection.execute(f"PRAGMA {p}").fetchone()[0] for p in ("page_count", "page_size", "freelist_count")
        )
        return int((pages - free) * size)


if __name__ == "__main__":
    main()
