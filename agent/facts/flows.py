"""Who talks to whom: TCP connections that are established.

Sources: as of fact `software` (see agent/running.py).
Yields TALKS_TO from a client's SoftwareInstance to a server's endpoint, and from a remote address to an endpoint of
this host that accepted a connection, each with the number of connections as a reading. The client's port is dropped.

The direction comes from the listening side: a connection whose local port is listened on was accepted. Connections of
the observer, of logins and of anything else that is no SoftwareInstance are left out, as are those whose direction
nothing tells. An ordinary user sees no client of another account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from agent import running
from agent.addresses import address, is_local
from agent.fact import Budget, Context, Material
from agent.facts.software import endpoint_item
from agent.running import Endpoint, Running
from agent.sockets import Socket
from cmdb.model.declaration import Reference, Relation

NAME = "flows"
VERSION = 1
CLASSES: tuple[str, ...] = ()
RELATIONS = ("TALKS_TO",)
NEEDS = running.NEEDS
LIMITED = True
EVERY = 3
BUDGET = Budget(wall_seconds=300, cpu_seconds=120)
"""With a thousand processes and 100,000 sockets it takes seconds and 250 MB."""


def collect(material: Material, context: Context) -> Iterator[Relation]:
    """Flows; raises Unavailable where processes or sockets can not be read."""
    return observe(running.survey(material, context))


def observe(found: Running) -> Iterator[Relation]:
    """What the CMDB should know of the connections, each pair of ends once."""
    listening = {(e.address, e.port): e for e in found.endpoints if e.protocol == "tcp"}
    both = {(s.local, s.remote) for s in found.connections}
    accepted: Counter[tuple[str, Endpoint]] = Counter()
    opened: Counter[tuple[str, Endpoint | tuple[str, int]]] = Counter()
    for socket in found.connections:
        mirrored = (socket.remote, socket.local) in both
        server = _listener(listening, socket.local)
        if server is not None:
            # A connection within the host is told by its client's end.
            if not mirrored and not found.own.intersection(found.holders.get(socket.inode, ())):
                accepted[socket.remote[0], server] += 1
            continue
        client = _client(found, socket)
        if client is None:
            continue
        target = _listener(listening, socket.remote) if mirrored else None
        if target is not None:
            opened[client, target] += 1
        elif not mirrored and _is_opened(socket, found.ephemeral) and _is_elsewhere(socket.remote[0]):
            opened[client, socket.remote] += 1
    for (host, endpoint), count in sorted(accepted.items(), key=str):
        if _is_elsewhere(host):
            yield Relation("TALKS_TO", {"address": host}, endpoint_item(endpoint).ref(), readings={"count": count})
    for (key, end), count in sorted(opened.items(), key=str):
        yield Relation("TALKS_TO", ["SoftwareInstance", key], _server(end), readings={"count": count})


def _listener(listening: dict[tuple[str, int], Endpoint], end: tuple[str, int]) -> Endpoint | None:
    """The endpoint that accepts at an address and port: bound to it, or to any."""
    host, port = end
    anywhere = ("::",) if ":" in host else ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    return next((listening[(a, port)] for a in (host, *anywhere) if (a, port) in listening), None)


def _client(found: Running, socket: Socket) -> str | None:
    """Key of the instance that holds a socket, None where it is none or the observer's."""
    for pid in found.holders.get(socket.inode, ()):
        if pid in found.by_pid:
            return found.by_pid[pid].key
    return None


def _server(end: Endpoint | tuple[str, int]) -> Reference:
    if isinstance(end, Endpoint):
        return endpoint_item(end).ref()
    return {"address": end[0], "protocol": "tcp", "port": end[1]}


def _is_opened(socket: Socket, ephemeral: tuple[int, int]) -> bool:
    """False where only the remote port is one that a kernel gives out: then this host may as well be the server, whose
    listening socket is gone."""
    return ephemeral[0] <= socket.local[1] <= ephemeral[1] or not ephemeral[0] <= socket.remote[1] <= ephemeral[1]


def _is_elsewhere(host: str) -> bool:
    found = address(host)
    return found is not None and not is_local(found)
