"""TCP and UDP sockets."""

from __future__ import annotations

import socket
import time

import pytest

from agent import sockets
from agent.fact import Material, ParseError
from agent.shell import LocalShell
from agent.sockets import Socket, parse
from tests.agent.supplied import made, recorded

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
REST = "00000000:00000000 00:00000000 00000000  1000        0"


def test_what_listens_and_what_is_connected() -> None:
    text = (
        HEAD
        + f"   0: 0100007F:1538 00000000:0000 0A {REST} 11 1 00\n"
        + f"   1: 02004D0A:B1F6 01004D0A:2328 01 {REST} 12 1 00\n"
        + f"   2: 02004D0A:B1F7 01004D0A:2328 06 {REST} 0 3 00\n"
    )
    assert parse(text, "tcp") == [
        Socket("tcp", ("127.0.0.1", 5432), ("", 0), 11),
        Socket("tcp", ("10.77.0.2", 45558), ("10.77.0.1", 9000), 12),
    ]


def test_ipv6_addresses_and_ipv4_ones_mapped_into_them() -> None:
    text = (
        HEAD
        + f"   0: 00000000000000000000000001000000:1F90 {'0' * 32}:0000 0A {REST} 11 1 00\n"
        + f"   1: 0000000000000000FFFF000002004D0A:1F40 0000000000000000FFFF000001004D0A:8F52 01 {REST} 12 1 00\n"
        + f"   2: B80D0120000077000000000002000000:0016 {'0' * 32}:0000 0A {REST} 13 1 00\n"
    )
    assert parse(text, "tcp") == [
        Socket("tcp", ("::1", 8080), ("", 0), 11),
        Socket("tcp", ("10.77.0.2", 8000), ("10.77.0.1", 36690), 12),
        Socket("tcp", ("2001:db8:77::2", 22), ("", 0), 13),
    ]


def test_of_udp_only_unconnected_sockets_count() -> None:
    text = (
        HEAD
        + f"  10: 00000000:0035 00000000:0000 07 {REST} 11 2 0000 0\n"
        + f"  11: 02004D0A:C001 01004D0A:0035 01 {REST} 12 2 0000 0\n"
    )
    assert parse(text, "udp") == [Socket("udp", ("0.0.0.0", 53), ("", 0), 11)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rubbish\n",
        HEAD + "   0: 0100007F:1538 00000000:0000\n",
        HEAD + f"   0: 0100:1538 00000000:0000 0A {REST} 11 1\n",
        HEAD + f"   0: 0100007F:15380 00000000:0000 0A {REST} none 1\n",
    ],
)
def test_a_table_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="/proc/net/tcp: not understood"):
        parse(text, "tcp")


def test_without_ipv6_in_the_kernel_its_tables_are_missing() -> None:
    shell = made({"/proc/net/tcp": HEAD, "/proc/net/udp": HEAD})

    assert sockets.read(Material(shell.supply(sockets.NEEDS))) == []


def test_the_recorded_range_of_ephemeral_ports() -> None:
    assert sockets.ephemeral(Material(recorded("debian12-lab").supply(sockets.NEEDS))) == (32768, 60999)
    with pytest.raises(ParseError):
        sockets.ephemeral(Material(made({"/proc/sys/net/ipv4/ip_local_port_range": "many"}).supply(sockets.NEEDS)))


def test_a_socket_of_this_process_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        found = sockets.read(Material(LocalShell().supply(sockets.NEEDS)))

        assert ("127.0.0.1", server.getsockname()[1]) in {s.local for s in found if s.listens}
        assert (client.getsockname(), client.getpeername()) in {(s.local, s.remote) for s in found}


def test_a_hundred_thousand_connections_are_read_in_seconds() -> None:
    lines = [f"{n}: 0A00000A:{n % 60000 + 1024:04X} {n:08X}:1F90 01 {REST} {n} 1 00\n" for n in range(100_000)]
    text = HEAD + "".join(lines)

    begin = time.process_time()
    found = parse(text, "tcp")

    assert len(found) == 100_000
    assert time.process_time() - begin < 5
