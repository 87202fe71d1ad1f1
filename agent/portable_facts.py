"""The facts of a host that is no Linux: what psutil gives, and of each other one why it does not apply.

`facts_of` has the same sections on every system, so that a report never leaves one out without a word. Source: the topics of
portable.py, which say whose names and units they have.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union, cast

from agent.addresses import address, is_local
from agent.fact import Context, Fact, Inapplicable, Material, Need, Portable
from agent.facts import FACTS
from agent.scrub import scrub
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.classes.file_system import FileSystem
from cmdb.model.classes.host import Host
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.classes.subnet import Subnet
from cmdb.model.classes.system_service import SystemService
from cmdb.model.declaration import CI, Relation
from cmdb.model.times import SECOND, iso
from cmdb.model.values import Value

_Found = Iterable[Union[CI, Relation]]
_Told = Mapping[str, Any]


class PortableFact:
    """A section as the fact of Linux of the same name has it, from one topic of psutil's."""

    VERSION = 1
    STEADY = False

    def __init__(
        self,
        name: str,
        topic: str,
        observe: Callable[[_Told, Context], _Found],
        classes: tuple[str, ...] = ("Host",),
        relations: tuple[str, ...] = (),
        limited: bool = False,
    ) -> None:
        self.NAME, self.CLASSES, self.RELATIONS, self.LIMITED = name, classes, relations, limited
        self.NEEDS: tuple[Need, ...] = (Portable(topic),)
        self.EVERY = getattr(FACTS[name], "EVERY", 1)
        self._topic, self._observe = topic, observe

    def collect(self, material: Material, context: Context) -> _Found:
        """What the CMDB should know; raises Unavailable where the system does not tell."""
        return self._observe(material.portable(self._topic), context)


class Named(PortableFact):
    """The one whose words name the host."""

    def marks(self, material: Material, context: Context) -> dict[str, Value]:  # noqa: ARG002 - as every fact
        """The host's name; with the agent's own key it is enough to know it again."""
        name = _short(material.portable(self._topic))
        return {"host_name": name} if name else {}


@dataclass(frozen=True)
class _NotHere:
    """A section that has nothing to look at on this system."""

    NAME: str
    VERSION: int
    CLASSES: tuple[str, ...]
    RELATIONS: tuple[str, ...]
    platform: str
    EVERY: int
    NEEDS: tuple[Need, ...] = ()
    LIMITED: bool = False

    def collect(self, material: Material, context: Context) -> _Found:  # noqa: ARG002 - as every fact
        raise Inapplicable(
            f"psutil, all that is asked on {self.platform}, does not tell of it; it is looked at on Linux only"
        )


def facts_of(platform: str) -> dict[str, Fact]:
    """The facts of a system, sys.platform, by name."""
    if platform.startswith("linux"):
        return FACTS
    told = {fact.NAME: fact for fact in _PORTABLE if fact.NAME != "services" or platform == "win32"}
    return {name: cast(Fact, told.get(name) or _not_here(fact, platform)) for name, fact in FACTS.items()}


def _not_here(fact: Fact, platform: str) -> _NotHere:
    return _NotHere(fact.NAME, fact.VERSION, fact.CLASSES, fact.RELATIONS, platform, getattr(fact, "EVERY", 1))


def _identity(told: _Told, context: Context) -> _Found:  # noqa: ARG001 - as every fact
    full = str(told["name"])
    yield Host(name=_short(told) or None, fqdn=full if "." in full.strip(".") else None)


def _kernel(told: _Told, context: Context) -> _Found:
    yield Host(
        kernel=told["kernel"] or None,
        kernel_release=told["release"] or None,
        kernel_version=told["version"] or None,
        architecture=told["machine"] or None,
        uptime_seconds=max(0, context.observed_at_us // SECOND - int(told["booted"]))
        if context.observed_at_us
        else None,
    )


def _os_release(told: _Told, context: Context) -> _Found:  # noqa: ARG001 - as every fact
    yield Host(os=told["os"] or None, os_name=told["os_name"] or None, os_version=told["os_version"] or None)


def _cpu(told: _Told, context: Context) -> _Found:  # noqa: ARG001 - as every fact
    yield Host(cpu_model=told["model"] or None, cpu_count=told["count"], load_1m=f"{told['load'][0]:.2f}")


def _memory(told: _Told, context: Context) -> _Found:  # noqa: ARG001 - as every fact
    yield Host(memory_bytes=told["total"], swap_bytes=told["swap"], memory_available_bytes=told["available"])


def _filesystems(told: _Told, context: Context) -> _Found:  # noqa: ARG001 - as every fact
    for point, row in told.items():
        yield FileSystem(
            mount_point=point,
            type=row["type"] or None,
            source=row["device"] or None,
            options=row["options"],
            network=row["network"],
            size_bytes=row.get("size"),
            free_bytes=row.get("free"),
        )


def _network(told: _Told, context: Context) -> _Found:  # noqa: ARG001 - as every fact
    made: dict[tuple[str, str], CI] = {}
    for name, row in told.items():
        held = [h for text, mask in row["addresses"] if (h := _held(text, mask))]
        interface = NetworkInterface(
            name=name,
            mac=row["mac"] or None,
            mtu=row.get("mtu") or None,
            enabled=row.get("up"),
            speed_bps=row["speed"] * 1_000_000 if row.get("speed") else None,
            addresses=[f"{own}/{net.prefixlen}" if net else str(own) for own, net in held],
            rx_bytes=row.get("received"),
            tx_bytes=row.get("sent"),
        )
        yield interface
        for own, net in held:
            if is_local(own):
                continue
            found = IPAddress(address=str(own), version=own.version)
            made["IPAddress", str(own)] = found
            yield Relation("HAS_ADDRESS", interface.ref(), found.ref())
            if net and net.num_addresses > 1:
                subnet = Subnet(prefix=str(net), version=own.version)
                made["Subnet", str(net)] = subnet
                yield Relation("IN_SUBNET", found.ref(), subnet.ref())
    yield from made.values()


def _software(told: _Told, context: Context) -> _Found:
    """Processes that listen; without a range that the kernel gives ports out of, ports from 49152 on are left out."""
    endpoints: dict[tuple[str, str, int], Endpoint] = {}
    holders: dict[str, set[tuple[str, str, int]]] = {}
    for protocol, host, port, pid in told["sockets"]:
        found = address(host)
        if port < _DYNAMIC and pid not in context.own_pids and found is not None:
            key = (protocol, str(found), port)
            shown = f"[{found}]" if found.version == 6 else str(found)
            endpoints[key] = Endpoint(
                name=f"{protocol} {shown}:{port}",
                protocol=protocol,
                address=str(found),
                port=port,
                exposed=not found.is_loopback,
            )
            holders.setdefault(str(pid), set()).add(key)
    yield from endpoints.values()
    instances: dict[str, list[tuple[str, _Told]]] = {}
    for pid, process in told["processes"].items():
        if pid in holders and process["exe"]:
            lowest = min(port for _, _, port in holders[pid])
            instances.setdefault(f"exe {process['exe']} {process['user']} {lowest}", []).append((pid, process))
    for instance, same in instances.items():
        yield from _instance(instance, same, {end for pid, _ in same for end in holders[pid]}, endpoints)


def _instance(
    key: str,
    same: list[tuple[str, _Told]],
    ends: set[tuple[str, str, int]],
    endpoints: Mapping[tuple[str, str, int], Endpoint],
) -> Iterator[Union[CI, Relation]]:
    first = min((process for _, process in same), key=lambda p: p["started"])
    instance = SoftwareInstance(
        instance=key,
        name=first["exe"].replace("\\", "/").rpartition("/")[2],
        executable=first["exe"],
        command=" ".join(scrub(first["argv"] or [])) or None,
        user=first["user"] or None,
        ports=sorted({f"{protocol}/{port}" for protocol, _, port in ends}),
        pids=sorted(int(pid) for pid, _ in same),
        started_at=iso(int(first["started"]) * SECOND),
        resident_bytes=sum(process["resident"] for _, process in same),
    )
    yield instance
    for end in sorted(ends):
        yield Relation("EXPOSES", instance.ref(), endpoints[end].ref())


def _services(told: _Told, context: Context) -> _Found:  # noqa: ARG001 - as every fact
    for name, row in told.items():
        yield SystemService(
            name=name,
            manager="windows",
            startup=row.get("start_type") or None,
            state=row.get("status") or None,
            description=row.get("display_name") or None,
            user=row.get("username") or None,
            command=" ".join(scrub([row["binpath"]])) if row.get("binpath") else None,
        )


_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
_Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


def _held(text: str, mask: str) -> Optional[tuple[_Address, Optional[_Network]]]:
    """An address and its network; psutil writes masks as addresses, and none of IPv6 on Windows."""
    own = address(text)
    if own is None:
        return None
    held = address(mask) if mask else None
    length = bin(int(held)).count("1") if held is not None else None
    return own, ipaddress.ip_network(f"{own}/{length}", strict=False) if length is not None else None


def _short(told: _Told) -> str:
    return str(told["name"]).split(".")[0]


_DYNAMIC = 49152
"""First of the dynamic ports of RFC 6335, section 6, which macOS and Windows give out."""

_PORTABLE = (
    Named("identity", "system", _identity),
    PortableFact("kernel", "system", _kernel),
    PortableFact("os_release", "system", _os_release),
    PortableFact("cpu", "cpu", _cpu),
    PortableFact("memory", "memory", _memory),
    PortableFact("filesystems", "filesystems", _filesystems, ("FileSystem",)),
    PortableFact(
        "network", "interfaces", _network, ("IPAddress", "NetworkInterface", "Subnet"), ("HAS_ADDRESS", "IN_SUBNET")
    ),
    PortableFact("software", "listening", _software, ("Endpoint", "SoftwareInstance"), ("EXPOSES",), limited=True),
    PortableFact("services", "services", _services, ("SystemService",)),
)
