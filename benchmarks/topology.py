"""What deriving links costs: of a whole estate, and after one device has told something new.

    python -m benchmarks.topology [--devices 2000] [--ports 48] [--store sqlite|neo4j|neo4j://host]

Every port of every device is wired to another one's, and LLDP tells of each cable at both ends. Prints seconds of the first load
of all batches, of the first run over the whole estate, which writes all links, of a whole run that finds nothing new, as the
first one of a process, and of runs in a process that ran before: with nothing new, and after a batch that changed one device.
Seconds are CPU of this process on SQLite, which has no other, else of the clock.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from agent import adjacencies
from benchmarks.core import load
from cmdb.cabling_memory import Memory
from cmdb.deriving import Deriving
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.times import SECOND
from cmdb.ports import Store
from cmdb.stores.sqlite_store import SqliteStore
from collector.device.surveyed import Surveyed, batch, section

START = 1_790_000_000 * SECOND
AT_ONCE = 250
"""Batches that wait at a time."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=2_000)
    parser.add_argument("--ports", type=int, default=48)
    parser.add_argument(
        "--store", default="sqlite", help="sqlite, neo4j, or the URL of an empty Neo4j (bolt://host:port)"
    )
    options = parser.parse_args()
    devices, ports = options.devices, options.ports - options.ports % 2
    print(f"{devices} devices x {ports} ports on {options.store}, {devices * ports // 2} cables")
    watch = time.process_time if options.store == "sqlite" else time.perf_counter

    def seconds(work: Callable[[], object]) -> float:
        begin = watch()
        work()
        return watch() - begin

    with _opened(options.store) as store:
        clock = iter(range(START, START + 1_000 * SECOND, SECOND))
        memory = Memory()

        def deriving(told: Collection[str] = (), memory: Memory = memory) -> Deriving:
            return Deriving(store, "benchmark", lambda: next(clock), memory=memory, told=told)

        cables = devices * ports // 2
        loaded = seconds(lambda: _load(store, devices, ports))
        first = seconds(lambda: _derived(deriving(), cables))
        fresh = seconds(lambda: _derived(deriving(memory=Memory()), cables))
        again = seconds(lambda: _derived(deriving(), cables))
        load(store, [report(devices // 2, devices, ports, 2, unplugged=1)])
        changed = seconds(lambda: _derived(deriving(), cables))
    memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"first load {loaded:.1f} s, first run, which writes all links, {first:.2f} s; memory at most {memory_mib} MiB"
    )
    print(f"whole run {fresh:.2f} s, nothing new {again:.2f} s, one device has changed {changed:.2f} s")
    print(f"first run / first load of the same        {first / loaded:8.3f}")
    print(f"whole run / first load of the same        {fresh / loaded:8.3f}")
    print(f"one changed device / whole run            {changed / fresh:8.3f}")


def report(number: int, devices: int, ports: int, sequence: int, unplugged: int = 0) -> bytes:
    """What one device tells. Its first ports lead to others' last ones: port k to that of the k-th device after it. Of the first
    `unplugged` it hears nobody."""
    half = ports // 2
    interfaces = [NetworkInterface(name=f"Eth{k}", kind="physical", mac=_mac(number, k + 1)) for k in range(ports)]
    heard = []
    for k in range(unplugged, ports):
        far = (number + k + 1) % devices if k < half else (number - (k - half) - 1) % devices
        heard.append(
            adjacencies.Heard(
                protocol="lldp",
                local_port=f"Eth{k}",
                chassis=f"mac {_mac(far, 0)}",
                port_id=f"text Eth{(k + half) % ports}",
                system_name=f"sw{far:05}",
            )
        )
    name = f"sw{number:05}"
    sections = [
        section("device", 1, ("NetworkDevice",), (), lambda: [NetworkDevice(name=name, vendor="Acme")]),
        section("interfaces", 1, ("NetworkInterface",), (), lambda: interfaces),
        section("neighbours", 1, adjacencies.CLASSES, (), lambda: adjacencies.observe(heard)),
    ]
    marks = {"vendor": "Acme", "serials": [f"SN{number:05}"], "chassis_id": f"mac {_mac(number, 0)}"}
    return batch(
        Surveyed("NetworkDevice", marks, sections),
        id=f"{number:020}{sequence:06}",
        source=f"snmp@{name}",
        route="snmp",
        sequence=sequence,
        observed_at=START + sequence * SECOND,
    )


def _load(store: Store, devices: int, ports: int) -> None:
    batches = (report(number, devices, ports, 1) for number in range(devices))
    while some := list(islice(batches, AT_ONCE)):
        load(store, some)


def _derived(deriving: Deriving, cables: int) -> None:
    found = deriving.run()
    if sum(found["links"].values()) != cables or found["refused"] or found["unplaced_count"]:
        raise SystemExit(f"{cables} cables, and this was derived: {str(found)[:500]}")


def _mac(number: int, port: int) -> str:
    text = f"{0x001C73000000 + number * 256 + port:012x}"
    return ":".join(text[at : at + 2] for at in range(0, 12, 2))


@contextmanager
def _opened(url: str) -> Iterator[Store]:
    if url == "sqlite":
        with TemporaryDirectory() as folder:
            store = SqliteStore.open(Path(folder) / "estate.db")
            yield store
            store.close()
        return
    from benchmarks.core_neo4j import server_and_process
    from cmdb.stores.neo4j_store import Neo4jStore

    with server_and_process(url) as (bolt, _):
        other = Neo4jStore.open(bolt)
        yield other
        other.close()


if __name__ == "__main__":
    main()
