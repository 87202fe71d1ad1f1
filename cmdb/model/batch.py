"""A batch: what one source reports of one subject in one pass, as NDJSON.

Lines: a header; then for each section its section line, its body line (left out when the receiver is known to hold that
digest) and its readings line. One line {"same": digest} stands for all section lines that equal those of the last accepted
batch but for their cost. The digest of a section is SHA-256 of the body line's bytes without the line end.
A section of over 20,000 items or 32 MiB comes in parts, each with a section line that says "part": [i, n].
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Optional

from cmdb.model.checked import (
    cost_at,
    integer,
    marks_at,
    matching,
    object_at,
    one_of,
    shown,
    text_at,
    texts_at,
    time_at,
)
from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, Relation
from cmdb.model.errors import InvalidDocument
from cmdb.model.times import iso
from cmdb.model.values import MAX_INT, canonical, digest

VERSION = 1
MAX_BATCH_BYTES = 256 * 1024 * 1024
MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_ITEMS = 20_000
MAX_SECTIONS = 1_000
MAX_LINES = 100_000
"""Of a batch: a few bytes each, packed to nearly nothing, would be gigabytes once decoded."""
_BODY = b'{"items":'
OUTCOMES = ("collected", "not_applicable", "failed")
PRIVILEGES = ("full", "user")
MAX_PARTS = 10_000
SUBJECT_SECTION = "subject"
"""The section that a batch's header counts as: it claims identifiers. No section of a batch may be called so."""
DOMAIN = re.compile(r"[A-Za-z0-9_.:-]{1,128}\Z")
DOMAIN_FORM = "a routing domain, 1 to 128 of letters, digits and _ . : -"
_SECTION = re.compile(r"[a-z][a-z0-9_.-]{0,63}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class Header:
    """Who reports what, when. `observed_at` in microseconds by the reporter's clock; `sequence` grows with each batch of a
    source. `marks` are the subject's raw identifying marks (see the class's `marks`); identifiers are composed from them by
    the receiver."""

    id: str
    source: str
    route: str
    sequence: int
    observed_at: int
    subject_class: str
    marks: Mapping[str, Any]
    domain: str = "default"
    privilege: str = "full"
    interval_seconds: int = 3600


@dataclass
class Section:
    """One section as received. `bodies` holds the body line of each part, None where the sender left it out."""

    name: str
    version: int
    classes: list[str]
    relations: list[str]
    privilege: str
    outcome: str
    reason: str = ""
    cost: dict[str, Any] = field(default_factory=dict)
    digests: list[str] = field(default_factory=list)
    bodies: list[Optional[bytes]] = field(default_factory=list)
    readings: Optional[dict[str, Any]] = None
    parts: int = 1
    mismatch: str = ""

    @property
    def digest(self) -> str:
        """Digest of the body, of the parts' digests where there are several, empty where nothing was collected."""
        return (
            self.digests[0]
            if self.parts == 1 and self.digests
            else digest("".join(self.digests))
            if self.digests
            else ""
        )

    @property
    def complete(self) -> bool:
        """True where it was collected and every part came, so that the section may tell what is gone."""
        return self.outcome == "collected" and len(self.digests) == self.parts


@dataclass
class Batch:
    """A batch, its bodies not yet decoded. `same` is set where one line stood for all sections."""

    header: Header
    sections: list[Section]
    same: str
    digest: str
    sections_digest: str


def item_json(ci: CI, subject: bool = False, parent: Optional[list[str]] = None) -> dict[str, Any]:
    """A CI as an item of a section's body; the subject itself has no key."""
    item: dict[str, Any] = {"class": type(ci).__name__, "attributes": ci.attributes()}
    if not subject:
        item["key"] = ci.local_key()
    if parent is not None:
        item["parent"] = parent
    return item


def section_body(items: Iterable[dict[str, Any]], relations: Iterable[Relation]) -> list[bytes]:
    """Body lines in canonical form, one a part: items ordered by (class, key), relations by type and ends."""
    ordered = sorted(items, key=lambda i: (i["class"], i.get("key", "")))
    found = []
    for relation in relations:
        row: dict[str, Any] = {"type": relation.type, "subject": relation.subject, "object": relation.object}
        if relation.attributes:
            row["attributes"] = dict(relation.attributes)
        found.append((canonical([row["type"], row["subject"], row["object"]]), row))
    rows = [row for _, row in sorted(found, key=lambda pair: pair[0])]
    if len(ordered) <= MAX_ITEMS:
        whole = canonical({"items": ordered, "relations": rows}).encode()
        if len(whole) <= MAX_BODY_BYTES:
            return [whole]
    bodies = [canonical({"items": part, "relations": []}).encode() for part in _split(ordered)]
    return bodies + [canonical({"items": [], "relations": part}).encode() for part in _split(rows)]


def section_lines(section: Section) -> list[dict[str, Any]]:
    """The section lines, one a part."""
    line: dict[str, Any] = {
        "section": section.name,
        "fact_version": section.version,
        "scope": {"classes": section.classes, "privilege": section.privilege, "relations": section.relations},
        "outcome": section.outcome,
        "reason": section.reason,
        "cost": section.cost,
    }
    if section.outcome != "collected":
        return [line]
    lines = []
    for number, (part, body) in enumerate(zip(section.digests, section.bodies), 1):
        row = dict(line, digest=part, bytes=len(body or b""))
        if section.parts > 1:
            row["part"] = [number, section.parts]
        lines.append(row)
    return lines


def encode(
    header: Header, sections: Sequence[Section], held: Optional[Mapping[str, str]] = None, same: bool = False
) -> Iterator[bytes]:
    """The batch's lines, each with its line end.

    `held` maps section names to digests that the receiver is known to hold: their bodies are left out. With `same` one line
    stands for all sections.
    """
    yield _line(
        {
            "batch": VERSION,
            "id": header.id,
            "source": header.source,
            "route": header.route,
            "sequence": header.sequence,
            "observed_at": iso(header.observed_at),
            "subject": {"class": header.subject_class, "identifiers": dict(header.marks)},
            "domain": header.domain,
            "privilege": header.privilege,
            "interval_seconds": header.interval_seconds,
        }
    )
    if same:
        yield _line({"same": sections_digest(line for s in sections for line in section_lines(s))})
    for section in sections:
        if not same:
            lines = section_lines(section)
            for line, body in zip(lines, section.bodies or [None]):
                yield _line(line)
                if body is not None and (held or {}).get(section.name) != section.digest:
                    yield body + b"\n"
        if section.readings:
            yield _line({"readings": section.readings, "of": section.name})


def sections_digest(lines: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of the section lines in order, without their cost."""
    return digest("\n".join([canonical(_without_cost(line)) for line in lines]))


def _without_cost(line: Mapping[str, Any]) -> Mapping[str, Any]:
    if "cost" not in line:
        return line
    kept = dict(line)
    del kept["cost"]
    return kept


def decode(data: bytes) -> Batch:
    """A batch from its bytes; bodies stay bytes, and their digests are checked against the section lines.

    Raises InvalidDocument, `path` naming the line and the field, where the header or the frame is not valid; what is wrong
    inside one section is found when that section is decoded, so that the others can land.
    """
    if len(data) > MAX_BATCH_BYTES:
        raise InvalidDocument(f"a batch of {len(data)} bytes; at most {MAX_BATCH_BYTES} are taken, send less at a time")
    if data.count(b"\n") > MAX_LINES:
        raise InvalidDocument(f"a batch of more than {MAX_LINES} lines; send less at a time")
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise InvalidDocument("an empty batch: its first line must be the header", "/0")
    rows = _rows(lines)
    header = _header(rows[0])
    sections: dict[str, Section] = {}
    last: Optional[Section] = None
    same, frames = "", []
    for number, line in enumerate(lines[1:], 1):
        row = rows.get(number)
        if row is None:
            _body(last, line, number)
        elif "section" in row:
            frames.append(row)
            last = _section(row, number, sections)
        elif "readings" in row:
            name = matching(row, "of", f"/{number}", _SECTION, "the name of a section")
            target = sections.setdefault(name, Section(name, 0, [], [], "full", ""))
            target.readings = object_at(row, "readings", f"/{number}")
        elif "same" in row:
            same = matching(row, "same", f"/{number}", _DIGEST, "a SHA-256 as 64 hex digits")
        else:
            raise InvalidDocument("a line that is no section, body or readings", f"/{number}")
        if len(sections) > MAX_SECTIONS:
            raise InvalidDocument(f"more than {MAX_SECTIONS} sections", f"/{number}")
    if same and frames:
        raise InvalidDocument("a line stands for all sections, and there are section lines beside it", "/1")
    try:
        return Batch(header, list(sections.values()), same, digest(data), same or sections_digest(frames))
    except (ValueError, RecursionError) as error:
        raise InvalidDocument(f"a section line that has no canonical form: {shown(error)}", "/1") from None


def _body(section: Optional[Section], line: bytes, number: int) -> None:
    if section is None or not section.bodies or section.bodies[-1] is not None:
        raise InvalidDocument("a body without a section line before it", f"/{number}")
    section.bodies[-1] = line
    found = digest(line)
    if found != section.digests[-1]:
        section.mismatch = f"the body's SHA-256 is {found}, its section line says {section.digests[-1]}"
    if len(line) > MAX_BODY_BYTES:
        section.mismatch = f"a body of {len(line)} bytes; split the section at {MAX_BODY_BYTES}"


def _section(row: dict[str, Any], number: int, sections: dict[str, Section]) -> Section:
    at = f"/{number}"
    scope = object_at(row, "scope", at)
    pair = row.get("part", [1, 1])
    if not (isinstance(pair, list) and len(pair) == 2 and all(type(n) is int and 1 <= n <= MAX_PARTS for n in pair)):
        raise InvalidDocument(f"expected the numbers of a part and of all parts, found {shown(pair)}", f"{at}/part")
    part, parts = pair
    section = Section(
        matching(row, "section", at, _SECTION, "the name of a section"),
        integer(row, "fact_version", at, 0, 2**31 - 1),
        texts_at(scope, "classes", f"{at}/scope"),
        texts_at(scope, "relations", f"{at}/scope"),
        one_of(scope, "privilege", f"{at}/scope", PRIVILEGES),
        one_of(row, "outcome", at, OUTCOMES),
        text_at(row, "reason", at, limit=4096) if row.get("reason", "") != "" else "",
        cost_at(row, "cost", at),
        parts=parts,
    )
    if section.name == SUBJECT_SECTION:
        raise InvalidDocument(
            f"{SUBJECT_SECTION!r} is what the header counts as, no name of a section", f"{at}/section"
        )
    if section.outcome == "collected":
        section.digests.append(matching(row, "digest", at, _DIGEST, "a SHA-256 as 64 hex digits"))
        section.bodies.append(None)
    known = sections.get(section.name)
    if known is None or known.outcome == "":
        if known is not None:
            section.readings = known.readings
        sections[section.name] = section
        if part != 1:
            section.mismatch = f"part {part} of {parts} came first"
        return section
    if parts == 1 or part != len(known.digests) + 1 or _told(section) != _told(known):
        raise InvalidDocument(f"section {section.name} came twice, or its parts are out of order", at)
    known.digests += section.digests
    known.bodies += section.bodies
    return known


def _told(section: Section) -> tuple[Any, ...]:
    """What all parts of a section have to say alike."""
    return (section.parts, section.version, section.classes, section.relations, section.privilege, section.outcome)


def _header(row: dict[str, Any]) -> Header:
    integer(row, "batch", "/0", VERSION, VERSION)
    subject = object_at(row, "subject", "/0")
    return Header(
        id=text_at(row, "id", "/0"),
        source=text_at(row, "source", "/0"),
        route=text_at(row, "route", "/0"),
        sequence=integer(row, "sequence", "/0", 0, MAX_INT),
        observed_at=time_at(row, "observed_at", "/0"),
        subject_class=text_at(subject, "class", "/0/subject"),
        marks=marks_at(subject, "identifiers", "/0/subject"),
        domain=matching(row, "domain", "/0", DOMAIN, DOMAIN_FORM) if "domain" in row else "default",
        privilege=one_of(row, "privilege", "/0", PRIVILEGES) if "privilege" in row else "full",
        interval_seconds=min(integer(row, "interval_seconds", "/0", 1, MAX_INT), 31 * 86400)
        if "interval_seconds" in row
        else 3600,
    )


def _rows(lines: list[bytes]) -> dict[int, dict[str, Any]]:
    """The lines that are no bodies, decoded, by number. They are few and short, so one call decodes them all."""
    numbers = [n for n, line in enumerate(lines) if n == 0 or not line.startswith(_BODY)]
    try:
        if sum(len(lines[n]) for n in numbers) <= MAX_BODY_BYTES:
            rows = json.loads(b"[" + b",".join([lines[n] for n in numbers]) + b"]")
            if len(rows) == len(numbers) and all(type(row) is dict for row in rows):
                return dict(zip(numbers, rows))
    except (ValueError, RecursionError):
        pass
    return {n: _json(lines[n], n) for n in numbers}  # names the line that is at fault


def _json(line: bytes, number: int) -> dict[str, Any]:
    if len(line) > MAX_BODY_BYTES + 1024:
        raise InvalidDocument(f"a line of {len(line)} bytes; split the section", f"/{number}")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidDocument(f"line {number + 1} is no JSON: {error}", f"/{number}") from None
    if not isinstance(row, dict):
        raise InvalidDocument("a line must be an object", f"/{number}")
    return row


def _line(row: Mapping[str, Any]) -> bytes:
    return canonical(row).encode() + b"\n"


def _split(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        length = len(canonical(row).encode()) + 1
        if part and (len(part) >= MAX_ITEMS or size + length > MAX_BODY_BYTES - 1024):
            yield part
            part, size = [], 0
        part.append(row)
        size += length
    if part:
        yield part
