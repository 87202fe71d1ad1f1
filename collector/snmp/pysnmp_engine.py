"""Sessions by pysnmp, in plain Python: for what gufo-snmp can not do, and where it is not installed.

pysnmp takes an answer from whoever has guessed the request id; the transport here drops what is not from the address and port
that were asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from pyasn1.type import univ
from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import errind
from pysnmp.proto.rfc1902 import IpAddress
from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject
from pysnmp.smi.error import SmiError

from collector.secret import Secret
from collector.snmp.session import Answer, Community, Denied, Garbled, Silent, TooBig, User
from collector.snmp.syntax import Value
from collector.snmp.table import index_of

_Answer = TypeVar("_Answer")

_AUTH = {
    "": hlapi.USM_AUTH_NONE, "md5": hlapi.USM_AUTH_HMAC96_MD5, "sha1": hlapi.USM_AUTH_HMAC96_SHA,
    "sha224": hlapi.USM_AUTH_HMAC128_SHA224, "sha256": hlapi.USM_AUTH_HMAC192_SHA256,
    "sha384": hlapi.USM_AUTH_HMAC256_SHA384, "sha512": hlapi.USM_AUTH_HMAC384_SHA512,
}  # fmt: skip
_PRIVACY = {
    "": hlapi.USM_PRIV_NONE, "des": hlapi.USM_PRIV_CBC56_DES, "aes128": hlapi.USM_PRIV_CFB128_AES,
    "aes192": hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL, "aes256": hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "aes192c": hlapi.USM_PRIV_CFB192_AES, "aes256c": hlapi.USM_PRIV_CFB256_AES,
}  # fmt: skip

TOO_BIG, NO_ACCESS, AUTHORIZATION_ERROR = 1, 6, 16
"""error-status of RFC 3416."""
SNMP_V3 = 3
"""snmpMessageProcessingModel of RFC 3411."""


class PysnmpSession:
    """A session (session.Session), with an event loop of its own: one thread at a time may use it."""

    side_by_side = 1
    most_values = 50

    def __init__(self, address: str, port: int, login: Community | User, seconds: float) -> None:
        """`seconds` is how long one answer may take. Nothing is sent before the first question."""
        self._loop = asyncio.new_event_loop()
        self._engine = hlapi.SnmpEngine()
        self._context = hlapi.ContextData(contextName=login.context.encode() if isinstance(login, User) else b"")
        self._login = _login(login)
        self._v3 = isinstance(login, User)
        self._target = self._run(_target(address, port, seconds))

    @property
    def engine_id(self) -> bytes:
        if not self._v3:
            return b""
        model = self._engine.message_processing_subsystems[SNMP_V3]
        found, _, _ = model.get_peer_engine_info(*self._target.get_transport_info())
        return bytes(found) if found is not None else b""

    def get(self, oids: Sequence[str]) -> dict[str, Value]:
        asked = [hlapi.ObjectType(hlapi.ObjectIdentity(oid)) for oid in oids]
        ask = hlapi.get_cmd(self._engine, self._login, self._target, self._context, *asked, lookupMib=False)
        found = {str(name): _value(value) for name, value in self._answer(ask)}
        for oid in oids:
            if oid not in found:  # What an agent has not it answers with noSuchObject or noSuchInstance (RFC 3416).
                raise Garbled(f"{oid}: the agent answers without it")
        return found

    def columns(self, oids: Sequence[str]) -> PysnmpColumns:
        (oid,) = oids
        return PysnmpColumns(self, oid)

    def bulk(self, oid: str, repetitions: int) -> list[tuple[str, Any]]:
        """What follows an OID, in the library's types."""
        asked = hlapi.ObjectType(hlapi.ObjectIdentity(oid))
        ask = hlapi.bulk_cmd(
            self._engine, self._login, self._target, self._context, 0, repetitions, asked, lookupMib=False
        )
        return [(str(name), value) for name, value in self._answer(ask)]

    def close(self) -> None:
        self._engine.close_dispatcher()
        waiting = asyncio.all_tasks(self._loop)
        for task in waiting:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
        self._loop.close()

    def _answer(self, ask: Coroutine[Any, Any, Any]) -> Any:
        try:
            indication, status, _, found = self._run(ask)
        except SmiError as error:
            raise Garbled(str(error)) from error
        if indication:
            raise _indicated(indication)
        if int(status) == TOO_BIG:
            raise TooBig("tooBig")
        if int(status) in {NO_ACCESS, AUTHORIZATION_ERROR}:
            raise Denied(f"the agent refuses: {status.prettyPrint()}")
        if int(status):
            raise Garbled(f"the agent answers {status.prettyPrint()}")
        return found

    def _run(self, ask: Coroutine[Any, Any, _Answer]) -> _Answer:
        asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(ask)


class PysnmpColumns:
    """A walk through one column (session.Columns)."""

    def __init__(self, session: PysnmpSession, oid: str) -> None:
        self._session = session
        self._prefix = f"{oid}."
        self._after = oid
        self.ended = False

    def next(self, most: int) -> list[Answer]:
        found: Answer = []
        rows = self._session.bulk(self._after, most)
        for oid, value in rows:
            if is_end(value) or not oid.startswith(self._prefix):
                self.ended = True
                if index_of(oid) < index_of(self._after):
                    raise Garbled(f"{self._prefix[:-1]}: the agent went back to {oid[:80]}")
                break
            found.append((oid[len(self._prefix) :], _value(value)))
        if found:
            self._after = self._prefix + found[-1][0]
        return [found]


def is_end(value: Any) -> bool:
    """True of what stands where there is nothing more to walk (endOfMibView)."""
    return isinstance(value, EndOfMibView)


def _login(login: Community | User) -> hlapi.CommunityData | hlapi.UsmUserData:
    if isinstance(login, Community):
        return hlapi.CommunityData(login.text.reveal(), mpModel=1)  # noqa: S508 - where a credential names it
    return hlapi.UsmUserData(
        login.name,
        _text(login.auth_password),
        _text(login.privacy_password),
        authProtocol=_AUTH[login.auth],
        privProtocol=_PRIVACY[login.privacy],
    )


def _text(password: Secret | None) -> str | None:
    return password.reveal() if password is not None else None


async def _target(address: str, port: int, seconds: float) -> hlapi.UdpTransportTarget | hlapi.Udp6TransportTarget:
    """A target whose transport takes what comes from its own address and port alone."""
    kind = hlapi.Udp6TransportTarget if ":" in address else hlapi.UdpTransportTarget
    found = await kind.create((address, port), timeout=seconds, retries=0)
    host, from_port = found.transport_address[:2]

    class Own(udp6.Udp6AsyncioTransport if ":" in address else udp.UdpAsyncioTransport):  # type: ignore[misc]
        def datagram_received(self, datagram: bytes, sender: Any) -> None:
            if (sender[0], sender[1]) == (host, from_port):
                super().datagram_received(datagram, sender)

    found.PROTO_TRANSPORT = Own
    return found


def _value(value: Any) -> Value:
    """A value of the library in ours (syntax.Value)."""
    if isinstance(value, (NoSuchObject, NoSuchInstance, EndOfMibView)):
        return None
    if isinstance(value, IpAddress):
        return ".".join(map(str, value.asOctets()))
    if isinstance(value, univ.OctetString):
        return bytes(value.asOctets())
    if isinstance(value, univ.ObjectIdentifier):
        return str(value)
    return int(value)


def _indicated(indication: Any) -> Exception:
    """What an error that is no error-status means."""
    if isinstance(indication, errind.RequestTimedOut):
        return Silent("no answer in time")
    denied = (
        errind.UnknownUserName, errind.UnknownSecurityName, errind.WrongDigest, errind.DecryptionError,
        errind.UnsupportedSecurityLevel, errind.AuthenticationFailure, errind.AuthenticationError,
        errind.UnknownCommunityName, errind.NoAccessEntry, errind.UnsupportedAuthProtocol,
        errind.UnsupportedPrivProtocol, errind.NoSuchContext,
    )  # fmt: skip
    # Without one value a response is that of an agent which has no room for any (RFC 3416 section 4.2.3).
    if isinstance(indication, (errind.TooBig, errind.EmptyResponse)):
        return TooBig(str(indication))
    if isinstance(indication, denied):
        return Denied(str(indication))
    return Garbled(str(indication))
