"""A batch: what one source reports of one subject in one pass, as NDJSON.

Lines: a header; then for each section its section line, its body line (left out when the receiver is known to hold that
digest) and its readings line. One line {"same": digest} stands for all section lines that equal those of the last accepted
batch but for their cost. The digest of a section is SHA-256 of the body line's bytes without the line end.
A section of over 20,000 items or 32 MiB comes in parts, each with a section line that says "part": [i, n].
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from cmdb.model.declaration import CI, Relation
from cmdb.model.errors import InvalidDocument
from cmdb.model.times import from_iso, iso
from cmdb.model.values import canonical, digest

VERSION = 1
MAX_BATCH_BYTES = 256 * 1024 * 1024
MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_ITEMS = 20_000
MAX_SECTIONS = 1_000
_BODY = b'{"items":'
OUTCOMES = ("collected", "not_applicable", "failed")
PRIVILEGES = ("full", "user")


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
    classes: List[str]
    relations: List[str]
    privilege: str
    outcome: str
    reason: str = ""
    cost: Dict[str, Any] = field(default_factory=dict)
    digests: List[str] = field(default_factory=list)
    bodies: List[Optional[bytes]] = field(default_factory=list)
    readings: Optional[Dict[str, Any]] = None
    parts: int = 1
    mismatch: str = ""

    @property
    def digest(self) -> str:
        """Digest of the body, of the parts' digests where there are several, empty where nothing was collected."""
        return self.digests[0] if self.parts == 1 and self.digests else digest("".join(self.digests)) if self.digests else ""

    @property
    def complete(self) -> bool:
        """True where every part came, so that the section may tell what is gone."""
        return len(self.digests) == self.parts


@dataclass
class Batch:
    """A batch, its bodies not yet decoded. `same` is set where one line stood for all sections."""

    header: Header
    sections: List[Section]
    same: str
    digest: str
    sections_digest: str


def item_json(ci: CI, subject: bool = False, parent: Optional[List[str]] = None) -> Dict[str, Any]:
    """A CI as an item of a section's body; the subject itself has no key."""
    item: Dict[str, Any] = {"class": type(ci).__name__, "attributes": ci.attributes()}
    if not subject:
        item["key"] = ci.local_key()
    if parent is not None:
        item["parent"] = parent
    return item


def section_body(items: Iterable[Dict[str, Any]], relations: Iterable[Relation]) -> List[bytes]:
    """Body lines in canonical form, one a part: items ordered by (class, key), relations by type and ends."""
    ordered = sorted(items, key=lambda i: (i["class"], i.get("key", "")))
    found = []
    for relation in relations:
        row: Dict[str, Any] = {"type": relation.type, "subject": relation.subject, "object": relation.object}
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


def section_lines(section: Section) -> List[Dict[str, Any]]:
    """The section lines, one a part."""
    line: Dict[str, Any] = {
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


def encode(header: Header, sections: Sequence[Section], held: Mapping[str, str] = {}, same: bool = False) -> Iterator[bytes]:
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
                if body is not None and held.get(section.name) != section.digest:
                    yield body + b"\n"
        if section.readings:
            yield _line({"readings": section.readings, "of": section.name})


def sections_digest(lines: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of the section lines in order, without their cost."""
    return digest("\n".join(canonical({k: v for k, v in line.items() if k != "cost"}) for line in lines))


def decode(data: bytes) -> Batch:
    """A batch from its bytes; bodies stay bytes, and their digests are checked against the section lines.

    Raises InvalidDocument, `path` naming the line, where the header or the frame is not valid; what is wrong inside one
    section is found when that section is decoded, so that the others can land.
    """
    if len(data) > MAX_BATCH_BYTES:
        raise InvalidDocument(f"a batch of {len(data)} bytes; at most {MAX_BATCH_BYTES} are taken, send less at a time")
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise InvalidDocument("an empty batch: its first line must be the header", "/0")
    rows = _rows(lines)
    header = _header(rows[0])
    sections: Dict[str, Section] = {}
    last: Optional[Section] = None
    same, frames = "", []
    for number, line in enumerate(lines[1:], 1):
        row = rows.get(number)
        if row is None:
            if last is None or not last.bodies or last.bodies[-1] is not None:
                raise InvalidDocument("a body without a section line before it", f"/{number}")
            last.bodies[-1] = line
            found = digest(line)
            if found != last.digests[-1]:
                last.mismatch = f"the body's SHA-256 is {found}, its section line says {last.digests[-1]}"
            continue
        if "section" in row:
            frames.append(row)
            last = _section(row, number, sections)
        elif "readings" in row:
            target = sections.get(str(row.get("of"))) or Section(str(row.get("of")), 0, [], [], "full", "")
            if not isinstance(row["readings"], dict):
                raise InvalidDocument("readings must be an object", f"/{number}/readings")
            target.readings = row["readings"]
            sections.setdefault(target.name, target)
        elif "same" in row:
            same = str(row["same"])
        else:
            raise InvalidDocument("a line that is no section, body or readings", f"/{number}")
        if len(sections) > MAX_SECTIONS:
            raise InvalidDocument(f"more than {MAX_SECTIONS} sections", f"/{number}")
    return Batch(header, list(sections.values()), same, digest(data), same or sections_digest(frames))


def _section(row: Dict[str, Any], number: int, sections: Dict[str, Section]) -> Section:
    try:
        scope = row["scope"]
        part, parts = row.get("part", [1, 1])
        section = Section(
            _text(row["section"]),
            int(row["fact_version"]),
            [_text(c) for c in scope["classes"]],
            [_text(r) for r in scope["relations"]],
            _one_of(scope["privilege"], PRIVILEGES),
            _one_of(row["outcome"], OUTCOMES),
            _text(row.get("reason", ""), 4096),
            dict(row.get("cost") or {}),
            parts=int(parts),
        )
        if section.outcome == "collected":
            section.digests.append(_text(row["digest"]))
            section.bodies.append(None)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidDocument(f"a section line that is not valid: {error!r}", f"/{number}") from error
    known = sections.get(section.name)
    if known is None or known.outcome == "":
        if known is not None:
            section.readings = known.readings
        sections[section.name] = section
        if part != 1:
            section.mismatch = f"part {part} of {parts} came first"
        return section
    if parts == 1 or part != len(known.digests) + 1 or parts != known.parts:
        raise InvalidDocument(f"section {section.name} came twice, or its parts are out of order", f"/{number}")
    known.digests += section.digests
    known.bodies += section.bodies
    return known


def _header(row: Dict[str, Any]) -> Header:
    if row.get("batch") != VERSION:
        raise InvalidDocument(f"batch version {row.get('batch')!r}; this server reads version {VERSION}", "/0/batch")
    try:
        subject = row["subject"]
        return Header(
            id=_text(row["id"]),
            source=_text(row["source"]),
            route=_text(row["route"]),
            sequence=int(row["sequence"]),
            observed_at=from_iso(row["observed_at"]),
            subject_class=_text(subject["class"]),
            marks=dict(subject["identifiers"]),
            domain=_text(row.get("domain", "default")),
            privilege=_one_of(row.get("privilege", "full"), PRIVILEGES),
            interval_seconds=max(1, min(int(row.get("interval_seconds", 3600)), 31 * 86400)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidDocument(f"a header that is not valid: {error!r}", "/0") from error


def _rows(lines: List[bytes]) -> Dict[int, Dict[str, Any]]:
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


def _json(line: bytes, number: int) -> Dict[str, Any]:
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


def _split(rows: List[Dict[str, Any]]) -> Iterator[List[Dict[str, Any]]]:
    part: List[Dict[str, Any]] = []
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


def _text(value: Any, limit: int = 256) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise ValueError(f"expected a text of at most {limit} characters, found {value!r:.80}")
    return value


def _one_of(value: Any, allowed: Tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{value!r:.80} is none of {', '.join(allowed)}")
    return str(value)


