"""Agents for tests: a real snmpd on loopback, and one that answers as a test says."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api
from pysnmp.proto.rfc1905 import endOfMibView

V2C = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]

END = endOfMibView
"""A value for `Agent`: there is nothing behind this OID."""

USERS = """\
createUser strong SHA-256 "strong-auth-password" AES "strong-privacy-password"
createUser wide SHA-512 "wide-auth-password" AES "wide-privacy-password"
createUser old MD5 "old-auth-password" DES "old-privacy-password"
createUser signed SHA "signed-auth-password"
rouser strong priv
rouser wide priv
rouser old priv
rouser signed auth
"""


def free_port() -> int:
    """A UDP port of 127.0.0.1 that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def snmpd(folder: Path) -> Iterator[int]:
    """A real snmpd at 127.0.0.1, its port; community "public", users as in USERS."""
    port = free_port()
    (folder / "snmpd.conf").write_text(f"rocommunity public\nsysName recorder\nsysLocation a shelf\n{USERS}")
    command = ["/usr/sbin/snmpd", "-f", "-Lf", str(folder / "log"), "-C", "-c", str(folder / "snmpd.conf")]
    environment = {"SNMP_PERSISTENT_DIR": str(folder / "state"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    process = subprocess.Popen([*command, f"udp:127.0.0.1:{port}"], env=environment, stdin=subprocess.DEVNULL)
    try:
        _listens(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("127.0.0.1", port))
        one.settimeout(0.2)
        while time.monotonic() < until and process.poll() is None:
            try:
                one.send(encoder.encode(_request()))
                one.recv(65535)
                return
            except OSError:
                time.sleep(0.05)
    raise RuntimeError(f"snmpd does not answer at port {port}")


def _request() -> Any:
    pdu = V2C.GetRequestPDU()
    V2C.apiPDU.set_defaults(pdu)
    V2C.apiPDU.set_varbinds(pdu, [((1, 3, 6, 1, 2, 1, 1, 3, 0), V2C.Null(""))])
    message = V2C.Message()
    V2C.apiMessage.set_defaults(message)
    V2C.apiMessage.set_community(message, "public")
    V2C.apiMessage.set_pdu(message, pdu)
    return message


Say = Callable[[str, int], "list[tuple[str, Any]] | int | bytes | None"]
"""Of the first OID that was asked and the repetitions: rows, an error-status, bytes to send as they are, or silence."""


class Agent:
    """An SNMPv2c agent that says what a test wants. `asked` has (OID, repetitions) of every question."""

    def __init__(self, say: Say, *, from_port: int = 0) -> None:
        self._say = say
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if from_port else None
        if self._other is not None:
            self._other.bind(("127.0.0.1", from_port))
        self.port: int = self._socket.getsockname()[1]
        self.asked: list[tuple[str, int]] = []
        self.names: list[str] = []
        """All OIDs of the question that is being answered."""
        self.change_id = 0
        self.again, self.most_again, self.sent_again = 0.1, 0, 0
        """Seconds after which the last answer is sent again, how often at most, and how often it was."""
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Agent:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(10)
        self._socket.close()
        if self._other is not None:
            self._other.close()

    def _serve(self) -> None:
        answer, last = b"", ("127.0.0.1", 0)
        while True:
            self._socket.settimeout(self.again if self.sent_again < self.most_again else None)
            try:
                data, sender = self._socket.recvfrom(65535)
            except TimeoutError:
                if self.sent_again < self.most_again:
                    self._socket.sendto(answer, last)
                    self.sent_again += 1
                continue
            if not data:
                return
            message, _ = decoder.decode(data, asn1Spec=V2C.Message())
            pdu = V2C.apiMessage.get_pdu(message)
            bulk = pdu.isSameTypeWith(V2C.GetBulkRequestPDU())
            repetitions = int(V2C.apiBulkPDU.get_max_repetitions(pdu)) if bulk else 0
            self.names = [str(oid) for oid, _ in V2C.apiPDU.get_varbinds(pdu)]
            self.asked.append((self.names[0], repetitions))
            said = self._say(self.names[0], repetitions)
            if said is not None:
                answer = said if isinstance(said, bytes) else self._answer(message, pdu, said)
                (self._other or self._socket).sendto(answer, sender)
                last = sender

    def _answer(self, message: Any, pdu: Any, said: list[tuple[str, Any]] | int) -> bytes:
        reply = V2C.GetResponsePDU()
        V2C.apiPDU.set_defaults(reply)
        V2C.apiPDU.set_request_id(reply, int(V2C.apiPDU.get_request_id(pdu)) + self.change_id)
        if isinstance(said, int):
            V2C.apiPDU.set_error_status(reply, said)
            V2C.apiPDU.set_varbinds(reply, V2C.apiPDU.get_varbinds(pdu))
        else:
            V2C.apiPDU.set_varbinds(reply, [(tuple(map(int, oid.split("."))), value) for oid, value in said])
        answer = V2C.Message()
        V2C.apiMessage.set_defaults(answer)
        V2C.apiMessage.set_community(answer, V2C.apiMessage.get_community(message))
        V2C.apiMessage.set_pdu(answer, reply)
        encoded: bytes = encoder.encode(answer)
        return encoded


class TableAgent(Agent):
    """An agent that has a table with such rows by column, and one value behind it; it gives so many values at most at once."""

    def __init__(self, entry: str, columns: dict[int, list[int]], room: int = 10**6) -> None:
        super().__init__(self.said)
        oids = [f"{entry}.{column}.{row}" for column, rows in columns.items() for row in rows]
        self.values = [(_numbers(oid), oid, octets(oid.encode())) for oid in oids]
        self.values.append((_numbers("1.3.9"), "1.3.9", integer(1)))
        self._room = room

    def said(self, _: str, repetitions: int) -> list[tuple[str, Any]]:
        """The answer to the OIDs in `names`."""
        found: list[tuple[str, Any]] = []
        asked = self.names
        for _repetition in range(repetitions):
            row = list(map(self._after, asked))
            found += row
            asked = [oid for oid, _ in row]
        return found[: self._room]

    def _after(self, oid: str) -> tuple[str, Any]:
        asked = _numbers(oid)
        return next(((name, value) for numbers, name, value in self.values if numbers > asked), (oid, END))


def _numbers(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))


def octets(text: bytes) -> Any:
    """A value for `Agent`."""
    return V2C.OctetString(text)


def integer(number: int) -> Any:
    """A value for `Agent`."""
    return V2C.Integer32(number)


def ifdescr(count: int, *, after: str, most: int) -> list[tuple[str, Any]]:
    """The rows of ifDescr with `count` ports behind an OID, `most` at a time, with one of the next column at the end."""
    prefix = "1.3.6.1.2.1.2.2.1.2"
    start = int(after.rpartition(".")[2]) if after != prefix else 0
    found = [(f"{prefix}.{n}", octets(b"port %d" % n)) for n in range(start + 1, min(count, start + most) + 1)]
    if len(found) < most:
        found.append(("1.3.6.1.2.1.2.2.1.3.1", integer(6)))
    return found
