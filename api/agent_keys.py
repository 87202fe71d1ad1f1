"""The secrets of agents: kept sealed, known again in signed requests, renewed.

A register entry has one secret, or two while an agent changes to a new one: [{"number", "sealed", "made_at", "ends_at"}]. The
old one ends when the new one is first used. Sealed is under the installation's key, bound to the store, the agent and the
number of the secret.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from typing import Any

from agent.signature import SECRET_BYTES, Signature, SignatureRefused, Signed, verify
from api import agent_use
from api.caller import Caller
from api.installation_key import InstallationKey
from api.settings import BYTES_A_DAY
from cmdb.agent_binding import KIND
from cmdb.commit import entry_revision
from cmdb.model.errors import ForbiddenError
from cmdb.model.times import SECOND, from_iso, iso, now
from cmdb.ports import Clock, Randomness, Store
from cmdb.states import Entry

DAYS = 180
"""How long a secret is good for. A host that is away for longer has to be enrolled anew."""
ROTATED_SECONDS = 86_400
"""How long a secret is good for once it has to be rotated."""
RENEWED_EVERY = 60 * SECOND
PENDING_SECONDS = 300
"""After how long an agent that waits for approval should ask again."""
_DAY = 86_400 * SECOND
_NOBODY = "000000000000"

Kept = dict[str, Any]


class Pending(ForbiddenError):
    """An agent that people have not approved yet."""

    kind = "pending"


class SecretKeeper:
    """Seals the secrets of one store's agents, and opens them."""

    def __init__(self, genesis: str, key: InstallationKey, clock: Clock = now) -> None:
        self._genesis = genesis
        self._key = key
        self._clock = clock
        self._nobody: Kept | None = None

    def sealed(self, id_: str, number: int, secret: bytes) -> Kept:
        """A secret of an agent as it is kept."""
        time = self._clock()
        sealed = self._key.seal(secret, self._of(id_, number))
        return {"number": number, "sealed": sealed, "made_at": iso(time), "ends_at": iso(time + DAYS * _DAY)}

    def ending(self, kept: Sequence[Kept]) -> list[Kept]:
        """The same secrets, none of them for longer than a day."""
        soon = self._clock() + ROTATED_SECONDS * SECOND
        return [{**one, "ends_at": iso(min(soon, from_iso(one["ends_at"])))} for one in kept]

    def opened(self, id_: str, kept: Sequence[Kept]) -> list[tuple[bytes, Kept | None]]:
        """The secrets that are good now and how they are kept, always two: where there are less, ones that nobody has, so that
        how long it takes tells nothing."""
        time = self._clock()
        good = [one for one in kept if from_iso(one["ends_at"]) > time][:2]
        if self._nobody is None:
            self._nobody = self.sealed(_NOBODY, 0, secrets.token_bytes(SECRET_BYTES))
        found: list[tuple[bytes, Kept | None]] = [
            (self._key.open(one["sealed"], self._of(id_, int(one["number"]))), one) for one in good
        ]
        return found + [
            (self._key.open(self._nobody["sealed"], self._of(_NOBODY, 0)), None) for _ in range(2 - len(good))
        ]

    def _of(self, id_: str, number: int) -> str:
        return f"agent {self._genesis} {id_} {number}"


class AgentKeys:
    """Who signed a request. Safe for use by several threads."""

    def __init__(
        self,
        store: Store,
        keeper: SecretKeeper,
        clock: Clock = now,
        randomness: Randomness = secrets.token_bytes,
        bytes_a_day: int = BYTES_A_DAY,
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._clock = clock
        self._randomness = randomness
        self._bytes_a_day = bytes_a_day

    def authenticated(self, signed: Signed, signature: Signature, size: int, user_agent: str) -> Caller:
        """The agent that signed the request, which counts as used from here on; `size` is how many bytes it has.

        Raises SignatureRefused, agent_use.Replayed and TooOften, Pending. An unknown key takes as long as a wrong secret.
        """
        id_, time = signature.key_id, self._clock()
        with self._store.view() as view:
            entry = view.entry(KIND, id_)
        opened = self._keeper.opened(id_, entry.value["secrets"] if entry is not None else ())
        used = opened[verify(signed, signature, [secret for secret, _ in opened], time // SECOND)][1]
        with self._store.transaction() as tx:
            entry = tx.entry(KIND, id_)
            if entry is None or used not in entry.value["secrets"]:  # revoked meanwhile, or rotated
                raise SignatureRefused("signature", "The signature is not by a secret of this key.")
            agent_use.spend(tx, id_, signature, time, size, self._bytes_a_day, user_agent)
            if used != entry.value["secrets"][0]:
                value = {**entry.value, "secrets": [used]}
                made = Entry(KIND, id_, value, 0, b"", b"")
                cause = f"agent {id_} of {value['name']} uses its new secret"
                entry_revision(tx, "agent", [made], _actor(id_, value), cause, self._clock, self._randomness)
        if entry.value["state"] == "pending":
            raise Pending(
                f"The agent {id_} waits for approval: {entry.value['reason']}. `surveymark agent approve {id_}` lets it "
                "report.",
                retry_after=PENDING_SECONDS,
            )
        return Caller(_actor(id_, entry.value), ("agent",), entry.value["source"], agent=id_)

    def renew(self, id_: str) -> dict[str, Any]:
        """A new secret of an agent, told this once; the one that it has ends when this one is first used."""
        secret = self._randomness(SECRET_BYTES)
        with self._store.transaction() as tx:
            entry = tx.entry(KIND, id_)
            if entry is None or entry.value["state"] != "active":
                raise ForbiddenError(f"The agent {id_} was revoked.")
            kept: list[Kept] = entry.value["secrets"]
            if len(kept) > 1 and 0 <= self._clock() - from_iso(kept[1]["made_at"]) < RENEWED_EVERY:
                raise agent_use.TooOften("A secret was made less than a minute ago.", retry_after=60)
            new = self._keeper.sealed(id_, max(int(one["number"]) for one in kept) + 1, secret)
            made = Entry(KIND, id_, {**entry.value, "secrets": [kept[0], new]}, 0, b"", b"")
            cause = f"new secret for agent {id_} of {entry.value['name']}"
            entry_revision(tx, "agent", [made], _actor(id_, entry.value), cause, self._clock, self._randomness)
        return {"key": id_, "secret": base64.b64encode(secret).decode(), "secret_ends_at": new["ends_at"]}

    def add_bytes(self, id_: str, size: int) -> None:
        """Count more bytes of a request than it said beforehand."""
        with self._store.transaction() as tx:
            agent_use.add_bytes(tx, id_, size)


def _actor(id_: str, value: dict[str, Any]) -> str:
    return f"agent:{id_} {value['name']}"
