"""What a session with an SNMP agent gives, whichever engine speaks: single values, and columns a response at a time.

A response is taken only from the address, port and request id that were asked; what else comes is no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from collector.secret import Secret
from collector.snmp.syntax import Value

WEAK_AUTH = frozenset({"md5", "sha1"})
WEAK_PRIVACY = frozenset({"des", "aes192", "aes256", "aes192c", "aes256c"})
"""DES is broken; AES-192 and AES-256 are of no RFC, and stretch a key in one of two ways: Blumenthal's, or Reeder's ("c")."""


class Silent(Exception):
    """No answer in time. The same question may be asked again."""


class TooBig(Exception):
    """The agent can not answer so much at once (tooBig, RFC 3416). Fewer repetitions may do."""


class Garbled(Exception):
    """What came is no answer to the question, or breaks off; the message says how."""


class Denied(Exception):
    """The agent does not let us: a wrong user, password or engine, or no access; the message says which. The same question
    gets the same answer."""


@dataclass(frozen=True, slots=True)
class Community:
    """What SNMPv2c has for a password; it goes over the wire as it is."""

    text: Secret

    @property
    def weak(self) -> tuple[str, ...]:
        return ("snmp v2c",)


@dataclass(frozen=True, slots=True)
class User:
    """A user of the User-based Security Model (RFC 3414). `auth` is one of md5, sha1, sha224, sha256, sha384, sha512 or "" for
    none; `privacy` des, aes128, aes192, aes256, aes192c, aes256c or ""."""

    name: str
    auth: str = ""
    auth_password: Secret | None = None
    privacy: str = ""
    privacy_password: Secret | None = None
    context: str = ""

    @property
    def weak(self) -> tuple[str, ...]:
        """Algorithms that are allowed for old devices only, and what is not there at all."""
        found = [name for name in (self.auth,) if name in WEAK_AUTH]
        found += [name for name in (self.privacy,) if name in WEAK_PRIVACY]
        if not self.auth:
            found.append("no authentication")
        elif not self.privacy:
            found.append("no privacy")
        return tuple(found)


Answer = list[tuple[str, Value]]
"""Instances and values of one column in a response, in the order in which they came."""


class Columns(Protocol):
    """A walk through columns of a table, side by side."""

    @property
    def ended(self) -> bool:
        """True once all columns have."""
        ...

    def next(self, most: int) -> list[Answer]:
        """What the response to the next question has of each column, in the order in which they were named. `most` values are
        asked for: of more columns than that the first that have not ended.

        Raises Silent, TooBig (and may be called again after either), Garbled, Denied.
        """
        ...


class Session(Protocol):
    """A conversation with one agent."""

    @property
    def engine_id(self) -> bytes:
        """snmpEngineID of the agent where the session is of SNMPv3, else nothing."""
        ...

    @property
    def side_by_side(self) -> int:
        """Columns that `columns` takes at once."""
        ...

    @property
    def most_values(self) -> int:
        """Values beyond which asking for more at once gains nothing, or can not be read."""
        ...

    def get(self, oids: Sequence[str]) -> dict[str, Value]:
        """Values of these OIDs; those that the agent has not are None or left out. Raises as `Columns.next`."""
        ...

    def columns(self, oids: Sequence[str]) -> Columns:
        """From the start of these columns."""
        ...

    def close(self) -> None: ...
