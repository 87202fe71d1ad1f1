"""The register of baselines: freeze a scope, have it approved, list, show and verify.

A baseline is `proposed` when created, `approved` by an act bound to the digest that was shown, and `superseded` once
another baseline of the same scope is approved. Its documents never change; the register entry (kind "baseline", key its
name) is versioned and changes by revisions of kind "baseline" and "approval":

    {"digest", "scope", "revision", "as_of", "created_at", "created_by", "state", "counts": {class: n, "relations": n},
     "approval": {"digest", "approved_by", "approved_at", "self_approved", "reason"} | null,
     "superseded_by": name | null}
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from baselines.documents import Document, read
from baselines.frozen import Frozen, freeze, thaw
from baselines.snapshot import capture
from baselines.verification import verify as check
from cmdb.commit import entry_revision
from cmdb.model.errors import ConflictError, ForbiddenError, NotFoundError, UsageError
from cmdb.model.times import iso, now
from cmdb.ports import Clock, Randomness, Store, View
from cmdb.query import listed
from cmdb.states import Entry

KIND = "baseline"

_NAME = re.compile(r"[^\W_][\w.@+-]{0,99}\Z")


def create(
    store: Store,
    name: str,
    scope: str,
    actor: str,
    at: int | None = None,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Freeze a scope (text of the query language, empty for everything) as of a revision, the newest where `at` is
    None.

    Returns what `show` does. Raises UsageError for a bad name, a scope that is no query, or one that nothing matches;
    ConflictError where the name is taken.
    """
    if not _NAME.match(name):
        raise UsageError(
            f"{name!r:.120} is no name for a baseline: take at most 100 letters and digits, and _ . @ + - between them."
        )
    with store.view() as view:
        _free(view, name)
        snapshot = capture(view, scope, at)
        frozen_of = view.revision(snapshot.revision)
    if not snapshot.items or frozen_of is None:
        when = "" if at is None else f" at revision {at}"
        asked = f"Nothing matches {scope!r:.200}" if snapshot.scope.terms else "The store is empty"
        raise UsageError(f"{asked}{when}, so there is nothing to freeze.")
    created_at = clock()
    members = {
        "name": name,
        "scope": str(snapshot.scope),
        "as_of": iso(snapshot.as_of),
        "revision_digest": frozen_of.digest,
        "created_at": iso(created_at),
        "created_by": actor,
    }
    address, documents = freeze(snapshot, members)
    with store.transaction() as tx:
        _free(tx, name)
        for each, data in documents.items():
            tx.put_document(each, data)
        header = read(tx, address)
        value = {key: header[key] for key in ("scope", "revision", "as_of", "created_at", "created_by", "counts")}
        value.update(digest=address, state="proposed", approval=None, superseded_by=None)
        entry_revision(tx, KIND, [_entry(name, value)], actor, f"baseline {name} created", clock, randomness)
    return _told(name, value)


def approve(
    store: Store,
    name: str,
    digest: str,
    actor: str,
    self_reason: str | None = None,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Approve what `digest` shows. An approved baseline of the same scope is superseded by this one.

    Who created it approves it only with `self_reason`, and it is stored as self-approved. Raises ConflictError where
    the digest is another, the baseline is approved or superseded already or damaged, ForbiddenError where the creator
    gives no reason, UsageError where somebody else gives one.
    """
    with store.view() as view:
        damaged = not check(view, _of(view, name)["digest"])["sound"]
    with store.transaction() as tx:
        value = dict(_of(tx, name))
        if value["digest"] != digest:
            raise ConflictError(
                f"The digest of baseline {name} is {value['digest']}, not {digest!r:.80}: look again and approve that."
            )
        if damaged:
            raise ConflictError(f"Baseline {name} is damaged; `baseline verify {name}` says where.")
        if value["state"] != "proposed":
            raise ConflictError(f"Baseline {name} is {value['state']} already.")
        value["state"] = "approved"
        value["approval"] = {
            "digest": digest,
            "approved_by": actor,
            "approved_at": iso(clock()),
            "self_approved": _self_approved(name, value["created_by"], actor, self_reason),
            "reason": (self_reason or "").strip(),
        }
        superseded = [
            _entry(entry.key, {**entry.value, "state": "superseded", "superseded_by": name})
            for entry in tx.entries(KIND)
            if entry.value["scope"] == value["scope"] and entry.value["state"] == "approved"
        ]
        entries = [_entry(name, value), *superseded]
        why = f"baseline {name} approved" + (f": {self_reason.strip()}" if self_reason else "")
        entry_revision(tx, "approval", entries, actor, why, clock, randomness)
    return _told(name, value)


def registered(view: View) -> Document:
    """All baselines in the order of names, as the contract's list; each as `show` gives it."""
    found = [_told(entry.key, entry.value) for entry in view.entries(KIND)]
    return listed(view, None, found, len(found), None)


def show(view: View, name: str) -> Document:
    """The register entry with its name. Raises NotFoundError."""
    return _told(name, _of(view, name))


def verify(view: View, name: str) -> Document:
    """Whether every value of a baseline is what was frozen (see verification.verify), with its name."""
    return {"name": name, **check(view, _of(view, name)["digest"])}


def load(view: View, name: str) -> Frozen:
    """A baseline by name, read from its documents. Raises NotFoundError."""
    return thaw(view, _of(view, name)["digest"])


def _of(view: View, name: str) -> dict[str, Any]:
    entry = view.entry(KIND, name)
    if entry is None:
        known = [each.key for each in view.entries(KIND)]
        there = f"there are {', '.join(known[:10])}" if known else "there is none yet"
        raise NotFoundError(f"There is no baseline {name!r:.120}; {there}.", name=name)
    return entry.value


def _free(view: View, name: str) -> None:
    if view.entry(KIND, name) is not None:
        raise ConflictError(f"There is a baseline {name} already; baselines do not change, so take another name.")


def _self_approved(name: str, created_by: str, actor: str, reason: str | None) -> bool:
    if actor != created_by:
        if reason is not None:
            raise UsageError(f"You did not create baseline {name}, so approve it without --self.")
        return False
    if not (reason or "").strip():
        raise ForbiddenError(
            f"You created baseline {name}: let somebody else approve it, or say --self REASON to have it self-approved."
        )
    return True


def _entry(name: str, value: dict[str, Any]) -> Entry:
    return Entry(KIND, name, value, 0, b"", b"")


def _told(name: str, value: dict[str, Any]) -> Document:
    return {"name": name, **value}
