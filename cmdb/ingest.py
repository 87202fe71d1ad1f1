"""Ingest: a batch becomes a revision, if anything effective changed (architecture.md sections 1 and 2).

The bytes are hashed before anything is decoded, and only sections that differ from the last accepted digest of that source,
subject and section are decoded. Waiting batches share one transaction, one revision each.
"""

from __future__ import annotations

import gc
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from cmdb import raw as raws
from cmdb.model.batch import Batch, decode
from cmdb.model.checked import shown
from cmdb.model.classes import CLASSES
from cmdb.model.errors import InvalidDocument, StoreError
from cmdb.model.identity import compose
from cmdb.model.precedence import DERIVED_SOURCE, ROUTES
from cmdb.model.times import now
from cmdb.ports import Clock, Randomness, Store, Transaction
from cmdb.states import Asked
from cmdb.taking import Receipt, Sender, Taking

GROUP = 128
"""Batches that share a transaction at most."""
GROUP_BYTES = 2 * 1024 * 1024
"""Bytes of the batches that share a transaction: some 25 hosts told whole, and all of a hundred that tell nothing new."""


@dataclass
class _Waiting:
    data: bytes
    batch: Batch
    sender: Sender
    done: threading.Event = field(default_factory=threading.Event)
    receipt: Receipt | None = None
    error: BaseException | None = None


class Ingest:
    """Takes batches into a store. Safe for use by several threads."""

    def __init__(
        self, store: Store, clock: Clock = now, randomness: Randomness | None = None, raw: raws.Limits | None = None
    ) -> None:
        self._store = store
        self._raw = raws.Keeping(raw or raws.Limits())
        self._clock = clock
        self._randomness = randomness or secrets.token_bytes
        self._genesis = store.genesis()
        self._queue: list[_Waiting] = []
        self._queue_lock = threading.Lock()
        self._leader = threading.Lock()

    def submit(self, data: bytes, sender: Sender) -> Receipt:
        """Take one batch; returns its receipt once it is durable.

        Raises InvalidDocument where the frame is not valid, StoreError where the store can not take it now.
        """
        return self.submit_many([data], sender)[0]

    def submit_many(self, batches: Sequence[bytes], sender: Sender) -> list[Receipt]:
        """Take several batches in order, some in one transaction; raises the first error after all were tried."""
        waiting = [_Waiting(data, _addressed(decode(data), sender), sender) for data in batches]
        with self._queue_lock:
            self._queue += waiting
        while not all(w.done.is_set() for w in waiting):
            with self._leader:
                self._work_off()
        for one in waiting:
            if one.error is not None:
                raise one.error
        return [w.receipt for w in waiting if w.receipt is not None]

    def _work_off(self) -> None:
        with self._queue_lock:
            count = _together_at_most(self._queue)
            group, self._queue = self._queue[:count], self._queue[count:]
        try:
            if group and not self._together(group):
                for one in group:  # What one of them met must not cost the others.
                    self._together([one])
        except BaseException as error:
            for one in group:
                if one.receipt is None:
                    one.error = one.error or error
            raise
        finally:
            for one in group:
                one.done.set()

    def _together(self, group: list[_Waiting]) -> bool:
        """Take these in one transaction; False where none of several landed, because of an error other than a refusal."""
        for one in group:
            one.receipt = one.error = None
        try:
            with _collector_paused(), self._store.transaction() as tx:
                if len(group) > 1:
                    tx.foresee(_asked(one.batch) for one in group)
                for one in group:
                    try:
                        one.receipt = self._take(tx, one)
                    except InvalidDocument as error:  # raised before anything is written
                        one.error = error
                        self._raw.keep(tx, one.data, one.batch, one.sender.actor, self._clock(), None)
        except StoreError as error:
            self._fail(group, error)
        except Exception as error:  # noqa: BLE001 - the border of a batch: each learns its own error, with its cause
            self._fail(group, error)
            return len(group) == 1
        return True

    def _fail(self, group: list[_Waiting], error: Exception) -> None:
        for one in group:
            one.receipt, one.error = None, one.error or error

    def _take(self, tx: Transaction, one: _Waiting) -> Receipt:
        batch, sender = one.batch, one.sender
        known = tx.receipt(batch.header.id)
        if known is None:
            received_at = self._clock()
            receipt = Taking(tx, batch, sender, received_at, self._randomness, self._genesis).run()
            self._raw.keep(tx, one.data, batch, sender.actor, received_at, receipt)
            return receipt
        if known.get("source") != batch.header.source:
            raise InvalidDocument(f"another source has sent a batch of the id {shown(batch.header.id)}", "/0/id")
        return known


def _together_at_most(queue: Sequence[_Waiting]) -> int:
    """How many of those that wait share the next transaction: one at least, else up to GROUP and GROUP_BYTES."""
    size = 0
    for count, one in enumerate(queue[:GROUP]):
        size += len(one.data)
        if count and size > GROUP_BYTES:
            return count
    return min(len(queue), GROUP)


def _asked(batch: Batch) -> Asked:
    header = batch.header
    keyed = header.marks.get("key") if not CLASSES[header.subject_class].marks else None
    ranks = compose(header.subject_class, header.marks, str(keyed) if keyed is not None else None)
    return (header.id, header.source, [identifier for rank in ranks for identifier in rank])


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Hold back Python's search for reference cycles while a group is worked off: a first load makes hundreds of thousands
    of objects without any cycle, and looking through them took a tenth of its time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _addressed(batch: Batch, sender: Sender) -> Batch:
    route = batch.header.route if batch.header.route in sender.routes else sender.route or batch.header.route
    header = replace(batch.header, source=sender.speaks_as(batch.header.source), route=route)
    if header.route not in ROUTES:
        raise InvalidDocument(f"route {header.route!r:.40} is none of {', '.join(ROUTES)}", "/0/route")
    if header.source.partition("@")[0] == DERIVED_SOURCE:
        raise InvalidDocument(f"no sender may call itself {DERIVED_SOURCE}, which says what is derived", "/0/source")
    if header.subject_class not in CLASSES or not CLASSES[header.subject_class].independent:
        raise InvalidDocument(f"{header.subject_class!r:.40} is no class that a batch can be about", "/0/subject/class")
    return replace(batch, header=header)
