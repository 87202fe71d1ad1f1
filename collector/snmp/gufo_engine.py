"""Sessions by gufo-snmp, which codes and decodes in compiled code.

It asks from a connected socket, so that the kernel drops what comes from another address or port, and goes on waiting where the
request id is another one. It knows no contexts and no SNMPv1; pysnmp_engine.py does.
"""

from __future__ import annotations

import math
import select
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from gufo.snmp import NoSuchInstance, SnmpAuthError, SnmpError, SnmpVersion
from gufo.snmp import user as users
from gufo.snmp._fast import GetIter
from gufo.snmp.sync import SnmpSession

from collector.secret import Secret
from collector.snmp.pysnmp_engine import PysnmpSession, is_end
from collector.snmp.session import Answer, Community, Denied, Garbled, Silent, TooBig, User
from collector.snmp.syntax import Value
from collector.snmp.table import index_of

_Answer = TypeVar("_Answer")

_AUTH = {
    "md5": users.Md5Key, "sha1": users.Sha1Key, "sha224": users.Sha224Key, "sha256": users.Sha256Key,
    "sha384": users.Sha384Key, "sha512": users.Sha512Key,
}  # fmt: skip
_PRIVACY = {
    "des": users.DesKey, "aes128": users.Aes128Key, "aes192": users.Aes192Key, "aes256": users.Aes256Key,
    "aes192c": users.Aes192Key, "aes256c": users.Aes256Key,
}  # fmt: skip


_LOOK_SECONDS = 0.001
"""How long the library waits for what is there already."""
_CUT = "incomplete"
"""What the library says of a message that ends too early, be it by its own buffer."""


def speaks(login: Community | User) -> bool:
    """True of logins that this engine can use."""
    return isinstance(login, Community) or not login.context


class GufoSession:
    """A session (session.Session). Raises Silent or Denied where a user can not be introduced to the agent."""

    side_by_side = 1
    most_values = 50
    """The library reads no response above 4 KiB."""

    def __init__(self, address: str, port: int, login: Community | User, seconds: float) -> None:
        """`seconds` is how long one answer may take."""
        self._open_other: Callable[[], PysnmpSession] = lambda: PysnmpSession(address, port, login, seconds)
        self._other: PysnmpSession | None = None
        self._engine_id = b""
        self._seconds = seconds
        user = None if isinstance(login, Community) else _user(login)
        if isinstance(login, Community):
            community = login.text.reveal()
            session = SnmpSession(address, port, community=community, version=SnmpVersion.v2c, timeout=_LOOK_SECONDS)
        else:
            session = SnmpSession(address, port, user=user, version=SnmpVersion.v3, timeout=_LOOK_SECONDS)
        # The session's iterators hide where a response ends, and whether it said that the column does.
        self._socket: Any = session._sock
        self._poll = select.poll()
        self._poll.register(self._socket.get_fd(), select.POLLIN)
        if user is not None:
            self._introduce(user)
            self._engine_id = session.get_engine_id()

    @property
    def engine_id(self) -> bytes:
        return self._engine_id

    def get(self, oids: Sequence[str]) -> dict[str, Value]:
        found = self._many(list(oids))
        for oid in oids:
            if oid not in found:
                found[oid] = self._one(oid)
        return found

    def columns(self, oids: Sequence[str]) -> GufoColumns:
        (oid,) = oids
        return GufoColumns(self, oid)

    def bulk(self, oid: str, repetitions: int) -> dict[str, Value]:
        """What the response to one GETBULK has."""
        at = GetIter(oid, repetitions)
        found: dict[str, Value] = self._asked(lambda: self._socket.send_get_bulk(at), self._socket.recv_get_many)
        return found

    def after(self, oid: str) -> list[tuple[str, Any]]:
        """What follows an OID by the other engine, which tells an end from an error."""
        if self._other is None:
            self._other = self._open_other()
        return self._other.bulk(oid, 1)

    def close(self) -> None:
        """The socket goes with the session."""
        if self._other is not None:
            self._other.close()
        del self._socket

    def _many(self, oids: list[str]) -> dict[str, Value]:
        found: dict[str, Value] = self._asked(lambda: self._socket.send_get_many(oids), self._socket.recv_get_many)
        return found

    def _introduce(self, user: users.User) -> None:
        """Learn the agent's engine, then its time (RFC 3414 section 4)."""
        self._asked(self._socket.send_refresh, self._socket.recv_refresh)
        self._socket.set_keys(
            user.name, user.get_auth_alg(), user.get_auth_key(), user.get_priv_alg(), user.get_priv_key()
        )
        self._asked(self._socket.send_refresh, self._socket.recv_refresh)

    def _asked(self, send: Callable[[], object], receive: Callable[[], _Answer]) -> _Answer:
        """The answer to one question. The library begins its own time-out again with each datagram that is no answer, so that
        who goes on sending those would hold it for ever: here the time is up when it is up."""
        until = time.monotonic() + self._seconds
        try:
            send()
            while (left := until - time.monotonic()) > 0:
                if self._poll.poll(math.ceil(left * 1000)):
                    try:
                        return receive()
                    except (TimeoutError, BlockingIOError):
                        continue  # What came was no answer.
        except NoSuchInstance:  # An answer, which the library has among its errors.
            raise
        except (SnmpError, OSError) as error:
            raise _told(error) from None
        raise Silent("no answer in time")

    def _one(self, oid: str) -> Value:
        """A value that was not among several: it is not there, or the agent said an error, which the library drops."""
        try:
            found: Value = self._asked(lambda: self._socket.send_get(oid), self._socket.recv_get)
        except NoSuchInstance:
            return None
        if found is None:
            raise Garbled(f"{oid}: the agent answers with an error")
        # The library gives the value that came, of whichever OID it was.
        sure = self._many([oid])
        if oid not in sure:
            raise Garbled(f"{oid}: the agent answers without it")
        return sure[oid]


class GufoColumns:
    """A walk through one column (session.Columns).

    The library's own walk hides what an agent answers behind a column, and would end as well where the agent went back: so its
    GETBULK is sent, and the response read as that to a GET of several OIDs, which gives all of it. What says nothing (an error,
    or that there is nothing more) is asked for again by the other engine.
    """

    def __init__(self, session: GufoSession, oid: str) -> None:
        self._session = session
        self._prefix = f"{oid}."
        self._last = oid
        self.ended = False

    def next(self, most: int) -> list[Answer]:
        try:
            rows = self._session.bulk(self._last, most)
        except Garbled as error:
            if str(error) == _CUT and most > 1:
                raise TooBig(f"{self._prefix[:-1]}: the answer is longer than this library reads") from None
            raise
        if not rows:
            self._end_is_true(most)
            self.ended = True
            return [[]]
        found: Answer = []
        cut = len(self._prefix)
        for oid, value in rows.items():
            if not oid.startswith(self._prefix):
                if index_of(oid) < index_of(self._last):
                    raise Garbled(f"{self._prefix[:-1]}: the agent went back to {oid[:80]}")
                self.ended = True
                break
            found.append((oid[cut:], value))
        if found:
            self._last = self._prefix + found[-1][0]
        return [found]

    def _end_is_true(self, most: int) -> None:
        """Raises TooBig, Denied, Garbled or Silent where the column has not ended."""
        for oid, value in self._session.after(self._last):
            if oid.startswith(self._prefix) and not is_end(value):
                if most > 1:
                    raise TooBig(f"{oid}: the agent gives one row, and not {most}")
                raise Garbled(f"{oid}: the agent ended the column before it")


def _user(login: User) -> users.User:
    auth = _AUTH[login.auth](_bytes(login.auth_password)) if login.auth else None
    privacy = _PRIVACY[login.privacy](_bytes(login.privacy_password)) if login.privacy else None
    expansion = users.KeyExpansion.Cisco if login.privacy.endswith("c") else users.KeyExpansion.Blumenthal
    return users.User(login.name, auth_key=auth, priv_key=privacy, key_expansion=expansion)


def _bytes(password: Secret | None) -> bytes:
    return password.reveal().encode() if password is not None else b""


def _told(error: Exception) -> Exception:
    """What an error of the library means here."""
    if isinstance(error, SnmpAuthError):
        return Denied(
            f"the agent does not know the user, or the password or algorithm is another one, or it is allowed less ({error})"
        )
    if isinstance(error, ConnectionRefusedError):
        return Denied("nothing listens at the port")
    return Garbled(str(error) or type(error).__name__)
