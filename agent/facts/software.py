"""Software that runs on a host, and what it listens on.

Sources: processes of /proc, TCP and UDP sockets of /proc/net, service units of systemd (see agent/running.py, which
says what is an instance and what never is).
Yields SoftwareInstance, Endpoint and EXPOSES from an instance to each endpoint it holds. Command lines are scrubbed of
secrets here, before anything else gets to see them.

Ports of the range that the kernel gives out by itself are left out unless a command line of the listener names them. An
ordinary user sees all endpoints, of others' software only what is a unit, and not what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent import known_software, proc, running
from agent.addresses import address
from agent.fact import Budget, Context, Material
from agent.running import Instance, Running
from agent.scrub import scrub, scrub_text
from cmdb.model.classes import endpoint
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.declaration import CI, Relation
from cmdb.model.times import SECOND, iso

NAME = "software"
VERSION = 2
CLASSES = ("Endpoint", "SoftwareInstance")
RELATIONS = ("EXPOSES",)
NEEDS = running.NEEDS
LIMITED = True
EVERY = 3
BUDGET = Budget(wall_seconds=300, cpu_seconds=120)
"""With a thousand processes and 100,000 sockets it takes seconds and 250 MB."""


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:
    """Instances, endpoints and what exposes what; raises Unavailable where processes or sockets can not be read."""
    booted = context.observed_at_us - proc.parse_uptime(material.file(proc.UPTIME.path).text)
    return observe(running.survey(material, context), booted)


def observe(found: Running, booted_us: int) -> Iterator[CI | Relation]:
    """What the CMDB should know of it; `booted_us` is the time of boot."""
    endpoints = {e: endpoint_item(e) for e in found.endpoints}
    yield from endpoints.values()
    for instance in found.instances:
        item = _item(instance, found, booted_us)
        yield item
        for each in sorted(instance.listens, key=lambda e: (e.protocol, e.port, e.address)):
            yield Relation("EXPOSES", item.ref(), endpoints[each].ref())


def endpoint_item(found: running.Endpoint) -> endpoint.Endpoint:
    """The CI of an endpoint."""
    shown = f"[{found.address}]" if ":" in found.address else found.address
    bound = address(found.address)
    return endpoint.Endpoint(
        name=f"{found.protocol} {shown}:{found.port}",
        protocol=found.protocol,
        address=found.address,
        port=found.port,
        exposed=bound is None or not bound.is_loopback,
    )


def _item(instance: Instance, found: Running, booted_us: int) -> SoftwareInstance:
    main = instance.main
    name = known_software.name(main)
    processes = [found.processes[pid] for pid in instance.pids]
    argv = known_software.command(main)
    # A title that a process gave itself is one text and no list of arguments.
    command = scrub_text(argv[0]) if len(argv) == 1 else " ".join(scrub(argv))
    started = booted_us + min(p.start for p in processes) * SECOND // proc.TICKS
    return SoftwareInstance(
        instance=instance.key,
        name=name,
        kind=known_software.KINDS.get(name),
        unit=instance.unit or None,
        executable=main.exe or None,
        command=command or None,
        user=instance.user,
        # Who may not read the executable may not list the open files either, and does not know that it holds none.
        ports=sorted({f"{e.protocol}/{e.port}" for e in instance.listens}) if main.exe else None,
        pids=sorted(instance.pids),
        started_at=iso(started - started % SECOND),
        resident_bytes=sum(p.resident_bytes for p in processes),
    )
