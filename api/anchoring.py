"""Where anchors go, once a day: SURVEYMARK_ANCHOR_TO has the targets with blanks between them, or a file of mode 0600 that
SURVEYMARK_ANCHOR_TO_FILE names, one a line. A target is

    file:PATH               a line is added; mode 0600, synced
    syslog:                 the system's log, /dev/log; syslog:PATH another socket; syslog:HOST:PORT by UDP
    https://HOST/PATH       posted as JSON; the token of SURVEYMARK_ANCHOR_TOKEN_FILE (mode 0600), if any, as Bearer

What became of it is kept in the store, outside the chain, for `doctor`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.state import secret_file
from api.anchor_targets import Target, target
from cmdb.anchors import anchor
from cmdb.model.errors import SurveymarkError, UsageError
from cmdb.model.times import SECOND, from_iso, iso
from cmdb.ports import Clock, Store

TO = "SURVEYMARK_ANCHOR_TO"
TO_FILE = "SURVEYMARK_ANCHOR_TO_FILE"
TOKEN_FILE = "SURVEYMARK_ANCHOR_TOKEN_FILE"  # noqa: S105 - a name, no token
NOTE = ("anchor", "sent")
EVERY = 24 * 3600 * SECOND
LATE = 2 * EVERY
MOST = 8
"""Targets of one installation."""

Sent = dict[str, dict[str, Any]]
"""By label of a target: {"sent_at": ISO 8601 | null, "revision", "tried_at", "error": text | null}."""


def targets(environment: Mapping[str, str] | None = None) -> list[Target]:
    """Where anchors go, none where nothing is said. Raises UsageError naming the variable."""
    given = os.environ if environment is None else environment
    named, file = given.get(TO, "").split(), given.get(TO_FILE, "").strip()
    if named and file:
        raise UsageError(f"Either {TO} or {TO_FILE}, not both.")
    if file:
        named = [line.strip() for line in secret_file(Path(file)).splitlines() if line.strip()]
    if len(named) > MOST:
        raise UsageError(f"{TO} has {len(named)} targets, {MOST} at most.")
    token_file = given.get(TOKEN_FILE, "").strip()
    token = secret_file(Path(token_file)) if token_file else None
    if token is not None and (not token.isascii() or not token.isprintable() or not token or " " in token):
        raise UsageError(f"{TOKEN_FILE} holds no token: one word of ASCII.")
    try:
        return [target(text, token) for text in named]
    except UsageError as error:
        raise UsageError(f"{TO if not file else TO_FILE}: {error.message}") from None


def send(store: Store, to: list[Target], clock: Clock, due_only: bool = False) -> list[str]:
    """Send the newest revision's anchor to each target, with `due_only` to those that got none for a day.

    Returns what failed, a sentence with its remedy each; the others got theirs all the same.
    """
    with store.transaction() as tx:
        noted: Sent = (tx.unversioned(*NOTE) or {}).get("targets", {})
    now = clock()
    due = [one for one in to if not due_only or _due(noted.get(one.label), now)]
    if not due:
        return []
    made, failed = anchor(store, now), []
    done: Sent = {}
    for one in due:
        before = noted.get(one.label, {})
        try:
            one.send(made)
        except SurveymarkError as error:
            failed.append(error.message)
            done[one.label] = {
                "sent_at": before.get("sent_at"),
                "revision": before.get("revision"),
                "tried_at": iso(now),
                "error": error.message[:500],
            }
        else:
            done[one.label] = {"sent_at": iso(now), "revision": made.revision, "tried_at": iso(now), "error": None}
    kept = {one.label: noted[one.label] for one in to if one.label in noted}
    with store.transaction() as tx:
        tx.put_unversioned(*NOTE, {"targets": {**kept, **done}})
    return failed


def daily(store: Store, to: list[Target], clock: Clock) -> None:
    """What the schedule does every hour: send what is a day old or failed. Raises SurveymarkError naming all that failed."""
    failed = send(store, to, clock, due_only=True)
    if failed:
        raise SurveymarkError(" ".join(failed))


def standing(store: Store, now: int) -> list[tuple[str, bool, str]]:
    """What `doctor` tells of each target that was tried: its label, whether all is well, and in which words."""
    with store.transaction() as tx:
        noted: Sent = (tx.unversioned(*NOTE) or {}).get("targets", {})
    found = []
    for label, one in sorted(noted.items()):
        told = f"{label}: revision {one['revision']} at {one['sent_at']}" if one["sent_at"] else f"{label}: never sent"
        late = one["sent_at"] is None or now - from_iso(one["sent_at"]) > LATE
        if one["error"]:
            told += f"; failed at {one['tried_at']}: {one['error']}"
        elif late:
            told += ", and none since then"
        found.append((label, not one["error"] and not late, told))
    return found


def _due(noted: dict[str, Any] | None, now: int) -> bool:
    if noted is None or noted["error"] or not noted["sent_at"]:
        return True
    return not 0 <= now - from_iso(noted["sent_at"]) < EVERY
