"""Immutable documents: canonical JSON (RFC 8785), addressed by SHA-256, the same bytes for good.

A report is one piece: its address is the SHA-256 of its bytes. So is the header of a baseline, and each coverage
document. A chunk holds states of CIs or relations, each with its salt and digest; its address is the SHA-256 of the
canonical list of [id, digest], and each digest that of its salted content, so that every value can be checked and the
same states always have the same address: a second baseline of an unchanged estate keeps nothing twice.

    chunk     {"document": "baseline-chunk", "group", "of", "rows": [{"content", "digest", "salt"}], "version"}
    coverage  {"document": "baseline-coverage", "subject", "sections": [..], "claims", "tells", "version"}
    report    {"document": "drift" | "impact", "version", and the report's own members}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cmdb.commit import link_id
from cmdb.model.errors import NotFoundError
from cmdb.model.values import canonical, digest
from cmdb.ports import Store, View
from cmdb.reconcile import item_content, link_content
from cmdb.states import Item, Link

VERSION = 1
REPORTS = ("impact", "drift")
PERMALINK = "/api/v1/documents/"

Document = dict[str, Any]


def encoded(kind: str, members: Mapping[str, Any]) -> bytes:
    """The bytes of a document of this kind."""
    return canonical({**members, "document": kind, "version": VERSION}).encode()


def chunk(of: str, group: str, states: Iterable[Item | Link]) -> tuple[str, bytes, int]:
    """Address, bytes and number of rows of a chunk; rows are ordered by id."""
    told = sorted((row_id(state), state) for state in states)
    rows = []
    for _, state in told:
        content = item_content(state) if isinstance(state, Item) else link_content(state)
        rows.append(f'{{"content":{content},"digest":"{state.digest.hex()}","salt":"{state.salt.hex()}"}}')
    text = (
        f'{{"document":"baseline-chunk","group":{canonical(group)},"of":{canonical(of)},'
        f'"rows":[{",".join(rows)}],"version":{VERSION}}}'
    )
    return chunk_address([(id_, state.digest.hex()) for id_, state in told]), text.encode(), len(rows)


def chunk_address(rows: Sequence[tuple[str, str]]) -> str:
    """The address of a chunk by its rows' ids and digests."""
    return digest(canonical([[id_, told] for id_, told in rows]))


def row_id(state: Item | Link) -> str:
    """What a row of a chunk is told by: the CI's id, or "subject type object"."""
    return state.id if isinstance(state, Item) else link_id(state)


def content_id(content: Mapping[str, Any]) -> str:
    """The same of a row's content. Raises KeyError where it has no such members."""
    return str(content["id"]) if "id" in content else f"{content['subject']} {content['type']} {content['object']}"


def resolve(view: View, address: str) -> bytes:
    """The bytes of a document; for a baseline's address those of its header. Raises NotFoundError."""
    found = view.documents([address]).get(address)
    if found is None:
        raise NotFoundError(f"There is no document {address!r:.80}; an address is the 64 hex digits that were shown.")
    return found


def read(view: View, address: str) -> Document:
    """A document, decoded. Raises NotFoundError."""
    document: Document = json.loads(resolve(view, address))
    return document


def save(store: Store, kind: str, report: Mapping[str, Any]) -> str:
    """Keep a report for good; returns its address. The same report gives the same address."""
    data = encoded(kind, report)
    address = digest(data)
    with store.transaction() as tx:
        tx.put_document(address, data)
    return address
