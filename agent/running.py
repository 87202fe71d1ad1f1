"""What runs on a host: software instances, what they listen on and how they are connected.

Facts `software` and `flows` share it, so that both name an instance by the same key. An instance is the processes of a
service unit or of a container, or those around one that listens, or a daemon. The key is the unit, else the container's
name, else the data or configuration path, else executable, user and lowest port: never a pid.

In a container whose first process is no init, what the script that it starts runs counts as a daemon does.

Never an instance: kernel threads, the observer and its children, logins and what they run (unless it listens), shells,
jobs that a unit runs once, and what neither listens nor belongs to a unit or container and was started less than a minute
ago: scripts and schedulers leave jobs behind that look like daemons and end by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import field

from agent import known_software, proc, sockets, systemd
from agent.fact import Content, Context, File, Material, Need, ParseError
from agent.proc import Process
from agent.sockets import Socket
from cmdb.model.dataclass import dataclass
from cmdb.model.times import SECOND
from cmdb.model.values import text

_ACCOUNTS = File("/etc/passwd")
NEEDS: tuple[Need, ...] = (*proc.NEEDS, *sockets.NEEDS, systemd.UNITS, _ACCOUNTS, proc.UPTIME)

_NO_UNIT = re.compile(r"run-[ru]?[0-9a-f]+\.|(serial-|console-|container-)?getty|autovt@")
_CONTAINER = re.compile(
    r"(?:docker-|libpod-|crio-|cri-containerd-|nerdctl-)?(?P<id>[0-9a-f]{64})(?:\.scope)?"
    r"|lxc\.payload\.(?P<lxc>.+)|machine-(?P<machine>.+)\.scope"
)
_ENGINE_ID = re.compile(r"[0-9a-f]{64}\Z")
_CONFIGURED = frozenset({("tcp", 33060), ("udp", 51820)})
"""Fixed ports among those that the kernel gives out: MySQL's X protocol, WireGuard."""
_NAME_SERVICES = frozenset({5353, 5355})
"""UDP ports above 1023 where a resolver answers: multicast DNS (RFC 6762), LLMNR (RFC 4795)."""
_SETTLED = 60 * proc.TICKS


@dataclass(frozen=True)
class Endpoint:
    """Where something listens."""

    protocol: str
    address: str
    port: int


@dataclass
class Instance:
    """Software that runs. `main` is its first process that is no shell."""

    key: str
    main: Process
    unit: str
    user: str
    pids: set[int] = field(default_factory=set)
    listens: set[Endpoint] = field(default_factory=set)


@dataclass(frozen=True)
class Running:
    """Everything at once; `by_pid` names the instance of each process that belongs to one, `holders` the pids of each
    socket's inode."""

    processes: Mapping[int, Process]
    instances: list[Instance]
    endpoints: list[Endpoint]
    connections: list[Socket]
    by_pid: Mapping[int, Instance]
    holders: Mapping[int, list[int]]
    own: frozenset[int]
    ephemeral: tuple[int, int]


def survey(material: Material, context: Context) -> Running:
    """What runs; raises Unavailable where processes or sockets can not be read."""
    return material.derive(_survey, context.own_pids)


def _survey(material: Material, own_pids: frozenset[int]) -> Running:
    units = systemd.units(material)
    jobs = frozenset(u.name for u in units or () if u.active == "activating")
    accounts = material.optional(_ACCOUNTS.path)
    return arrange(
        proc.read(material),
        sockets.read(material),
        sockets.ephemeral(material),
        own_pids=own_pids,
        accounts=_names(accounts) if accounts else {},
        jobs=jobs,
        uptime_us=proc.parse_uptime(material.file(proc.UPTIME.path).text),
    )


def arrange(
    processes: Mapping[int, Process],
    table: Iterable[Socket],
    ephemeral: tuple[int, int],
    own_pids: frozenset[int] = frozenset(),
    accounts: Mapping[int, str] = {},
    jobs: frozenset[str] = frozenset(),
    uptime_us: int | None = None,
) -> Running:
    """Finds instances among processes and sockets. `jobs` are units that run something once at this moment; without
    `uptime_us` every process has run for long."""
    table = list(table)
    own = _with_children(processes, own_pids)
    logins = frozenset(p.pid for p in processes.values() if known_software.is_session(p))
    holders: dict[int, list[int]] = {}
    for process in processes.values():
        for inode in process.sockets:
            holders.setdefault(inode, []).append(process.pid)
    resolvers = {pid for s in table if s.listens and _is_dns(s) for pid in holders.get(s.inode, ())}
    listening: dict[Endpoint, set[int]] = {}
    connections = []
    for socket in table:
        if not socket.listens:
            connections.append(socket)
            continue
        pids = holders.get(socket.inode, [])
        # A forwarded port or display of a login is there for as long as somebody is logged in.
        if pids and logins.issuperset(pids):
            continue
        if _is_kept(socket, ephemeral, [processes[pid] for pid in pids], resolvers):
            listening.setdefault(Endpoint(socket.protocol, *socket.local), set()).update(pids)
    groups = _Groups(processes, own | logins, listening, jobs, _settled(processes, uptime_us))
    instances: dict[str, Instance] = {}
    by_pid: dict[int, Instance] = {}
    for group in groups.found():
        instance = _instance(groups, group, accounts)
        if not instance.main.exe and not instance.key.startswith(("unit ", "container ")):
            # Whose executable may not be read (not root's eyes) would be known by another key than root gives it.
            continue
        known = instances.setdefault(instance.key, instance)
        known.pids |= instance.pids
        known.listens |= instance.listens
        by_pid.update(dict.fromkeys(group, known))
    ordered = sorted(listening, key=lambda e: (e.protocol, e.port, e.address))
    return Running(
        processes, [instances[key] for key in sorted(instances)], ordered, connections, by_pid, holders, own, ephemeral
    )


class _Groups:
    """Processes that make one instance each."""

    def __init__(
        self,
        processes: Mapping[int, Process],
        excluded: frozenset[int],
        listening: Mapping[Endpoint, set[int]],
        jobs: frozenset[str],
        settled: frozenset[int],
    ) -> None:
        first = processes.get(1)
        own = _place(first.cgroup, "")[1] if first else ""
        self._first = first
        self._places = {pid: _place(p.cgroup, own) for pid, p in processes.items() if pid not in excluded}
        self._processes = {pid: processes[pid] for pid, place in self._places.items() if place[0] not in jobs}
        self._settled = settled
        self._listens: dict[int, set[Endpoint]] = {}
        for endpoint, pids in listening.items():
            # systemd holds the socket of a unit that it starts at the first connection, beside the unit itself.
            others = {p for p in pids if not (p == 1 and len(pids) > 1 and known_software.is_init(processes[p]))}
            for pid in others & self._processes.keys():
                self._listens.setdefault(pid, set()).add(endpoint)

    def found(self) -> list[set[int]]:
        """Disjoint sets of pids, in an order that does not depend on them."""
        named: dict[str, set[int]] = {}
        for pid in self._processes:
            unit, container = self._places[pid]
            if unit or container:
                named.setdefault(f"{unit} {container}", set()).add(pid)
        groups = [pids for _, pids in sorted(named.items())]
        taken = {pid for pids in groups for pid in pids}
        heads = {self._head(pid, taken) for pid in self._listens if pid not in taken}
        heads |= {pid for pid, p in self._processes.items() if pid not in taken and self._is_daemon(p)}
        families = self._families(heads, taken)
        return groups + [f for f in families if 1 in f or f & self._settled or self.listens(f)]

    def place(self, process: Process) -> tuple[str, str]:
        """The service unit and the container of a process, each empty where there is none; at most one is named."""
        return self._places[process.pid]

    def listens(self, pids: Iterable[int]) -> set[Endpoint]:
        return set().union(*(self._listens.get(pid, ()) for pid in pids))

    def first(self, pids: Iterable[int]) -> Process:
        """The oldest process that does not only start another one, or the oldest of all.

        What a script that has run for a while waits for at the moment (sleep, say) is none, unless it lasts too.
        """
        ordered = sorted((self._processes[pid] for pid in pids), key=lambda p: (p.start, p.pid))
        young = ordered[0].pid not in self._settled
        lasting = (p for p in ordered if young or p.pid in self._settled or p.pid in self._listens)
        return next((p for p in lasting if not known_software.is_wrapper(p)), ordered[0])

    def _head(self, pid: int, taken: set[int]) -> int:
        """The process from which a listening one descends and which runs the same program or holds the same socket."""
        process, seen = self._processes[pid], {pid}
        while process.parent in self._processes and process.parent not in taken and process.parent not in seen:
            parent = self._processes[process.parent]
            same = known_software.program(parent) == known_software.program(process)
            if not same and not self._listens.get(parent.pid, set()) & self._listens.get(process.pid, set()):
                break
            process = parent
            seen.add(process.pid)
        return process.pid

    def _is_daemon(self, process: Process) -> bool:
        if process.terminal or process.depth or "/user.slice/" in process.cgroup:
            return False
        if known_software.is_shell(process) or known_software.is_of_user(process):
            return False
        if process.pid == 1:
            return not known_software.is_init(process)
        parent = self._processes.get(process.parent)
        if parent is not None and self._is_entrypoint(parent):
            return not known_software.is_init(process)
        minded = process.parent == 1 or (parent is not None and known_software.is_supervisor(parent))
        # A daemon leads its session or has outlived its leader; session 0 is that of what the kernel started.
        return (
            minded
            and process.session != 0
            and (process.session == process.pid or process.session not in self._processes)
        )

    def _is_entrypoint(self, process: Process) -> bool:
        """True of the script that a container runs, as its first process or as the child of one that only waits for it."""
        first = self._first
        if first is None or not known_software.is_wrapper(first) or not known_software.is_shell(process):
            return False
        return process.pid == 1 or process.parent == 1

    def _families(self, heads: set[int], taken: set[int]) -> list[set[int]]:
        children: dict[int, list[int]] = {}
        for pid, process in self._processes.items():
            children.setdefault(process.parent, []).append(pid)
        families = []
        for head in sorted(heads, key=lambda pid: (self._processes[pid].start, pid)):
            family, todo = {head}, [head]
            while todo:
                above = self._processes[todo.pop()]
                for pid in children.get(above.pid, ()):
                    if pid not in taken and pid not in heads and self._belongs(self._processes[pid], above):
                        family.add(pid)
                        todo.append(pid)
            families.append(family)
        return families

    def _belongs(self, process: Process, above: Process) -> bool:
        if known_software.program(process) == known_software.program(above):
            return True
        return process.terminal == 0 and process.session == above.session != 0


def _instance(groups: _Groups, pids: set[int], accounts: Mapping[int, str]) -> Instance:
    main = groups.first(pids)
    unit, container = groups.place(main)
    listens = groups.listens(pids)
    user = accounts.get(main.uid, str(main.uid))
    program, path = known_software.program(main), known_software.path(main)
    if unit:
        key = f"unit {unit}"
    elif container and not _ENGINE_ID.match(container):
        key = f"container {container}"
    elif path and path != program:
        key = f"path {known_software.name(main)} {path}"
    else:
        ports = sorted(e.port for e in listens) if not known_software.is_init(main) else []
        key = " ".join(["exe", program, user, *map(str, ports[:1])])
    if _ENGINE_ID.match(container):
        # The engine's identifier is another one each time the container is made, and its name only the engine can tell.
        key = f"in container {key}"
    return Instance(text(key, 1000), main, unit, user, set(pids), listens)


def _is_dns(socket: Socket) -> bool:
    return socket.protocol == "udp" and socket.local[1] == 53


def _is_kept(
    socket: Socket, ephemeral: tuple[int, int], holders: Sequence[Process], resolvers: Container[int] = ()
) -> bool:
    """True of a port that was chosen: outside the range that the kernel gives out from, or named in a command line.

    Resolvers (unbound, dnsmasq) choose a port by themselves for each question, from 1024 on.
    """
    port = socket.local[1]
    asks = socket.protocol == "udp" and port > 1023 and port not in _NAME_SERVICES
    asks = asks and bool(holders) and all(p.pid in resolvers for p in holders)
    given_out = ephemeral[0] <= port <= ephemeral[1] and (socket.protocol, port) not in _CONFIGURED
    if not given_out and not asks:
        return True
    named = re.compile(rf"(?<!\d){port}(?!\d)")
    return any(named.search(argument) for process in holders for argument in process.argv)


def _settled(processes: Mapping[int, Process], uptime_us: int | None) -> frozenset[int]:
    """Processes that have run for a minute. In a container whose uptime is made up (lxcfs) times are compared with that of
    the newest process instead."""
    if uptime_us is None:
        return frozenset(processes)
    now = max([uptime_us * proc.TICKS // SECOND, *(p.start for p in processes.values())])
    return frozenset(pid for pid, p in processes.items() if p.start <= now - _SETTLED)


def _with_children(processes: Mapping[int, Process], pids: frozenset[int]) -> frozenset[int]:
    children: dict[int, list[int]] = {}
    for pid, process in processes.items():
        children.setdefault(process.parent, []).append(pid)
    found, todo = set(pids), list(pids)
    while todo:
        new = [pid for pid in children.get(todo.pop(), ()) if pid not in found]
        found.update(new)
        todo += new
    return frozenset(found)


def _place(cgroup: str, own: str) -> tuple[str, str]:
    """(service unit, container) of a control group's path, whichever comes first; `own` is the host itself.

    A login's own units and those made for once are none.
    """
    before = ""
    for part in cgroup.split("/"):
        match = _CONTAINER.fullmatch(part)
        container = next(filter(None, match.groups()), "") if match else part if before == "lxc" else ""
        if container and container != own:
            return "", container
        if part.endswith(".service") and not _NO_UNIT.match(part):
            return part, ""
        if part == "user.slice":
            return "", ""
        before = part
    return "", ""


def _names(passwd: Content) -> dict[int, str]:
    found: dict[int, str] = {}
    for line in passwd.text.splitlines():
        fields = line.split(":")
        if len(fields) >= 3 and fields[2].isdigit():
            found.setdefault(int(fields[2]), fields[0])
        elif line.strip() and not line.startswith(("#", "+", "-")):
            shown = ":".join(f if n != 1 else "…" for n, f in enumerate(fields))
            raise ParseError(f"/etc/passwd: not understood: {shown[:200]!r}")
    return found
