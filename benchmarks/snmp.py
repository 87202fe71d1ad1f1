"""What walking SNMP agents costs, beside snmpbulkwalk and bare pysnmp; and what addresses cost that do not answer.

    python -m benchmarks.snmp [--agents 50] [--repeats 3] [--address ADDRESS[:PORT] ...] [--community-file FILE] [--dead 10000]

Without --address it starts so many snmpd (net-snmp) on loopback for itself. Cases take turns within a run, which prints medians,
CPU of the asking side a value, and ratios:

- one agent: our walk with each engine, typed, and snmpbulkwalk of the same tables;
- all agents, 20 at a time: one process of ours with threads; a process of snmpbulkwalk for each agent and table, with 25
  repetitions and with 100 (its own default is 10); and one for each agent and column, which is what it takes to ask for no more
  than we do;
- pysnmp through our walk, and bare: its own bulk_walk_cmd over the same columns;
- dead addresses of 127.0.0.0/8: seconds, datagrams an address, and memory.

A row is one of a table (an interface, a package), whatever of it is read: snmpbulkwalk brings every column of it, we those that
are declared. A value is one cell. Ratios are medians of those within one repeat. Our walks are not paced here, as snmpbulkwalk
is not; what the pace of a sweep makes of one agent is printed beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pysnmp.hlapi.v3arch import asyncio as hlapi

from collector.private_file import read as read_private
from collector.secret import Secret
from collector.secret_refs import as_secret
from collector.snmp.engines import AUTO, GUFO, PYSNMP, engines
from collector.snmp.mibs.host_resources_mib import Software, Storage
from collector.snmp.mibs.if_mib import Interface
from collector.snmp.pace import PER_SECOND, Pace
from collector.snmp.probe import Probe
from collector.snmp.reachability import ROUNDS, reach
from collector.snmp.session import Community
from collector.snmp.table import Row, columns, rows
from collector.snmp.walk import VALUES, Walk
from collector.target import SNMP, Target

TABLES: tuple[type[Row], ...] = (Interface, Storage, Software)
AT_A_TIME = 20
UNPACED = 1e6
ANSWER_SECONDS = 10.0

Place = tuple[str, int]
Case = Callable[[], int]
"""Does it once; returns how many values came."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--address", action="append", default=[], help="agents that are there already")
    parser.add_argument("--community-file", type=Path, help="their community, in a file of mode 0600 (public)")
    parser.add_argument("--dead", type=int, default=10_000)
    given = parser.parse_args()
    community = as_secret(read_private(given.community_file, 4096)) if given.community_file else Secret("public")
    assert community is not None, "the file is empty"
    with ExitStack() as stack:
        if given.address:
            places = [(a.partition(":")[0], int(a.partition(":")[2] or 161)) for a in given.address]
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="surveymark-bench-")))
            places = stack.enter_context(_agents(folder, given.agents))
        _walks(places, Community(community), given.repeats)
    _dead(given.dead)


def _walks(places: Sequence[Place], login: Community, repeats: int) -> None:
    one = places[:1]
    many = f"{len(places)} agents: "
    cases: dict[str, Case] = {
        "one agent: ours": lambda: _ours(one, login, AUTO, UNPACED),
        "one agent: gufo": lambda: _ours(one, login, GUFO, UNPACED),
        "one agent: pysnmp": lambda: _ours(one, login, PYSNMP, UNPACED),
        "one agent: bare pysnmp": lambda: asyncio.run(_bare(one[0], login)),
        "one agent: snmpbulkwalk": lambda: _bulkwalk(one, login),
        f"one agent: ours, {PER_SECOND:g} questions a second": lambda: _ours(one, login, AUTO, PER_SECOND),
        f"{many}ours": lambda: _ours(places, login, AUTO, UNPACED),
        f"{many}gufo": lambda: _ours(places, login, GUFO, UNPACED),
        f"{many}snmpbulkwalk, tables": lambda: _bulkwalk(places, login),
        f"{many}snmpbulkwalk -Cr100, tables": lambda: _bulkwalk(places, login, repetitions=100),
        f"{many}snmpbulkwalk, our columns": lambda: _bulkwalk(places, login, [c for t in TABLES for c in columns(t)]),
    }
    held = _rows(one[0], login)
    rate: dict[str, list[float]] = {name: [] for name in cases}
    count: dict[str, int] = {}
    cpu: dict[str, list[float]] = {name: [] for name in cases}
    for repeat in range(repeats + 1):
        for name, case in cases.items():
            # Agents fill their tables anew after a while, which is none of the asking side's doing.
            _ours(one if name.startswith("one") else places, login, AUTO, UNPACED)
            before, began = _cpu(), time.monotonic()
            values = case()
            seconds, spent = time.monotonic() - began, _cpu() - before
            if repeat:  # The first turn warms modules.
                count[name] = values
                rate[name].append(values / seconds)
                cpu[name].append(spent / values * 1e6)
    print(f"| {repeats} repeats | Values | Values a second | Rows a second | CPU µs a value, of who asks |")
    print("| --- | --- | --- | --- | --- |")
    for name in cases:
        a_second, agents = statistics.median(rate[name]), 1 if name.startswith("one") else len(places)
        rows_a_second = a_second * held * agents / count[name]
        each = statistics.median(cpu[name])
        print(f"| {name} | {count[name]:,} | {a_second:,.0f} | {rows_a_second:,.0f} | {each:.1f} |")
    print(f"\n{held:,} rows of {len(TABLES)} tables at one agent\n")

    def ratio(what: str, ours: str, theirs: str, goal: str, *, cells: bool = False) -> None:
        each = 1.0 if cells else count[theirs] / count[ours]
        found = statistics.median(a / b * each for a, b in zip(rate[ours], rate[theirs], strict=True))
        print(f"{what}: {found:.2f} ({goal})")

    walk = f"{many}snmpbulkwalk, tables"
    ratio("one agent, rows, ours / snmpbulkwalk", "one agent: ours", "one agent: snmpbulkwalk", "goal ≥ 0.5")
    ratio(
        "one agent, values, ours / snmpbulkwalk", "one agent: ours", "one agent: snmpbulkwalk", "goal ≥ 0.5", cells=True
    )
    ratio(f"{many}rows of the same tables, ours / snmpbulkwalk", f"{many}ours", walk, "goal ≥ 2")
    ratio(f"{many}the same columns of them, ours / snmpbulkwalk", f"{many}ours", f"{walk[:-6]}our columns", "goal ≥ 2")
    ratio(f"{many}values, ours / snmpbulkwalk", f"{many}ours", walk, "of fewer columns", cells=True)
    ratio(
        f"{many}rows, ours / snmpbulkwalk -Cr100", f"{many}ours", f"{many}snmpbulkwalk -Cr100, tables", "for comparison"
    )
    ratio(f"{many}rows, gufo / snmpbulkwalk", f"{many}gufo", walk, "for comparison")
    print(
        f"pysnmp, CPU, ours / bare: {_median_of(cpu, 'one agent: pysnmp', 'one agent: bare pysnmp'):.2f} (goal ≤ 1.3)"
    )


def _median_of(found: dict[str, list[float]], one: str, other: str) -> float:
    return statistics.median(a / b for a, b in zip(found[one], found[other], strict=True))


def _rows(place: Place, login: Community) -> int:
    """Rows of the tables at one agent."""
    session = engines(AUTO, login)[0](*place, login, ANSWER_SECONDS)
    walk = Walk(session, Pace(UNPACED))
    found = sum(len(rows(table, walk.table(table))) for table in TABLES)
    session.close()
    return found


def _ours(places: Sequence[Place], login: Community, engine: str, per_second: float) -> int:
    def one(place: Place) -> int:
        session = engines(engine, login)[0](*place, login, ANSWER_SECONDS)
        try:
            walk = Walk(session, Pace(per_second))
            for table in TABLES:
                rows(table, walk.table(table))
            return sum(cost.rows for cost in walk.costs.values())
        finally:
            session.close()

    if len(places) == 1:
        return one(places[0])
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        return sum(threads.map(one, places))


async def _bare(place: Place, login: Community) -> int:
    engine, found = hlapi.SnmpEngine(), 0
    target = await hlapi.UdpTransportTarget.create(place, timeout=ANSWER_SECONDS, retries=0)
    who = hlapi.CommunityData(login.text.reveal(), mpModel=1)
    for oid in (oid for table in TABLES for oid in columns(table)):
        asked = hlapi.ObjectType(hlapi.ObjectIdentity(oid))
        walked = hlapi.bulk_walk_cmd(
            engine, who, target, hlapi.ContextData(), 0, VALUES, asked, lookupMib=False, lexicographicMode=False
        )
        async for error, status, _, values in walked:
            assert not error, error
            assert not status, status
            found += len(values)
    engine.close_dispatcher()
    return found


def _bulkwalk(places: Sequence[Place], login: Community, oids: Sequence[str] = (), repetitions: int = 25) -> int:
    def one(place: Place) -> int:
        found = 0
        for oid in oids or [table.oid for table in TABLES]:
            command = ["snmpbulkwalk", "-v2c", "-c", login.text.reveal(), f"-Cr{repetitions}", "-On", "-m", ""]
            command += ["-t", f"{ANSWER_SECONDS:g}", f"{place[0]}:{place[1]}", oid]
            found += subprocess.run(command, capture_output=True, check=True).stdout.count(b"\n")
        return found

    if len(places) == 1:
        return one(places[0])
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        return sum(threads.map(one, places))


def _cpu() -> float:
    who = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in who)


def _dead(count: int) -> None:
    """Addresses of 127.0.0.0/8, all of which one socket takes and says nothing."""
    came = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
        deaf.bind(("0.0.0.0", 0))
        port = deaf.getsockname()[1]
        ended = threading.Event()

        def take() -> None:
            nonlocal came
            while not ended.is_set():
                came += bool(deaf.recv(2048))

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        targets = (
            Target(str(n), f"127.9.{n // 200}.{n % 200 + 1}", port, protocol=SNMP) for n in range(min(count, 50_000))
        )
        probes = [Probe(("bench",), port, Secret("public"))]
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        found = sum(1 for _ in reach(targets, lambda _: probes))
        seconds = time.monotonic() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        ended.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b".", ("127.0.0.1", port))
        thread.join()
    print(
        f"\n{found:,} dead addresses: {seconds:.1f} s, {(came - 1) / found:.2f} datagrams each (goal {ROUNDS}: one set of "
        f"probes), {grown / 1024:.1f} MiB more at the peak"
    )


@contextmanager
def _agents(folder: Path, count: int) -> Iterator[list[Place]]:
    """So many snmpd at ports of 127.0.0.1, with what this machine has to tell."""
    processes = []
    try:
        places = []
        for number in range(count):
            place = folder / str(number)
            place.mkdir()
            (place / "snmpd.conf").write_text("rocommunity public\n")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.bind(("127.0.0.1", 0))
                port = one.getsockname()[1]
            command = ["snmpd", "-f", "-Lf", str(place / "log"), "-C", "-c", str(place / "snmpd.conf")]
            environment = {"SNMP_PERSISTENT_DIR": str(place / "state"), "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
            processes.append(
                subprocess.Popen([*command, f"udp:127.0.0.1:{port}"], env=environment, stdin=subprocess.DEVNULL)
            )
            places.append(("127.0.0.1", port))
        found = 0
        targets = [Target(str(port), address, port, protocol=SNMP) for address, port in places]
        until = time.monotonic() + 60
        while found < count and time.monotonic() < until:
            found = sum(
                hasattr(end, "probe")
                for _, end in reach(targets, lambda target: [Probe(("own",), target.port, Secret("public"))])
            )
            time.sleep(0 if found == count else 0.5)
        if found < count:
            raise SystemExit(f"{count - found} of {count} snmpd do not answer; see {folder}")
        yield places
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(10)


if __name__ == "__main__":
    main()
