"""How an agent's key is used: nonces that were seen, bytes of the day, when and by which version it last came.

Unversioned, of kind "agent_use" by the key's id, so that use makes no history, and every process of a server and the next
start of it know the same. A nonce is kept as long as a signature with it could be taken; what was signed no later than the
newest one that was dropped is not taken, whatever the server's clock says.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from agent.signature import MOST_AHEAD_SECONDS, Signature
from cmdb.model.errors import UsageError
from cmdb.model.times import SECOND, iso
from cmdb.ports import Transaction, View

KIND = "agent_use"
MOST_NONCES = 256
"""Signed requests of one key within the time that a signature is good for."""
DAY_SECONDS = 86_400
_VERSION = re.compile(r"surveymark-agent/([0-9A-Za-z][0-9A-Za-z.+_-]{0,31})", re.ASCII)


class Replayed(UsageError):
    """A request that was seen already."""

    kind = "replayed"
    http_status = 401


class TooOften(UsageError):
    """An agent that asks too often, or sends more than its quota."""

    kind = "too-many-requests"
    http_status = 429


def spend(tx: Transaction, key: str, signature: Signature, now: int, size: int, most_bytes: int, told: str) -> None:
    """Take a signed request into account: `size` bytes at `now` microseconds, by a sender whose User-Agent is `told`.

    Raises Replayed, TooOften.
    """
    use: dict[str, Any] = tx.unversioned(KIND, key) or {}
    seconds, created = now // SECOND, signature.created
    assert created is not None, "a signature that was verified says it"
    floor = int(use.get("floor", 0))
    nonces: dict[str, int] = use.get("nonces", {})
    if signature.nonce in nonces or created <= floor:
        raise Replayed("A request with this nonce was seen already: sign it anew.")
    past = {nonce: at for nonce, at in nonces.items() if at + MOST_AHEAD_SECONDS < seconds}
    kept = {nonce: at for nonce, at in nonces.items() if nonce not in past}
    if len(kept) >= MOST_NONCES:
        wait = max(1, min(kept.values()) + MOST_AHEAD_SECONDS - seconds)
        raise TooOften(f"Over {MOST_NONCES} requests in a few minutes; try again in {wait} s.", retry_after=wait)
    day = seconds // DAY_SECONDS
    used = (int(use["bytes"]) if use.get("day") == day else 0) + size
    if used > most_bytes:
        wait = (day + 1) * DAY_SECONDS - seconds
        raise TooOften(f"An agent may send {most_bytes} bytes a day; go on in {wait} s.", retry_after=wait)
    version = _VERSION.match(told)
    use.update(
        nonces={**kept, signature.nonce: created},
        floor=max([floor, *past.values()]),
        day=day,
        bytes=used,
        seen_at=now,
        version=version[1] if version else use.get("version", ""),
    )
    tx.put_unversioned(KIND, key, use)


def add_bytes(tx: Transaction, key: str, size: int) -> None:
    """Count what a request had beyond what it said beforehand."""
    use = tx.unversioned(KIND, key)
    if use is not None:
        tx.put_unversioned(KIND, key, {**use, "bytes": int(use["bytes"]) + size})


def shown(view: View, key: str) -> dict[str, Any]:
    """When the key was last used, by which version, and its bytes of that day."""
    use: dict[str, Any] = view.unversioned(KIND, key) or {}
    seen = use.get("seen_at")
    return {
        "seen_at": iso(int(seen)) if seen is not None else None,
        "version": use.get("version") or None,
        "bytes_of_day": int(use.get("bytes", 0)),
    }


def wished(view: View, key: str) -> tuple[dict[str, int], dict[str, int]]:
    """When what was asked of an agent was last told to it, and when it was done, by what it was."""
    use: dict[str, Any] = view.unversioned(KIND, key) or {}
    return use.get("told", {}), use.get("done", {})


def note_wishes(tx: Transaction, key: str, how: Literal["told", "done"], when: dict[str, int]) -> None:
    """Keep when wishes were told, or done."""
    use: dict[str, Any] = tx.unversioned(KIND, key) or {}
    tx.put_unversioned(KIND, key, {**use, how: {**use.get(how, {}), **when}})
