"""The agents of one store: who was enrolled by which token, with what right, and what is asked of them.

A register entry ("agent", ID) is versioned like everything else, so enrolling, approving, rotating, revoking and asking are
revisions that name who did it. It has "name", "source", "state" (pending, active, revoked), "reason", "token", "address",
"identifiers" (by which it was enrolled), "overlaps" (keys that have some of them), "ci" (cmdb/agent_binding.py), "secrets" as
agent_keys.py keeps them, and "wishes".
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api import agent_use
from api.agent_keys import SecretKeeper
from api.caller import Caller
from api.tokens import KIND as TOKEN
from api.tokens import is_expired
from cmdb.agent_binding import KIND, LIVE, holder
from cmdb.commit import entry_revision
from cmdb.model.batch import decode
from cmdb.model.checked import marks_at
from cmdb.model.errors import ConflictError, ForbiddenError, NotFoundError, UsageError
from cmdb.model.identity import ROWS, WEAK, compose, scheme
from cmdb.model.times import SECOND, iso, now
from cmdb.model.values import digest, text
from cmdb.ports import Clock, Randomness, Store, Transaction, View
from cmdb.query import PAGE, limited, listed, offset, offset_cursor
from cmdb.states import Entry

WISHES = ("full_report", "pass_now")
"""All that can be asked of an agent."""
ASKED_EVERY = 60 * SECOND
"""How often the same may be asked of one agent, and is told to it."""
IDENTIFIER = "agent_identifier"
"""Unversioned, by the digest of an identifier or a source: {"agents": [ids]} that were enrolled with it, newest last."""
MOST_IDENTIFIERS = 300
MOST_OF_ONE = 20

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Applicant:
    """What an agent says of itself when it is enrolled: its host's marks, and the key that tells its installation from others."""

    host_name: str
    agent_key: str
    marks: Mapping[str, Any]
    version: str = ""


class Agents:
    """Safe for use by several threads."""

    def __init__(
        self, store: Store, keeper: SecretKeeper, clock: Clock = now, randomness: Randomness = secrets.token_bytes
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._clock = clock
        self._randomness = randomness

    def enrol(self, token: Caller, applicant: Applicant, address: str) -> Document:
        """A new key; its secret is told this once. `address` is where the request comes from.

        Raises ForbiddenError where the token may enrol no more, InvalidDocument for marks that are none.
        """
        token.needs("enrol")
        marks = {**marks_at({"marks": applicant.marks}, "marks", ""), "agent_key": applicant.agent_key}
        brought = sorted({i for rank in compose("Host", marks) for i in rank})[: 2 * MOST_IDENTIFIERS]
        strong = [i for i in brought if scheme(i) not in WEAK | ROWS][:MOST_IDENTIFIERS]
        source = "agent:" + digest(applicant.agent_key)[:16]
        id_, secret = self._randomness(6).hex(), self._randomness(32)
        with self._store.transaction() as tx:
            permit = self._permit(tx, token)
            others = self._overlapping(tx, [*strong, source])
            replaced = [o for o in others if self._never_used(tx, o, permit.key, source)]
            others = [o for o in others if o not in replaced]
            used, most = int(permit.value["used"]) + (0 if replaced else 1), int(permit.value["count"])
            if used > most:
                raise ForbiddenError(
                    f"The token {permit.key} has enrolled the {most} agents that it may; make another one."
                )
            why = self._doubt(others, bool(permit.value["approve"]))
            value: Document = {
                "name": text(applicant.host_name.strip(), 253) or "unnamed",
                "source": source,
                "state": "pending" if why else "active",
                "reason": why,
                "token": permit.key,
                "address": address,
                "enrolled_at": iso(self._clock()),
                "enrolled_version": text(applicant.version, 64),
                "identifiers": brought,
                "overlaps": [o.key for o in others][:MOST_OF_ONE],
                "ci": None,
                "secrets": [self._keeper.sealed(id_, 1, secret)],
                "wishes": {},
            }
            counted = {**permit.value, "used": used}
            entries = [Entry(KIND, id_, value, 0, b"", b""), Entry(TOKEN, permit.key, counted, 0, b"", b"")]
            entries += [
                self._ended(one, token.actor, f"enrolled again as {id_} before it was used") for one in replaced
            ]
            cause = f"agent {id_} of {value['name']} enrolled"
            self._revision(tx, entries, token.actor, cause)
            for one in [*strong, source]:
                known = tx.unversioned(IDENTIFIER, digest(one)) or {"agents": []}
                tx.put_unversioned(IDENTIFIER, digest(one), {"agents": [*known["agents"], id_][-MOST_OF_ONE:]})
        return {
            "key": id_,
            "secret": base64.b64encode(secret).decode(),
            "source": source,
            "state": value["state"],
            "reason": why,
            "secret_ends_at": value["secrets"][0]["ends_at"],
        }

    def approve(self, actor: str, id_: str, replace: bool = False) -> Document:
        """Let a pending agent report; with `replace` the keys that were enrolled with its identifiers end.

        Raises NotFoundError, or ConflictError where it is not pending.
        """
        with self._store.transaction() as tx:
            entry = _entry(tx, id_)
            if entry.value["state"] != "pending":
                raise ConflictError(f"The agent {id_} is {entry.value['state']}, not pending.", id=id_)
            value = {**entry.value, "state": "active", "reason": ""}
            value |= {"approved_by": actor, "approved_at": iso(self._clock())}
            entries = [Entry(KIND, id_, value, 0, b"", b"")]
            rivals = tx.entries(KIND, keys=entry.value["overlaps"]) if replace and entry.value["overlaps"] else []
            entries += [self._ended(one, actor, f"replaced by {id_}") for one in rivals if one.value["state"] in LIVE]
            self._revision(tx, entries, actor, f"agent {id_} of {value['name']} approved")
            return _shown(tx, entries[0])

    def revoke(self, actor: str, id_: str, reason: str = "") -> Document:
        """End a key; its secrets are forgotten. Raises NotFoundError, ConflictError."""
        with self._store.transaction() as tx:
            entry = _entry(tx, id_)
            if entry.value["state"] == "revoked":
                raise ConflictError(f"The agent {id_} is revoked already.", id=id_)
            ended = self._ended(entry, actor, reason)
            self._revision(tx, [ended], actor, f"agent {id_} of {entry.value['name']} revoked")
            return _shown(tx, ended)

    def rotate(self, actor: str, id_: str) -> Document:
        """Have the agent's secret end within a day: the agent is told so when it next comes, and takes a new one."""
        with self._store.transaction() as tx:
            entry = _entry(tx, id_)
            if entry.value["state"] == "revoked":
                raise ConflictError(f"The agent {id_} is revoked; it has to be enrolled anew.", id=id_)
            value = {**entry.value, "secrets": self._keeper.ending(entry.value["secrets"])}
            made = Entry(KIND, id_, value, 0, b"", b"")
            self._revision(tx, [made], actor, f"agent {id_} of {value['name']} has to take a new secret")
            return _shown(tx, made)

    def ask(self, actor: str, id_: str, what: str) -> Document:
        """Ask an agent for a full report, or a pass now; it is told when it next comes. Raises ConflictError for too often."""
        if what not in WISHES:
            raise UsageError(f"An agent can be asked for {' or '.join(WISHES)}, not for {what!r:.40}.")
        with self._store.transaction() as tx:
            entry, time = _entry(tx, id_), self._clock()
            if entry.value["state"] != "active":
                raise ConflictError(f"The agent {id_} is {entry.value['state']}, and is told nothing.", id=id_)
            last = entry.value["wishes"].get(what)
            if last is not None and 0 <= time - int(last["at"]) < ASKED_EVERY:
                raise ConflictError(f"The agent {id_} was asked for {what} less than a minute ago.", id=id_)
            value = {**entry.value, "wishes": {**entry.value["wishes"], what: {"at": time, "by": actor}}}
            made = Entry(KIND, id_, value, 0, b"", b"")
            self._revision(tx, [made], actor, f"agent {id_} of {value['name']} is asked for {what}")
            return _shown(tx, made)

    def told(self, id_: str, asked: bool) -> Document:
        """What an agent gets to know of itself: when its secret ends, and the wishes that are to be told now. `asked` is True
        where it came for them and did not just report."""
        with self._store.view() as view:
            entry = _entry(view, id_)
            told, done = agent_use.wished(view, id_)
        if not entry.value["secrets"]:
            raise ForbiddenError(f"The agent {id_} was revoked.")
        time = self._clock()
        opened = [w for w, said in entry.value["wishes"].items() if int(said["at"]) >= done.get(w, 0)]
        due = sorted(w for w in opened if not 0 <= time - told.get(w, -ASKED_EVERY) < (1 if asked else ASKED_EVERY))
        if due:
            with self._store.transaction() as tx:
                agent_use.note_wishes(tx, id_, "told", dict.fromkeys(due, time))
        return {"wishes": due, "secret_ends_at": entry.value["secrets"][0]["ends_at"], "state": entry.value["state"]}

    def reported(self, id_: str, batch: bytes) -> None:
        """Note which of the wishes that it was told an agent has done with this batch, which was taken."""
        with self._store.view() as view:
            entry = _entry(view, id_)
            told, done = agent_use.wished(view, id_)
        opened = [
            w for w, said in entry.value["wishes"].items() if told.get(w, -1) >= max(int(said["at"]), done.get(w, 0))
        ]
        if not opened:
            return
        fulfilled = [w for w in opened if w == "pass_now" or _is_full(batch)]
        if fulfilled:
            with self._store.transaction() as tx:
                agent_use.note_wishes(tx, id_, "done", dict.fromkeys(fulfilled, self._clock()))

    # -- enrolling -------------------------------------------------------------------------------------------------------

    def _permit(self, tx: Transaction, token: Caller) -> Entry:
        """The token's entry, as it is now that nobody else writes."""
        entry = tx.entry(TOKEN, token.token)
        if entry is None or entry.value["state"] != "active" or is_expired(entry.value, self._clock()):
            raise ForbiddenError("The token has expired, or was revoked.")
        return entry

    def _overlapping(self, tx: Transaction, brought: Sequence[str]) -> Sequence[Entry]:
        """Agents that are not revoked and were enrolled by one of these identifiers, or whose host has one now."""
        keys: set[str] = set()
        for one in brought:
            keys.update((tx.unversioned(IDENTIFIER, digest(one)) or {"agents": []})["agents"])
        for ids in tx.identified(brought).values():
            keys.update(key for id_ in ids if (key := holder(tx, id_)))
        return [e for e in tx.entries(KIND, keys=sorted(keys)) if e.value["state"] in LIVE] if keys else []

    def _never_used(self, tx: Transaction, entry: Entry, token: str, source: str) -> bool:
        """True of a key that the same installation got by the same token, and whose secret never arrived."""
        same = entry.value["token"] == token and entry.value["source"] == source
        return same and tx.unversioned(agent_use.KIND, entry.key) is None

    @staticmethod
    def _doubt(others: Iterable[Entry], approve: bool) -> str:
        """Why people have to approve it, empty where they need not."""
        named = [f"{one.key} of {one.value['name']}" for one in others][:5]
        if named:
            return f"it came with identifiers of a host that is enrolled: {', '.join(named)}"
        return "its token asks for approval" if approve else ""

    def _ended(self, entry: Entry, actor: str, reason: str) -> Entry:
        value = {**entry.value, "state": "revoked", "secrets": [], "wishes": {}, "reason": text(reason, 1000)}
        value |= {"revoked_by": actor, "revoked_at": iso(self._clock())}
        return Entry(KIND, entry.key, value, 0, b"", b"")

    def _revision(self, tx: Transaction, entries: Sequence[Entry], actor: str, cause: str) -> None:
        entry_revision(tx, "agent", entries, actor, cause, self._clock, self._randomness)


def registered(view: View, cursor: str | None = None, limit: int = PAGE) -> Document:
    """A page of agents without their secrets as the contract's list: those that wait first, then those that report, by name."""
    size, begin = limited(limit), offset(cursor)
    order = ("pending", "active", "revoked")
    entries = sorted(view.entries(KIND), key=lambda e: (order.index(e.value["state"]), e.value["name"], e.key))
    items = [_shown(view, entry) for entry in entries[begin : begin + size]]
    more = offset_cursor(begin + size) if len(entries) > begin + size else None
    return listed(view, None, items, len(entries), more)


def show(view: View, id_: str) -> Document:
    """One of them. Raises NotFoundError."""
    return _shown(view, _entry(view, id_))


def _entry(view: View, id_: str) -> Entry:
    found = view.entry(KIND, id_) if id_.isascii() else None
    if found is None:
        raise NotFoundError(f"There is no agent {id_!r:.80}; `surveymark agent list` lists them.", id=id_)
    return found


def _shown(view: View, entry: Entry) -> Document:
    value = entry.value
    hidden = ("secrets", "wishes", "identifiers")
    use = agent_use.shown(view, entry.key)
    _, done = agent_use.wished(view, entry.key)
    kept = {name: said for name, said in value.items() if name not in hidden}
    return {
        "id": entry.key,
        **kept,
        **use,
        "version": use["version"] or value["enrolled_version"] or None,
        "secret_ends_at": value["secrets"][0]["ends_at"] if value["secrets"] else None,
        "asked": sorted(w for w, said in value["wishes"].items() if int(said["at"]) >= done.get(w, 0)),
    }


def _is_full(batch: bytes) -> bool:
    """True where the batch holds every body that it tells of."""
    found = decode(batch)
    return not found.same and all(body is not None for section in found.sections for body in section.bodies)
