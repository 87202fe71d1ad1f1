"""One store copied into another, and all records of a store as text that can be compared."""

from __future__ import annotations

from cmdb.portable import Decoder, Encoder, fields
from cmdb.ports import Store


def copy(one: Store, other: Store) -> None:
    with one.dump() as dump:
        other.load(dump.birth, dump.head, dump.records)


def lines(store: Store) -> list[bytes]:
    """All records as lines of a backup, sorted, once through the decoder."""
    encoder, decoder = Encoder(), Decoder(fields())
    with store.dump() as dump:
        return sorted(encoder.line(decoder.record(encoder.line(record))) for record in dump.records)
