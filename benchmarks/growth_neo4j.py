"""Growth of a Neo4j store, and its whole pipeline beside cartography's own loader over the same server and hosts.

cartography (pip) is installed into an environment of its own, below the user's cache, and runs as a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import neo4j

from benchmarks.core import SEED, changed_one_percent, load
from benchmarks.core_neo4j import cpu_of, server_and_process, wipe
from benchmarks.estate import EstateHost, hosts
from benchmarks.growth import CIS, Growth
from cmdb.model.classes import CLASSES
from cmdb.stores.neo4j_store import Neo4jStore

CARTOGRAPHY = "cartography==0.143.0"
LOADER = Path(__file__).with_name("growth_cartography.py")


def run(sizes: list[int], repeat: int, python: str) -> None:
    """Grow, then compare at the largest size."""
    with server_and_process("neo4j") as (bolt, pid), neo4j.GraphDatabase.driver(bolt, auth=None) as driver:
        with closing(Neo4jStore.open(bolt)) as store:
            growth = Growth(store, lambda: time.process_time() + cpu_of(pid), repeat)
            for size in sizes:
                growth.grow(size)
            growth.past()
            growth.verdict(sizes, growth.ratios(), float("inf"))
        beside_cartography(bolt, pid, driver, sizes[-1], python or _environment())


def beside_cartography(bolt: str, pid: int | None, driver: neo4j.Driver, size: int, python: str) -> None:
    """Both load the same hosts into an empty store, all of them again, and 1 % changed."""
    estate = list(islice(hosts(size // CIS, CIS, SEED), size // CIS))
    # The server compiles what it runs often: both sides run on a part before they are measured.
    some = estate[: max(20, len(estate) // 4)]
    wipe(driver)
    _theirs(bolt, pid, some, python, quiet=True)
    wipe(driver)
    with closing(Neo4jStore.open(bolt)) as store:
        for sent in _batches(some):
            load(store, sent)
    wipe(driver)
    theirs = _theirs(bolt, pid, estate, python)
    wipe(driver)
    batches = _batches(estate)
    ours = []
    with closing(Neo4jStore.open(bolt)) as store:
        for name, sent in zip(
            ("first load", "unchanged, whole", "unchanged, digests", "1 % changed"), batches, strict=True
        ):
            server, client, begin = cpu_of(pid), time.process_time(), time.perf_counter()
            load(store, sent)
            ours.append((time.perf_counter() - begin, time.process_time() - client, cpu_of(pid) - server))
            _say(f"ours, {name}", ours[-1])
    for place, against, name, goal in (
        (0, 0, "first load", "0.8"),
        (1, 1, "unchanged, whole", "10"),
        (2, 1, "unchanged, digests", "30"),
        (3, 1, "1 % changed", "5"),
    ):
        wall = theirs[against][0] / ours[place][0]
        cpu = sum(theirs[against][1:]) / sum(ours[place][1:])
        print(f"{name:20} rate / cartography's: {wall:6.2f} by time, {cpu:6.2f} by CPU   goal >= {goal}")


def _batches(estate: list[EstateHost]) -> list[list[bytes]]:
    """All of it new, unchanged as a whole and by digests, and 1 % changed."""
    return [
        [h.batch(1) for h in estate],
        [h.batch(2) for h in estate],
        [h.batch(3, {s.name: s.digest for s in h.encoded()}) for h in estate],
        [h.batch(4) for h in changed_one_percent(estate, spread=True)[0]],
    ]


def _theirs(
    bolt: str, pid: int | None, estate: list[EstateHost], python: str, quiet: bool = False
) -> list[tuple[float, float, float]]:
    with tempfile.TemporaryDirectory(prefix="surveymark-bench-") as folder:
        file = Path(folder) / "rows.json"
        file.write_text(json.dumps(_rows(estate)))
        process = subprocess.Popen(
            [python, "-W", "ignore", str(LOADER), bolt, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        found = []
        for name in ("ready", "first load", "second load"):
            server = cpu_of(pid)
            line = process.stdout.readline()
            if name != "ready":
                wall, client = json.loads(line)
                found.append((wall, client, cpu_of(pid) - server))
                if not quiet:
                    _say(f"cartography, {name}", found[-1])
            process.stdin.write("go\n")
            process.stdin.flush()
        process.stdin.close()
        if process.wait() != 0:
            raise SystemExit("cartography's loader failed")
        return found


def _say(name: str, spent: tuple[float, float, float]) -> None:
    print(f"  {name:30} {spent[0]:8.3f} s   client CPU {spent[1]:7.3f} s   server CPU {spent[2]:7.2f} s", flush=True)


def _rows(estate: list[EstateHost]) -> dict[str, Any]:
    """Nodes by class, with the id of what contains them and of what a relation of theirs comes from."""
    nodes: dict[str, list[dict[str, Any]]] = {}
    for host in estate:
        for items, relations, _, _ in host.sections.values():
            source = {tuple(r.object): (r.type, tuple(r.subject)) for r in relations}
            for item in items:
                label, key = type(item).__name__, item.local_key()
                row: dict[str, Any] = {"id": f"{host.number} {label} {key}", **item.attributes()}
                if label == "Host":
                    row["id"] = f"{host.number}"
                elif not CLASSES[label].independent:
                    row["in_id"] = f"{host.number}"
                if (label, key) in source:
                    kind, (of, name) = source[(label, key)]
                    row["from_type"], row["from_class"], row["from_id"] = kind, of, f"{host.number} {of} {name}"
                nodes.setdefault(label, []).append(row)
    order = sorted(nodes, key=lambda n: (n != "Host", n in ("Endpoint", "IPAddress"), n))
    return {name: nodes[name] for name in order}


def _environment() -> str:
    """A Python that has cartography."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "surveymark"
    folder = cache / CARTOGRAPHY.replace("==", "-")
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", CARTOGRAPHY], check=True)
    return str(python)
