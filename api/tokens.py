"""Access tokens: 256 random bits, shown once, kept as SHA-256 (a fast hash does for a secret nobody can guess).

A token reads `smt_ID_SECRET`. Its register entry ("token", ID) is versioned like everything else: making and revoking one
are revisions that name who did it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.caller import ROLES, Caller
from cmdb.commit import entry_revision
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.times import SECOND, from_iso, iso, now
from cmdb.model.values import text
from cmdb.ports import Clock, Randomness, Store
from cmdb.states import Entry

KIND = "token"
_TOKEN = re.compile(r"smt_([0-9a-f]{12})_([0-9a-f]{64})\Z")
_UNKNOWN = hashlib.sha256(b"").hexdigest()
_SPAN = re.compile(r"([0-9]{1,4})([hdwy])\Z")
_UNIT = {"h": 3600, "d": 86400, "w": 7 * 86400, "y": 366 * 86400}


MOST_ENROLLED = 100_000
MOST_NETWORKS = 64


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What a token that enrols agents is good for: so many of them, from these networks (CIDR; none for any), each of them to be
    approved by people or at once."""

    count: int = 1
    networks: tuple[str, ...] = ()
    approve: bool = False

    def checked(self) -> dict[str, Any]:
        """As it is kept. Raises UsageError."""
        if not 1 <= self.count <= MOST_ENROLLED:
            raise UsageError(f"A token enrols 1 to {MOST_ENROLLED} agents, not {self.count}.")
        if len(self.networks) > MOST_NETWORKS:
            raise UsageError(f"A token has at most {MOST_NETWORKS} networks, not {len(self.networks)}.")
        try:
            networks = [str(ipaddress.ip_network(network)) for network in self.networks]
        except ValueError as error:
            raise UsageError(f"{error}: write a network as 10.0.0.0/8 or 2001:db8::/32.") from None
        return {"count": self.count, "used": 0, "networks": networks, "approve": self.approve}


class Tokens:
    """The tokens of one store."""

    def __init__(self, store: Store, clock: Clock = now, randomness: Randomness = secrets.token_bytes) -> None:
        self._store = store
        self._clock = clock
        self._randomness = randomness

    def create(
        self,
        actor: str,
        name: str,
        roles: Sequence[str],
        expires: str = "90d",
        source: str | None = None,
        enrolling: Enrolling | None = None,
    ) -> dict[str, Any]:
        """A new token; the member "token" is the only time that its secret is shown.

        `expires` is a span (12h, 90d, 2w, 1y), an ISO 8601 time, or "never". `source` is what an agent's or
        collector's token may report as, and needed for these roles. A token that enrols agents can do nothing else.
        """
        unknown = [role for role in roles if role not in ROLES]
        if unknown or not roles:
            raise UsageError(f"There is no role {', '.join(unknown) or 'given'}; roles are {', '.join(ROLES)}.")
        if {"agent", "collector"} & set(roles) and not source:
            raise UsageError(
                "An agent's or collector's token is bound to its source; `surveymark agent once --print` shows an agent's."
            )
        if "enrol" in roles and (set(roles) != {"enrol"} or source):
            raise UsageError("A token that enrols agents can do nothing else: it has no other role, and no source.")
        if enrolling is not None and "enrol" not in roles:
            raise UsageError("How many agents are enrolled, and from where, is for tokens with --role enrol.")
        if not name.strip():
            raise UsageError("A token needs a name that says who uses it.")
        id_, secret = self._randomness(6).hex(), self._randomness(32).hex()
        value = {
            "name": text(name.strip(), 200),
            "roles": sorted(set(roles)),
            "hash": hashlib.sha256(secret.encode()).hexdigest(),
            "expires_at": self._expiry(expires),
            "source": text(source, 256) if source else None,
            "created_by": actor,
            "created_at": iso(self._clock()),
            "state": "active",
            **((enrolling or Enrolling()).checked() if "enrol" in roles else {}),
        }
        self._write(id_, value, actor, f"token for {value['name']}")
        return {**self._shown(id_, value), "token": f"smt_{id_}_{secret}"}

    def list(self) -> list[dict[str, Any]]:
        """All tokens, without what they are checked by."""
        with self._store.view() as view:
            return [self._shown(entry.key, entry.value) for entry in view.entries(KIND)]

    def revoke(self, actor: str, id_: str) -> dict[str, Any]:
        """End a token. Raises NotFoundError, or ConflictError where it is revoked already."""
        with self._store.view() as view:
            entry = view.entry(KIND, id_)
        if entry is None:
            raise NotFoundError(f"There is no token {id_!r:.80}; `surveymark token list` lists them.", id=id_)
        if entry.value["state"] == "revoked":
            raise ConflictError(f"The token {id_} is revoked already.", id=id_)
        value = {**entry.value, "state": "revoked", "revoked_by": actor, "revoked_at": iso(self._clock())}
        self._write(id_, value, actor, f"token of {value['name']} revoked")
        return self._shown(id_, value)

    def verify(self, token: str) -> Caller | None:
        """Who the token stands for, None where it is unknown, expired or revoked. Takes as long for each of these."""
        found = _TOKEN.match(token)
        id_, secret = (found[1], found[2]) if found else ("", "")
        with self._store.view() as view:
            entry = view.entry(KIND, id_)
        value: dict[str, Any] = entry.value if entry else {"hash": _UNKNOWN}
        same = hmac.compare_digest(hashlib.sha256(secret.encode()).hexdigest(), value["hash"])
        if not same or entry is None or value["state"] != "active" or is_expired(value, self._clock()):
            return None
        return Caller(f"token:{id_} {value['name']}", tuple(value["roles"]), value["source"], token=id_)

    def networks(self, id_: str) -> tuple[str, ...]:
        """From where a token may be used, none for anywhere."""
        with self._store.view() as view:
            entry = view.entry(KIND, id_)
        return tuple(entry.value.get("networks", ())) if entry is not None else ()

    def _shown(self, id_: str, value: dict[str, Any]) -> dict[str, Any]:
        state = "expired" if value["state"] == "active" and is_expired(value, self._clock()) else value["state"]
        return {"id": id_, **{k: v for k, v in value.items() if k != "hash"}, "state": state}

    def _expiry(self, expires: str) -> str | None:
        if expires == "never":
            return None
        span = _SPAN.match(expires)
        try:
            time = self._clock() + int(span[1]) * _UNIT[span[2]] * SECOND if span else from_iso(expires)
        except ValueError:
            raise UsageError(
                f"{expires!r:.40} is no expiry: write 12h, 90d, 2w, 1y, an ISO 8601 time, or never."
            ) from None
        if time <= self._clock():
            raise UsageError(f"{expires} has passed already.")
        return iso(time)

    def _write(self, id_: str, value: dict[str, Any], actor: str, cause: str) -> None:
        with self._store.transaction() as tx:
            entry = Entry(KIND, id_, value, 0, b"", b"")
            entry_revision(tx, "token", [entry], actor, cause, self._clock, self._randomness)


def is_expired(value: Mapping[str, Any], time: int) -> bool:
    """True of a token's value whose time is over."""
    return value["expires_at"] is not None and time >= from_iso(value["expires_at"])
