"""The sweep's own traces on a host: its processes up to the SSH server, and the connection that it came by."""

from __future__ import annotations

import ipaddress
import re

from agent.fact import ParseError
from agent.proc import parse_command, parse_stat
from collector.ssh.harvest import Harvest

_SERVERS = frozenset({"sshd", "sshd-session", "sshd-auth", "dropbear", "tinysshd"})
_OF_A_LOGIN = re.compile(r"\S*(sshd(-session|-auth)?|dropbear): (?!/)(?!.*\[listener\])")


def own_processes(found: Harvest) -> frozenset[int]:
    """The shell that runs the script, and its ancestors up to the server's processes of this very connection."""
    own = found.about.get("pid", "")
    if not own.isdecimal():
        return frozenset()
    chain = _ancestors(found, int(own))
    servers = [n for n, (_, name) in enumerate(chain) if name in _SERVERS]
    if not servers:
        return frozenset((int(own),))
    # The topmost server process is the listener, which serves others too, unless its title says that it serves a login.
    top = servers[-1]
    alone = len(servers) == 1 or _OF_A_LOGIN.match(_title(found, chain[top][0]))
    return frozenset(pid for pid, _ in chain[: top + 1 if alone else top])


def without(tables: bytes, connection: str) -> bytes:
    """The text of /proc/net/tcp or tcp6 without the two ends of a connection as sshd tells it in SSH_CONNECTION: "address
    port address port"."""
    words = connection.split()
    if len(words) != 4 or not (words[1].isdecimal() and words[3].isdecimal()):
        return tables
    clients, servers = _ends(words[0], int(words[1])), _ends(words[2], int(words[3]))
    pairs = [
        pair for c, s in zip(clients, servers, strict=False) for pair in (b" %b %b " % (s, c), b" %b %b " % (c, s))
    ]
    if not any(pair in tables for pair in pairs):
        return tables
    lines = tables.split(b"\n")
    return b"\n".join(line for line in lines if not any(pair in line for pair in pairs))


def _ancestors(found: Harvest, pid: int) -> list[tuple[int, str]]:
    """(pid, name) of a process and those above it, the first process left out."""
    chain: list[tuple[int, str]] = []
    while pid > 1 and len(chain) < 64 and pid not in {p for p, _ in chain}:
        text = found.texts.get(f"/proc/{pid}/stat", b"").decode("utf-8", "replace")
        try:
            stat = parse_stat(text)
        except ParseError:
            stat = None
        if stat is None:
            break
        chain.append((pid, stat[4]))
        pid = stat[0]
    return chain


def _title(found: Harvest, pid: int) -> str:
    argv = parse_command(found.texts.get(f"/proc/{pid}/cmdline", b"").decode("utf-8", "replace").rstrip("\n"))
    return argv[0] if argv else ""


def _ends(host: str, port: int) -> list[bytes]:
    """How the kernel writes an end: in tcp, and an IPv4 address once more as tcp6 has it."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return []
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    packed = found.packed
    words = b"".join(packed[n : n + 4][::-1] for n in range(0, len(packed), 4)).hex().upper().encode()
    shown = [words] if len(packed) == 16 else [words, b"0000000000000000FFFF0000" + words]
    return [b"%b:%04X" % (word, port) for word in shown]
