"""A device asked by SNMP: what it is, and a section of each thing that it tells.

`survey(walk)` takes a walk.Walk over a session, or a recording.Recording in its place, and gives what becomes a batch
(collector/device/surveyed.py). Tables are asked when a section needs them, each once. A device that stops in the middle keeps the
sections that were read; those that need what is missing have failed, and retire nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

from agent.fact import SectionResult, Unavailable
from cmdb.model.declaration import CI, SUBJECT, Relation
from collector.device.surveyed import Surveyed, section
from collector.snmp.identity import identify
from collector.snmp.reading import Asked, Reading
from collector.snmp.section import Device, Section
from collector.snmp.sections import SECTIONS
from collector.snmp.walk import Failed

__all__ = ["survey"]


def survey(
    walk: Asked, sections: Iterable[Section] = SECTIONS, clock: Callable[[], float] = time.monotonic
) -> Surveyed:
    """The device that answers.

    Raises walk.Failed where it does not say what it is (no answer, no rights): there is nothing to tell then. Cost of a
    section is that of the tables that were first asked for it.
    """
    reading = Reading(walk, clock)
    try:
        identity = identify(reading)
    except Unavailable as error:
        raise next(iter(reading.failed.values()), Failed("invalid", str(error))) from error
    device = Device(reading, identity)
    return Surveyed(
        identity.subject_class,
        identity.marks,
        [_section(device, each) for each in sections if identity.subject_class in each.SUBJECTS],
    )


def _section(device: Device, each: Section) -> SectionResult:
    before = device.reading.told()
    subject = device.identity.subject_class
    made = section(
        each.NAME,
        each.VERSION,
        tuple(dict.fromkeys(subject if name == SUBJECT else name for name in each.CLASSES)),
        each.RELATIONS,
        partial(_collected, device, each),
    )
    return SectionResult(
        made.section,
        made.version,
        made.classes,
        made.relations,
        made.privilege,
        made.outcome,
        device.reading.cost([t for t in each.TABLES if t.oid not in before or each.NAME == "device"]),
    )


def _collected(device: Device, each: Section) -> Iterable[CI | Relation]:
    """Everything that it needs is asked for first, so that one that could not be read fails the section whatever it would have
    made of the rest."""
    device.reading.answers(each.TABLES)
    yield from each.collect(device)
