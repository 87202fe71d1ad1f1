"""Sessions of SNMPv2c from a socket of our own, which ask for the columns of a table side by side.

One GETBULK for several columns brings several times the values of one for a single column; that is fewer questions to a device,
and less work for its agent. gufo-snmp asks for one column at a time, and reads no response above 4 KiB. The socket is connected,
so that the kernel drops what comes from another address or port; what has another request id is no answer.
"""

from __future__ import annotations

import secrets
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

from collector.snmp import ber
from collector.snmp.session import Answer, Community, Denied, Garbled, Silent, TooBig, User
from collector.snmp.syntax import Value

TOO_BIG, NO_ACCESS, AUTHORIZATION_ERROR = 1, 6, 16
"""error-status of RFC 3416."""
_MOST_BYTES = 65_535
"""Of a datagram."""
_LEAST_WAIT = 0.001
"""Seconds; none at all would be to wait for ever (SO_RCVTIMEO)."""


def speaks(login: Community | User) -> bool:
    """True of logins that this engine can use."""
    return isinstance(login, Community)


class V2cSession:
    """A session (session.Session)."""

    side_by_side = 20
    most_values = 100
    """More than that net-snmp does not give at once (maxGetbulkResponses)."""
    engine_id = b""

    def __init__(self, address: str, port: int, login: Community | User, seconds: float) -> None:
        """`seconds` is how long one answer may take."""
        if not isinstance(login, Community):
            raise TypeError("this engine speaks SNMPv2c")
        self._community = login.text.reveal().encode()
        self._seconds = seconds
        self._patience = 0.0
        family, kind, protocol, _, to = socket.getaddrinfo(
            address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )[0]
        self._socket = socket.socket(family, kind, protocol)
        try:
            self._socket.connect(to)
        except OSError as error:
            self._socket.close()
            raise _told(error) from None

    def get(self, oids: Sequence[str]) -> dict[str, Value]:
        found = self._got(oids)
        for oid in oids:
            # What an agent has not it answers with noSuchObject or noSuchInstance (RFC 3416); some answer the first alone.
            if oid not in found:
                found.update(self._got([oid]))
            if oid not in found:
                raise Garbled(f"{oid}: the agent answers without it")
        return found

    def columns(self, oids: Sequence[str]) -> V2cColumns:
        return V2cColumns(self, oids)

    def close(self) -> None:
        self._socket.close()

    def asked(self, kind: int, oids: Sequence[bytes], repetitions: int = 0) -> ber.Bindings:
        """The variable bindings of the response to one question."""
        request_id = secrets.randbelow(2**31 - 1) + 1
        until = time.monotonic() + self._seconds
        try:
            self._socket.send(ber.request(kind, self._community, request_id, oids, repetitions))
            left = self._seconds
            while left > 0:
                self._wait_at_most(left)
                response = ber.response(self._socket.recv(_MOST_BYTES), request_id)
                if response is not None:
                    return _without_error(*response)
                left = until - time.monotonic()
        except BlockingIOError:
            pass
        except ber.Malformed as error:
            raise Garbled(str(error)) from None
        except OSError as error:
            raise _told(error) from None
        raise Silent("no answer in time")

    def _got(self, oids: Sequence[str]) -> dict[str, Value]:
        bindings = self.asked(ber.GET, list(map(ber.oid, oids)))
        try:
            return {ber.text(name): None if isinstance(value, ber.End) else value for name, value in bindings}
        except ber.Malformed as error:
            raise Garbled(str(error)) from None

    def _wait_at_most(self, seconds: float) -> None:
        """A time-out of the kernel's, which takes one system call an answer in the place of two; nearly always the same."""
        if seconds != self._patience:
            whole, part = divmod(max(seconds, _LEAST_WAIT), 1)
            self._socket.setsockopt(
                socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", int(whole), int(part * 1e6))
            )
            self._patience = seconds


class V2cColumns:
    """A walk through columns (session.Columns)."""

    def __init__(self, session: V2cSession, oids: Sequence[str]) -> None:
        self._session = session
        self._oids = oids
        self._entries = list(map(ber.oid, oids))
        self._last = list(self._entries)
        self._open = list(range(len(oids)))

    @property
    def ended(self) -> bool:
        return not self._open

    def next(self, most: int) -> list[Answer]:
        found: list[Answer] = [[] for _ in self._oids]
        asked = self._open[:most]
        repetitions = most // len(asked)
        bindings = self._session.asked(ber.GET_BULK, [self._last[at] for at in asked], repetitions)
        if len(bindings) > repetitions * len(asked):
            raise Garbled(f"{self._oids[asked[0]]}: the agent gives more than it was asked for")
        if not bindings:
            raise TooBig(f"{self._oids[asked[0]]}: not one value had room in the answer")
        # Where it breaks off within a row, the other columns are asked for again.
        for place, at in enumerate(asked[: len(bindings)]):
            found[at] = self._of_column(at, bindings[place :: len(asked)])
        return found

    def _of_column(self, at: int, bindings: ber.Bindings) -> Answer:
        """What a response has of one column; where something else follows, it has ended."""
        entry, instance, no_more = self._entries[at], ber.instance, ber.END
        cut = len(entry)
        try:
            rows: list[tuple[str, Any]] = [  # without no_more
                (instance(name[cut:]), value)
                for name, value in bindings
                if value is not no_more and name.startswith(entry)
            ]
            own = len(rows)
            if own < len(bindings):
                self._open.remove(at)
                # Rows of the column that stand behind what is none of it are not believed.
                own = next(n for n, (name, end) in enumerate(bindings) if end is no_more or not name.startswith(entry))
                before = bindings[own - 1][0] if own else self._last[at]
                name, value = bindings[own]
                if value is not no_more and ber.sub_identifiers(name) < ber.sub_identifiers(before):
                    raise Garbled(f"{self._oids[at]}: the agent went back to {ber.text(name)[:80]}")
        except ber.Malformed as error:
            raise Garbled(f"{self._oids[at]}: {error}") from None
        if own:
            self._last[at] = bindings[own - 1][0]
        return rows[:own]


def _without_error(status: int, bindings: ber.Bindings) -> ber.Bindings:
    if status == TOO_BIG:
        raise TooBig("tooBig")
    if status in {NO_ACCESS, AUTHORIZATION_ERROR}:
        raise Denied(f"the agent refuses (error-status {status})")
    if status:
        raise Garbled(f"the agent answers with error-status {status}")
    return bindings


def _told(error: OSError) -> Exception:
    """What an error of the socket means here."""
    if isinstance(error, ConnectionRefusedError):
        return Denied("nothing listens at the port")
    return Garbled(error.strerror or str(error))
