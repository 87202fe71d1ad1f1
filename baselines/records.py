"""Change and incident records: references to what any ITSM tool keeps, by instance and number.

A record is a CI (classes ChangeRecord, IncidentRecord), written as a batch of route `manual` like everything else that
people say; AFFECTS relations name its CIs. Its pins are the documents that were looked at: impact and drift reports,
baselines. What was pinned stays pinned, and a pin's permalink gives the same bytes for good.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from baselines.documents import PERMALINK, REPORTS, Document, read, save
from baselines.drift import drift
from baselines.record_words import CLASSES, check_window, cis_of, link_of, resolved, time_of
from baselines.summary import summary_of
from cmdb.impact import impact
from cmdb.model.batch import Header, Section, decode, encode, section_body
from cmdb.model.declaration import SUBJECT, Relation, join_key
from cmdb.model.errors import InvalidDocument, NotFoundError, UsageError
from cmdb.model.times import now
from cmdb.model.values import digest, text
from cmdb.ports import Clock, Randomness, Store, Transaction, View
from cmdb.query import MAX_PAGE, history, listed
from cmdb.states import Item
from cmdb.taking import Sender, Taking

_SOURCE = "people"
_PINNED = (*REPORTS, "baseline")


def add(
    store: Store,
    kind: str,
    key: str,
    actor: str,
    *,
    title: str | None = None,
    link: str | None = None,
    start: str | None = None,
    end: str | None = None,
    cis: Sequence[str] | None = None,
    pins: Sequence[str] = (),
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Add a record, or update the one that there is; returns what `show` does.

    `kind` is "change" or "incident", `key` as in `show`; a number that nobody has is one of instance "local". None
    leaves a thing as it is, an empty text removes it; `cis` (ids or queries) replaces the CIs that it names; `pins`
    (digests of documents) come to those that there are. `link` is http or https; `start` and `end` (exclusive) are ISO
    8601 with offset. Raises UsageError, NotFoundError for a CI or document that there is not.
    """
    given = {
        "title": None if title is None else text(" ".join(title.split())),
        "link": None if link is None else link_of(link),
        "window_start": None if start is None else time_of(start),
        "window_end": None if end is None else time_of(end),
    }
    with store.transaction() as tx:
        instance, number, known = resolved(tx, kind, key)
        attributes: dict[str, Any] = dict(known.attributes) if known else {"instance": instance, "number": number}
        attributes.update({name: value for name, value in given.items() if value is not None})
        attributes = {name: value for name, value in attributes.items() if value != ""}
        check_window(attributes.get("window_start"), attributes.get("window_end"))
        if pins:
            attributes["pins"] = sorted({*attributes.get("pins", []), *(_pin(tx, address) for address in pins)})
        affected = _affected(tx, known) if cis is None else cis_of(tx, cis)
        _take(store, tx, _Words(CLASSES[kind], instance, number, attributes, affected), actor, clock(), randomness)
    with store.view() as view:
        return show(view, kind, f"{instance}/{number}")


def show(view: View, kind: str, key: str, at: int | None = None) -> Document:
    """A record, with what it affects and what was pinned.

    {"id", "kind", "key", "instance", "number", "title", "link", "window": {"start", "end"}, "since",
     "affects": [{"id", "class", "name"}], "pins": [{"kind", "digest", "permalink"}], "history": [..],
     "summary": text to paste into the ticket}

    `key` is "instance/number", or a number that only one instance has. Raises NotFoundError, ConflictError for a number
    that several instances have.
    """
    _, _, item = resolved(view, kind, key, at)
    if item is None:
        raise NotFoundError(f"There is no {kind} record {key!r:.200}; `{kind} add` makes one.", key=key)
    attributes: dict[str, Any] = dict(item.attributes)
    pins = [pin.split(" ", 1) for pin in attributes.get("pins", [])]
    found: Document = {
        "id": item.id,
        "kind": kind,
        "key": f"{attributes['instance']}/{attributes['number']}",
        "instance": attributes["instance"],
        "number": attributes["number"],
        "title": attributes.get("title"),
        "link": attributes.get("link"),
        "window": {"start": attributes.get("window_start"), "end": attributes.get("window_end")},
        "affects": [
            {"id": each.id, "class": each.class_name, "name": each.name}
            for each in sorted(
                view.items(_affected(view, item, at), at).values(), key=lambda i: (i.class_name, i.name, i.id)
            )
        ],
        "pins": [{"kind": word, "digest": address, "permalink": PERMALINK + address} for word, address in pins],
        "since": item.since,
        "history": _history(view, item.id, at),
    }
    found["summary"] = summary_of(view, found)
    return found


def recorded(view: View, kind: str, at: int | None = None) -> Document:
    """All records of a kind, as the contract's list; each without history and summary."""
    rows = []
    for item in sorted(view.scan([CLASSES[kind]], at), key=lambda i: i.key):
        row = {name: item.attributes.get(name) for name in ("instance", "number", "title", "link")}
        window = {"start": item.attributes.get("window_start"), "end": item.attributes.get("window_end")}
        key = f"{row['instance']}/{row['number']}"
        rows.append({"id": item.id, "kind": kind, "key": key, **row, "window": window, "since": item.since})
    return listed(view, at, rows, len(rows), None)


def pin_impact(
    store: Store,
    kind: str,
    key: str,
    actor: str,
    cis: Sequence[str] = (),
    at: int | None = None,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Ask for the impact of these CIs (ids or queries), else of those that the record names, and pin the report."""
    with store.view() as view:
        affected = [each["id"] for each in show(view, kind, key)["affects"]]
        seeds = cis_of(view, cis, at) if cis else affected
        report = impact(view, seeds, at=at).document()
    address = save(store, "impact", report)
    return add(store, kind, key, actor, pins=[address], clock=clock, randomness=randomness)


def pin_drift(
    store: Store,
    kind: str,
    key: str,
    actor: str,
    baseline: str,
    at: int | None = None,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Compare with a baseline, and pin the report and the baseline that it was compared with."""
    with store.view() as view:
        show(view, kind, key)
        report = drift(view, baseline, at)
    address = save(store, "drift", report)
    return add(store, kind, key, actor, pins=[address, report["digest"]], clock=clock, randomness=randomness)


class _Words:
    """What is said of a record: its attributes and the ids of the CIs that it affects."""

    def __init__(self, class_name: str, instance: str, number: str, attributes: dict[str, Any], affected: list[str]):
        self.class_name = class_name
        self.key = join_key([instance, number])
        self.attributes = attributes
        self.affected = affected

    def section(self) -> Section:
        item = {"class": self.class_name, "attributes": self.attributes}
        bodies = section_body([item], [Relation("AFFECTS", SUBJECT, {"id": id_}) for id_ in self.affected])
        return Section(
            name="record",
            version=1,
            classes=[self.class_name],
            relations=["AFFECTS"],
            privilege="full",
            outcome="collected",
            digests=[digest(body) for body in bodies],
            bodies=list(bodies),
            parts=len(bodies),
        )


def _take(store: Store, tx: Transaction, words: _Words, actor: str, at_time: int, randomness: Randomness) -> None:
    """Take the batch in the transaction that read the record, so that two people at once lose nothing."""
    ids = tx.identified([f"{words.class_name} {words.key}"]).get(f"{words.class_name} {words.key}", [])
    before = max((scope.sequence for id_ in ids for scope in tx.scopes_of(_SOURCE, id_).values()), default=0)
    header = Header(
        id=f"record-{randomness(16).hex()}",
        source=_SOURCE,
        route="manual",
        sequence=max(at_time, before + 1),
        observed_at=at_time,
        subject_class=words.class_name,
        marks={"key": words.key},
    )
    batch = decode(b"".join(encode(header, [words.section()])))
    sender = Sender(actor, _SOURCE, "manual", cause="record")
    receipt = Taking(tx, batch, sender, at_time, randomness, store.genesis()).run()
    for section in receipt["sections"]:
        if section["outcome"] == "refused":
            raise InvalidDocument(section["problem"]["title"], section["problem"]["path"])


def _affected(view: View, record: Item | None, at: int | None = None) -> list[str]:
    if record is None:
        return []
    return sorted(k.object for k in view.links([record.id], at) if k.type == "AFFECTS" and k.subject == record.id)


def _pin(view: View, address: str) -> str:
    """A document as a record keeps it. Raises NotFoundError, UsageError for what is no report or baseline."""
    kind = read(view, address).get("document")
    if kind not in _PINNED:
        raise UsageError(f"Document {address} is a {kind}; what can be pinned is {', '.join(_PINNED)}.")
    return f"{kind} {address}"


def _history(view: View, id_: str, at: int | None) -> list[Document]:
    rows: list[Document] = []
    cursor: str | None = None
    while True:
        page = history(view, id_, at, cursor, MAX_PAGE)
        rows += page["items"]
        cursor = page["next"]
        if cursor is None:
            return rows
