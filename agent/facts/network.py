"""Interfaces, addresses, routes and default gateways of a host.

Sources: `ip -d address` and `ip [-6] route show table main`, ip-address(8) and ip-route(8), which tell of the network
namespace that we are in; /proc/net/dev; speed and addr_assign_type of /sys/class/net (sysfs-class-net of the kernel's
ABI). Yields NetworkInterface, IPAddress and Subnet items, HAS_ADDRESS and IN_SUBNET, the Host's `gateways`, and
DEPENDS_ON from the host to each default gateway.

Left out: host ends of containers' and virtual machines' interfaces, temporary IPv6 addresses (a reading), and routes
that a routing daemon keeps, since they come and go with others' networks. Addresses of loopback, link scope and
container networks stay in the interface's attribute: they mean something on this host only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field

from agent.addresses import address, is_local
from agent.fact import Command, Content, Context, File, Files, Links, Material, Missing, ParseError, Unavailable
from agent.iproute import Interface, InterfaceAddress, Route, parse_addresses, parse_routes
from cmdb.model.classes.host import Host
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.subnet import Subnet
from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, SUBJECT, Relation

NAME = "network"
VERSION = 2
CLASSES = ("Host", "IPAddress", "NetworkInterface", "Subnet")
RELATIONS = ("DEPENDS_ON", "HAS_ADDRESS", "IN_SUBNET")
LIMITED = False

_ADDRESSES = Command(("/usr/sbin/ip", "-d", "address"))
_ROUTES = Command(("/usr/sbin/ip", "route", "show", "table", "main"))
_ROUTES6 = Command(("/usr/sbin/ip", "-6", "route", "show", "table", "main"))
_COUNTERS = File("/proc/net/dev")
_SPEED = Files("/sys/class/net/*/speed", 64)
_ASSIGNED = Files("/sys/class/net/*/addr_assign_type", 64)
_BUS = Links("/sys/class/net/*/device/subsystem")
NEEDS = (_ADDRESSES, _ROUTES, _ROUTES6, _COUNTERS, _SPEED, _ASSIGNED, _BUS)

CONTAINER_NETWORK = re.compile(
    r"""docker\d+|docker_gwbridge|br-[0-9a-f]{12}|cni\d+|cni-podman\d+|podman\d+|nerdctl\d+|lxcbr\d+|lxdbr\d+|virbr\d+
    |cbr\d+|kube-bridge|kube-ipvs\d+|nodelocaldns|flannel\S*|cilium_\S+|vxlan\.calico|tunl0|weave|antrea-gw\d+
    |ovn-k8s-mp\d+|mpqemubr\d+""",
    re.VERBOSE,
)
"""Names that container engines and their network plug-ins give to interfaces of their own networks."""

_ROUTING_DAEMONS = frozenset(
    {"babel", "bgp", "bird", "eigrp", "gated", "isis", "keepalived", "mrouted", "openr", "ospf", "rip", "xorp", "zebra"}
)
"""Origins of routes that a routing daemon keeps, rt_protos of iproute2."""

_NO_MARK = frozenset({"bridge", "loopback", "tun"})


@dataclass(frozen=True)
class Network:
    """What was read: interfaces, routes of the main table, and by interface speed in Mbit/s, addr_assign_type, bus and
    (received, sent) bytes."""

    interfaces: list[Interface]
    routes: list[Route]
    speeds: Mapping[str, int] = field(default_factory=dict)
    assigned: Mapping[str, int] = field(default_factory=dict)
    buses: Mapping[str, str] = field(default_factory=dict)
    counters: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:  # noqa: ARG001 - as every fact
    """Items and relations; raises Unavailable where ip is not installed or failed."""
    return observe(read(material))


def marks(material: Material, context: Context) -> dict[str, list[str]]:  # noqa: ARG001 - as every fact
    """Marks of the host: `macs` of interfaces that hold an address of global scope, `permanent_macs` of hardware, `own_macs` of
    those among the former whose other end stands in another network namespace: this one is then no other machine's.

    MACs of bridges, tun and tap, container networks and USB adapters never identify a host: they are made up, or move
    from one machine to another.
    """
    return identifying(read(material))


def identifying(network: Network) -> dict[str, list[str]]:
    """See `marks`."""
    macs, permanent, own_ends = set(), set(), set()
    for each in network.interfaces:
        if not each.mac or network.buses.get(each.name) == "usb":
            continue
        if _identifies(each) and any(map(_is_global, each.addresses)):
            macs.add(each.mac)
            if each.elsewhere:
                own_ends.add(each.mac)
        own = each.permanent_mac or (each.mac if network.assigned.get(each.name, 0) == 0 else "")
        if _kind(each) == "physical" and own and not int(own[:2], 16) & 3:
            permanent.add(own)
    found = {"macs": sorted(macs), "permanent_macs": sorted(permanent)}
    return {**found, "own_macs": sorted(own_ends)} if own_ends else found


def _identifies(each: Interface) -> bool:
    """False also of a macvlan on an interface beside it: that has the address of a gateway (VRRP, VRR of Cumulus), which several
    routers share. The uplink of a container stands on an interface elsewhere."""
    gateway = _kind(each) == "macvlan" and bool(each.peer) and not each.elsewhere
    return _kind(each) not in _NO_MARK and not _in_container_network(each) and not gateway


def read(material: Material) -> Network:
    """The network as the material has it. What only some kernels and drivers tell (speed, bus) may be missing."""
    addresses = _output(material, _ADDRESSES)
    routes = parse_routes(_output(material, _ROUTES)) + parse_routes(_output(material, _ROUTES6, optional=True))
    counters = material.optional(_COUNTERS.path)
    return Network(
        interfaces=parse_addresses(addresses),
        routes=routes,
        speeds=_numbers(material, _SPEED),
        assigned=_numbers(material, _ASSIGNED),
        buses=_buses(material),
        counters=parse_counters(counters.text) if counters else {},
    )


def parse_counters(text: str) -> dict[str, tuple[int, int]]:
    """(received, sent) bytes by interface from /proc/net/dev, proc_pid_net(5).

    Raises ParseError where a line has not its sixteen numbers.
    """
    found = {}
    for line in text.splitlines()[2:]:
        name, _, rest = line.rpartition(":")
        numbers = rest.split()
        if len(numbers) < 16 or not (numbers[0].isdigit() and numbers[8].isdigit()):
            raise ParseError(f"/proc/net/dev: not understood: {line[:200]!r}")
        found[name.strip()] = (int(numbers[0]), int(numbers[8]))
    return found


def observe(network: Network) -> Iterator[CI | Relation]:
    """What the CMDB should know of it."""
    addresses: dict[str, IPAddress] = {}
    subnets: dict[str, Subnet] = {}
    relations: dict[str, Relation] = {}
    for each in network.interfaces:
        if _is_container_port(each):
            continue
        interface = _interface(each, network)
        yield interface
        for held in () if _in_container_network(each) else filter(_is_global, each.addresses):
            version = 6 if ":" in held.address else 4
            found = addresses[held.address] = IPAddress(address=held.address, version=version)
            relations[f"{each.name} {held.address}"] = Relation("HAS_ADDRESS", interface.ref(), found.ref())
            if held.network:
                subnet = subnets[held.network] = Subnet(prefix=held.network, version=version)
                relations[f"{held.address} {held.network}"] = Relation("IN_SUBNET", found.ref(), subnet.ref())
    yield from addresses.values()
    yield from subnets.values()
    yield from relations.values()
    yield from _gateways(network.routes)


def _gateways(routes: list[Route]) -> Iterator[CI | Relation]:
    found = [r for r in routes if r.prefix == "default" and r.gateway and r.protocol not in _ROUTING_DAEMONS]
    yield Host(gateways=sorted({f"{r.gateway} dev {r.device}" for r in found}))
    reachable: dict[str, Route] = {}
    for route in found:
        gateway = address(route.gateway)
        if gateway is not None and not is_local(gateway):
            reachable.setdefault(route.gateway, route)
    for route in reachable.values():
        evidence = f"ip route: default via {route.gateway} dev {route.device}"
        why = {"why": "default gateway", "evidence": evidence, "strength": "hard"}
        yield Relation("DEPENDS_ON", SUBJECT, {"address": route.gateway}, why)


def _interface(each: Interface, network: Network) -> NetworkInterface:
    """The link of a container network is left out: it goes up and down with the containers."""
    kind = _kind(each)
    lasting = [a for a in each.addresses if not a.temporary]
    temporary = [a.text for a in each.addresses if a.temporary]
    received, sent = network.counters.get(each.name, (None, None))
    speed = network.speeds.get(each.name, -1) if kind in ("physical", "bond", "team") else -1
    return NetworkInterface(
        name=each.name,
        kind=kind,
        mac=each.mac if each.mac.strip("0:") else None,
        permanent_mac=each.permanent_mac if each.permanent_mac not in ("", each.mac) else None,
        mtu=each.mtu,
        enabled="UP" in each.flags,
        link=each.state if each.state and not _in_container_network(each) else None,
        speed_bps=speed * 1_000_000 if speed > 0 else None,
        master=each.master or None,
        lower=_lower(each, kind, network.interfaces),
        vlan=each.vlan,
        addresses=sorted({a.text for a in lasting}),
        routes=_routes(each.name, network.routes),
        index=each.index,
        rx_bytes=received,
        tx_bytes=sent,
        temporary_addresses=sorted(temporary) or None,
    )


def _kind(each: Interface) -> str:
    """`ip -d` names the kind of every virtual interface, so one on a wire without a kind is hardware."""
    return each.kind or ("physical" if each.link_type == "ether" else each.link_type)


def _lower(each: Interface, kind: str, interfaces: list[Interface]) -> list[str] | None:
    if kind in ("bond", "team"):
        return sorted(i.name for i in interfaces if i.master == each.name)
    # The peer of a veth is no lower interface, nor is one that stands in another namespace and has but a number here.
    return [each.peer] if each.peer and kind != "veth" and not each.elsewhere and each.peer != "NONE" else None


def _routes(name: str, routes: list[Route]) -> list[str]:
    found = set()
    for route in routes:
        if (
            route.device == name
            and route.protocol not in _ROUTING_DAEMONS
            and not route.prefix.startswith(("fe80:", "ff"))
        ):
            via = f" via {route.gateway}" if route.gateway else ""
            metric = f" metric {route.metric}" if route.metric is not None else ""
            found.add(f"{route.prefix}{via}{metric}")
    return sorted(found)


def _is_container_port(each: Interface) -> bool:
    """True of the host's end of a container's or virtual machine's interface, and of one that holds a cluster's service
    addresses. The uplink of a host that is itself a container is a veth too, but holds an address of global scope."""
    if _kind(each) == "tun" and each.master:
        return True
    if _kind(each) == "veth" and each.elsewhere:
        return not any(map(_is_global, each.addresses))
    return each.name.startswith("kube-ipvs")


def _in_container_network(each: Interface) -> bool:
    return CONTAINER_NETWORK.fullmatch(each.name) is not None


def _is_global(held: InterfaceAddress) -> bool:
    found = address(held.address)
    return held.scope == "global" and not held.temporary and found is not None and not is_local(found)


def _output(material: Material, command: Command, optional: bool = False) -> str:
    output = material.output(command)
    # Without IPv6 in the kernel the question about it fails, and there is nothing to tell.
    if output.status and not (optional and b"not supported" in output.stderr):
        said = output.stderr.decode("utf-8", "replace").strip()[:200]
        raise Unavailable(f"{' '.join(command.argv)} ended with status {output.status}: {said}; iproute2 is needed")
    return output.text


def _numbers(material: Material, need: Files) -> dict[str, int]:
    """Number by interface; the kernel refuses the speed of an interface that is down or has none."""
    found = {}
    for path, content in _members(material, need):
        number = content.text.strip() if isinstance(content, Content) else ""
        if number.lstrip("-").isdigit():
            found[path.split("/")[4]] = int(number)
    return found


def _buses(material: Material) -> dict[str, str]:
    members = material.links(_BUS).items() if material.missing(_BUS) is None else ()
    return {path.split("/")[4]: target.rpartition("/")[2] for path, target in members if isinstance(target, str)}


def _members(material: Material, need: Files) -> Iterator[tuple[str, Content | Missing]]:
    if material.missing(need) is None:
        yield from material.files(need).items()
