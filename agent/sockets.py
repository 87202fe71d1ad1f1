"""TCP and UDP sockets of a host.

Source: /proc/net/tcp, tcp6, udp and udp6, proc_pid_net(5), of the network namespace that we are in. Addresses stand
there as 32-bit words in the byte order of the machine, read here as little-endian.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from agent.addresses import address
from agent.fact import File, Material, Need, ParseError

_LIMIT = 512 * 1024 * 1024
_TABLES = {name: File(f"/proc/net/{name}", _LIMIT) for name in ("tcp", "tcp6", "udp", "udp6")}
_PORTS = File("/proc/sys/net/ipv4/ip_local_port_range")
NEEDS: tuple[Need, ...] = (*_TABLES.values(), _PORTS)

_ESTABLISHED, _CLOSE, _LISTEN = "01", "07", "0A"  # include/net/tcp_states.h; an unconnected UDP socket is "closed"


class Socket(NamedTuple):
    """A socket that listens or is connected; `remote` is ("", 0) of one that listens. A mapped address is IPv4."""

    protocol: str
    local: tuple[str, int]
    remote: tuple[str, int]
    inode: int

    @property
    def listens(self) -> bool:
        return not self.remote[0]


def read(material: Material) -> list[Socket]:
    """Sockets that listen, and TCP connections that are established."""
    found: list[Socket] = []
    for name, need in _TABLES.items():
        # Without IPv6 in the kernel there is no tcp6.
        content = material.optional(need.path) if name.endswith("6") else material.file(need.path)
        if content is not None:
            found += parse(content.text, name[:3])
    return found


def ephemeral(material: Material) -> tuple[int, int]:
    """First and last of the ports that the kernel gives out by itself, /proc/sys/net/ipv4/ip_local_port_range."""
    text = material.file(_PORTS.path).text
    words = text.split()
    if len(words) != 2 or not (words[0].isdigit() and words[1].isdigit()):
        raise ParseError(f"{_PORTS.path}: not understood: {text[:200]!r}")
    return int(words[0]), int(words[1])


def parse(text: str, protocol: str) -> list[Socket]:
    """Sockets of one table that listen or are established; connected UDP sockets are left out.

    Raises ParseError, quoting the line, where a line has not the fields of the manual.
    """
    found = []
    wanted = (_LISTEN, _ESTABLISHED) if protocol == "tcp" else (_CLOSE,)
    lines = text.splitlines()
    if not lines or "local_address" not in lines[0]:
        raise ParseError(f"/proc/net/{protocol}: not understood: {text[:200]!r}")
    for line in lines[1:]:
        fields = line.split(None, 10)
        try:
            if fields[3] in wanted:
                remote = ("", 0) if fields[3] != _ESTABLISHED else _end(fields[2])
                found.append(Socket(protocol, _end(fields[1]), remote, int(fields[9])))
        except (IndexError, ValueError):
            raise ParseError(f"/proc/net/{protocol}: not understood: {line[:200]!r}") from None
    return found


def _end(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    return _address(host), int(port, 16)


@lru_cache(maxsize=65536)
def _address(text: str) -> str:
    raw = bytes.fromhex(text)
    if len(raw) not in (4, 16):
        raise ValueError(text)
    words = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
    found = address(words.hex(":", 2) if len(raw) == 16 else ".".join(map(str, words)))
    return str(found)
