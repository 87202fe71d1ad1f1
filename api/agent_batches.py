"""A batch of an enrolled agent: written out where it says again in short what it said before, taken, and remembered.

What an agent said last is kept beside the history, unversioned, since it only shortens what is sent (cmdb.model.again).
"""

from __future__ import annotations

import base64
from typing import Any

from api.agents import Agents
from api.local_estate import LocalEstate
from cmdb.agent_binding import SAID
from cmdb.model.again import Remembered, expand, remembered
from cmdb.ports import Store

Document = dict[str, Any]


def take(agents: Agents, estate: LocalEstate, data: bytes, sent_at: int | None) -> Document:
    """The batch's receipt, with what the agent has to know of itself. Raises LinesWanted where it has to be sent at length."""
    id_ = estate.caller.agent
    before = _memory(estate.store, id_)
    batch = expand(before, data)
    receipt = estate.submit(batch, sent_at)
    if not receipt["quarantined"] and not receipt["superseded"]:
        _remember(estate.store, id_, before, batch, receipt)
        agents.reported(id_, batch)
    known = agents.told(id_, asked=False)
    return {**receipt, "wishes": known["wishes"], "secret_ends_at": known["secret_ends_at"]}


def _memory(store: Store, id_: str) -> Remembered | None:
    with store.view() as view:
        found = view.unversioned(SAID, id_)
    return Remembered.unpacked(base64.b64decode(found["packed"])) if found is not None else None


def _remember(store: Store, id_: str, before: Remembered | None, batch: bytes, receipt: Document) -> None:
    """What was refused is not remembered, so that it is sent at length again."""
    said = remembered(before, batch)
    refused = {line["section"] for line in receipt["sections"] if line["outcome"] == "refused"}
    said = Remembered(said.header, {name: rows for name, rows in said.lines.items() if name not in refused})
    if before is not None and _compared(said) == _compared(before):
        return
    packed = said.packed()
    with store.transaction() as tx:
        if packed:
            tx.put_unversioned(SAID, id_, {"packed": base64.b64encode(packed).decode()})
        elif before is not None:
            tx.remove_entry_value(SAID, id_)


def _compared(said: Remembered) -> Any:
    """What the agent and this side have to agree on; what a section cost, and how long it was, differs at each time."""
    hidden = ("cost", "bytes")
    lines = {n: [{k: v for k, v in row.items() if k not in hidden} for row in rows] for n, rows in said.lines.items()}
    return said.header, lines
