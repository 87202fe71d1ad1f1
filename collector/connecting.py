"""One connection to an address, with the identification of what answers there; and what each way of failing means."""

from __future__ import annotations

import errno
import os
import socket
import time
from typing import TYPE_CHECKING

from collector.deadlines import Deadlines
from collector.identification import Greeting, Identification
from collector.outcome import FAILED, REFUSED, TIMED_OUT, UNREACHABLE, Stopped

if TYPE_CHECKING:
    from collector.reachability import Unanswered

_NO_WAY = {
    errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL, errno.EACCES,
    errno.EPERM, errno.EINVAL, errno.EAFNOSUPPORT,
}  # fmt: skip
_RECEIVED = 1024


def connect(
    address: str, port: int, deadlines: Deadlines, unanswered: Unanswered
) -> tuple[socket.socket, Identification]:
    """One connection with its identification, now. Raises Stopped."""
    known = unanswered.stop("", address)
    if known is not None:
        raise known
    try:
        connection, to = socket_for(address, port)
    except OSError as error:
        raise stopped_by(error, deadlines.connect) from None
    try:
        connection.settimeout(deadlines.connect)
        try:
            connection.connect(to)
        except OSError as error:
            raise stopped_by(error, deadlines.connect) from None
        return connection, identify(connection, deadlines.banner)
    except Stopped as stop:
        connection.close()
        unanswered.note("", address, port, stop)
        raise
    except BaseException:
        connection.close()
        raise


def identify(connection: socket.socket, seconds: float) -> Identification:
    """Read the identification within `seconds`, whatever trickles in. Works on anything with recv and settimeout."""
    greeting, until = Greeting(), time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            received = connection.recv(_RECEIVED)
        except TimeoutError:
            break
        except OSError:
            raise greeting.ended() from None
        if not received:
            raise greeting.ended()
        identification = greeting.take(received)
        if identification is not None:
            return identification
    raise greeting.timed_out(seconds)


def socket_for(address: str, port: int) -> tuple[socket.socket, tuple[str, int] | tuple[str, int, int, int]]:
    """A socket and where to connect it. Only numbers: nothing asks a name server here."""
    family, kind, protocol, _, to = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    )[0]
    connection = socket.socket(family, kind, protocol)
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection, to  # type: ignore[return-value]


def stopped_by(error: OSError, seconds: float) -> Stopped:
    if isinstance(error, socket.gaierror):
        return Stopped(
            UNREACHABLE, "resolve", "this is no address, and names are resolved before a sweep", "name an address"
        )
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return Stopped(
            TIMED_OUT,
            "connect",
            f"no answer in {seconds:g} s",
            "check that the host is up and that no packet filter drops the port",
        )
    text = os.strerror(error.errno) if error.errno else str(error)
    if error.errno == errno.ECONNREFUSED:
        return Stopped(
            REFUSED, "connect", "nothing listens at the port", "check the port, and that sshd runs on the host"
        )
    if error.errno in _NO_WAY:
        return Stopped(UNREACHABLE, "connect", text, "check the route from here to the address")
    return Stopped(FAILED, "connect", text, "try again; if it stays, check limits of this machine (open files, memory)")
