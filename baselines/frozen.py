"""A baseline's documents: a snapshot laid down as header, chunks and coverage, and read again without any history.

The header lists the address of every other document, so the header's address vouches for all of it:

    {"document": "baseline", "version": 1, "name", "scope", "revision", "as_of", "revision_digest", "created_at",
     "created_by", "counts": {class: n, "relations": n}, "chunks": [[of, group, address, rows]],
     "coverage": [[subject, address]]}

One chunk holds a whole's own state, or its parts of one class, or the relations that begin at it; `of` is its id. CIs
that are neither wholes nor parts (addresses, subnets) share chunks by class and first character of their id, `of` is
then empty.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from baselines.documents import Document, chunk, encoded, read, resolve
from baselines.snapshot import WHOLES, Pair, Snapshot
from cmdb.model.errors import UsageError
from cmdb.model.times import from_iso
from cmdb.model.values import digest
from cmdb.own_attributes import query_of
from cmdb.ports import View
from cmdb.reconcile import item_name
from cmdb.states import Coverage, Item, Link, LinkKey

RELATIONS = "relations"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A baseline as read from its documents. States carry neither `since` nor claimants by number."""

    digest: str
    header: Document
    snapshot: Snapshot

    @property
    def created_at(self) -> int:
        """When it was frozen, microseconds."""
        return from_iso(self.header["created_at"])


def freeze(snapshot: Snapshot, members: Mapping[str, Any]) -> tuple[str, dict[str, bytes]]:
    """(address of the header, all documents by address). `members` go into the header beside what the snapshot says."""
    documents: dict[str, bytes] = {}
    chunks = []
    for (of, group), states in sorted(_grouped(snapshot).items()):
        address, data, rows = chunk(of, group, states)
        documents[address] = data
        chunks.append([of, group, address, rows])
    coverage = []
    for subject, data in _coverage(snapshot):
        documents[digest(data)] = data
        coverage.append([subject, digest(data)])
    counts: Counter[str] = Counter(item.class_name for item in snapshot.items.values())
    header = encoded(
        "baseline",
        {
            **members,
            "revision": snapshot.revision,
            "counts": {**counts, RELATIONS: len(snapshot.links)},
            "chunks": chunks,
            "coverage": coverage,
        },
    )
    documents[digest(header)] = header
    return digest(header), documents


def thaw(view: View, address: str) -> Frozen:
    """The baseline whose header has this address. Raises NotFoundError where a document is missing, UsageError where
    it is no baseline. Whether the documents are sound is `verify`'s question."""
    header = read(view, address)
    if header.get("document") != "baseline":
        raise UsageError(f"Document {address} is no baseline, but {header.get('document')!r:.40}.")
    found = Snapshot(header["revision"], from_iso(header["as_of"]), query_of(view, header["scope"], header["revision"]))
    for _, _, chunk_address, _ in header["chunks"]:
        for row in read(view, chunk_address)["rows"]:
            state = _state(row)
            if isinstance(state, Item):
                found.items[state.id] = state
            else:
                found.links[state.key] = state
    for subject, coverage_address in header["coverage"]:
        _covered(found, subject, json.loads(resolve(view, coverage_address)))
    return Frozen(address, header, found)


def _grouped(snapshot: Snapshot) -> dict[tuple[str, str], list[Item | Link]]:
    groups: dict[tuple[str, str], list[Item | Link]] = {}
    for item in snapshot.items.values():
        if item.parent is not None or item.class_name in WHOLES:
            place = (item.parent or item.id, item.class_name)
        else:
            place = ("", f"{item.class_name} {item.id[:1]}")
        groups.setdefault(place, []).append(item)
    for link in snapshot.links.values():
        whole = snapshot.whole(link.subject)
        item = snapshot.items[link.subject]
        own = item.parent is not None or item.class_name in WHOLES
        place = (whole, RELATIONS) if own else ("", f"{RELATIONS} {whole[:1]}")
        groups.setdefault(place, []).append(link)
    return groups


def _coverage(snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
    claims: dict[Pair, list[str]] = {}
    for target, pairs in snapshot.claims.items():
        for pair in pairs:
            claims.setdefault(pair, []).append(target if isinstance(target, str) else " ".join(target))
    tells: dict[str, dict[str, dict[str, list[str]]]] = {}
    for (subject, class_name, name), told_by in snapshot.tells.items():
        tells.setdefault(subject, {}).setdefault(class_name, {})[name] = sorted(told_by)
    by_subject: dict[str, list[str]] = {}
    for subject, section in sorted(snapshot.coverage):
        by_subject.setdefault(subject, []).append(section)
    for subject, sections in by_subject.items():
        rows = [_row(row) for section in sections for row in snapshot.coverage[(subject, section)]]
        told = {section: sorted(claims[(subject, section)]) for section in sections if (subject, section) in claims}
        members = {"subject": subject, "sections": rows, "claims": told, "tells": tells.get(subject, {})}
        yield subject, encoded("baseline-coverage", members)


def _row(row: Coverage) -> Document:
    return {
        "section": row.section,
        "source": row.source,
        "outcome": row.outcome,
        "reason": row.reason,
        "privilege": row.privilege,
        "fact_version": row.version,
        "classes": row.classes,
        "relations": row.relations,
    }


def _covered(found: Snapshot, subject: str, document: Document) -> None:
    for row in document["sections"]:
        found.coverage.setdefault((subject, row["section"]), []).append(
            Coverage(
                subject,
                row["source"],
                row["section"],
                row["outcome"],
                row["reason"],
                row["privilege"],
                row["fact_version"],
                row["classes"],
                row["relations"],
                found.as_of,
            )
        )
    for section, targets in document["claims"].items():
        for text in targets:
            target: str | LinkKey = _link_key(text) if " " in text else text
            found.claims.setdefault(target, set()).add((subject, section))
    for class_name, names in document["tells"].items():
        for name, sections in names.items():
            found.tells[(subject, class_name, name)] = set(sections)


def _link_key(text: str) -> LinkKey:
    subject, type_, object_ = text.split(" ")
    return (subject, type_, object_)


def _state(row: Document) -> Item | Link:
    content, salt, told = row["content"], bytes.fromhex(row["salt"]), bytes.fromhex(row["digest"])
    if "id" not in content:
        return Link(content["type"], content["subject"], content["object"], content["attributes"], salt, told, 0)
    return Item(
        content["id"],
        content["class"],
        content.get("parent"),
        content["key"],
        item_name(content["class"], content["key"], content["attributes"]),
        content["attributes"],
        salt,
        told,
        0,
        0,
        identifiers=content.get("identifiers", []),
    )
