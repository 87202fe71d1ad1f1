"""What the server is known to hold of this host, so that it is not sent again.

A body that the server holds is told by its digest; sections and a header that it remembers line for line are said again in one
line (cmdb.model.again). What sections cost and what they read is sent at most hourly. The memory is a file beside the spool; it
changes with receipts alone, and losing it costs one longer report. Where the server holds less than it is thought to, its
receipt says so, and the missing bodies are sent, or looked at anew.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, field, replace
from pathlib import Path
from typing import Any

from agent.spool import packed
from agent.whole_file import write_whole
from cmdb.model import again, batch
from cmdb.model.batch import Batch, Header, Section, section_lines
from cmdb.model.dataclass import dataclass
from cmdb.model.values import canonical

READINGS_SECONDS = 3600
"""Between two times at which readings and costs are sent; a refused body is sent again no sooner either."""
_NAME = "held.json"
_LIMIT = 4 * 1024 * 1024

_log = logging.getLogger(__name__)


@dataclass
class Held:
    """What the server holds of what the key `key` signed: by section the digests of bodies, and of lines; of the header.

    `refused` are digests of bodies that it does not take, and when they were sent last. Times in seconds by this host's clock.
    """

    key: str = ""
    header: str = ""
    bodies: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    refused: dict[str, tuple[str, int]] = field(default_factory=dict)
    told_at: int = 0

    def forget(self) -> None:
        """What is sent next is sent at length."""
        self.header, self.told_at = "", 0
        self.bodies.clear()
        self.lines.clear()
        self.refused.clear()


@dataclass(frozen=True)
class Sending:
    """A report as it is sent, packed by gzip. `with_bodies` are the sections whose bodies are in it."""

    packed: bytes
    in_short: bool
    with_bodies: frozenset[str]
    with_readings: bool


def load(folder: Path, key: str) -> Held:
    """What the server of a key is known to hold; nothing where that is not known."""
    try:
        data = (folder / _NAME).read_bytes()
        found = json.loads(data) if len(data) <= _LIMIT else {}
        refused = {str(name): (str(pair[0]), int(pair[1])) for name, pair in found["refused"].items()}
        held = Held(str(found["key"]), str(found["header"]), _texts(found["bodies"]), _texts(found["lines"]), refused)
        held.told_at = int(found["told_at"])
    except FileNotFoundError:
        return Held(key)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        _log.warning("%s is not what was written there, all is sent at length: %s", folder / _NAME, error)
        return Held(key)
    return held if held.key == key else Held(key)


def save(folder: Path, held: Held) -> None:
    """Keep it. Raises OSError."""
    write_whole(folder / _NAME, canonical(asdict(held)).encode())


def sending(found: Batch, held: Held, now: int) -> Sending:
    """The report as it has to be sent; `now` by this host's clock, in seconds."""
    due = not 0 <= now - held.told_at < READINGS_SECONDS
    sections = found.sections if due else [replace(s, readings=None) for s in found.sections]
    left_out = {**held.bodies, **{n: d for n, (d, at) in held.refused.items() if 0 <= now - at < READINGS_SECONDS}}
    bodies = {s.name for s in sections if s.outcome == "collected" and left_out.get(s.name) != s.digest}
    bodies -= {s.name for s in sections if None in s.bodies}
    known = {s.name for s in sections if held.lines.get(s.name) == _lines(s)} - bodies
    in_short = bool(known) and held.header == _header(found.header)
    if in_short:
        lines = again.encode(found.header, sections, known, held.lines, left_out, due)
    else:
        lines = batch.encode(found.header, sections, left_out)
    return Sending(packed(lines), in_short, frozenset(bodies), due)


def received(found: Batch, sent: Sending, receipt: Mapping[str, Any], held: Held, now: int) -> list[str]:
    """Learn from a receipt; returns the sections whose bodies the server lacks and was not sent."""
    became = {str(line.get("section")): str(line.get("outcome")) for line in receipt.get("sections", ())}
    told = not receipt.get("quarantined") and not receipt.get("superseded")
    held.header = _header(found.header) if told else ""
    if sent.with_readings:
        held.told_at = now
    missing = []
    for section in found.sections:
        name, outcome = section.name, became.get(section.name, "")
        if told and outcome in ("collected", "unchanged", "failed", "not_applicable"):
            held.lines[name] = _lines(section)
            held.refused.pop(name, None)
            if section.outcome == "collected":
                held.bodies[name] = section.digest
            continue
        held.lines.pop(name, None)
        held.bodies.pop(name, None)
        if outcome != "refused" or section.outcome != "collected":
            continue
        if name in sent.with_bodies:
            held.refused[name] = (section.digest, now)
            _log.error("the server does not take the section %s: %s", name, _why(receipt, name))
        elif held.refused.get(name, ("", 0))[0] != section.digest:
            missing.append(name)
    return missing


def _why(receipt: Mapping[str, Any], name: str) -> str:
    problem = next((r.get("problem") or {} for r in receipt["sections"] if r.get("section") == name), {})
    return f"{problem.get('title')} at {problem.get('path')}"[:500]


def _lines(section: Section) -> str:
    """Digest of a section's lines, but for what differs each time."""
    return again.same({}, [section_lines(section)])


def _header(header: Header) -> str:
    """Digest of a header, but for what differs each time."""
    return again.same(again.header_row(json.loads(next(iter(batch.encode(header, []))))), [])


def _texts(found: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in found.items()}
