"""What a look at a device came to, whichever way it was asked (SNMP, its command line), and the batch that says so.

A way to ask devices has three steps:

    found = [section(NAME, VERSION, CLASSES, RELATIONS, lambda: observe(parse(output)), cost) ...]    one each
    surveyed = Surveyed("NetworkDevice", marks, found)
    data = batch(surveyed, id=..., source=..., route="cli", sequence=..., observed_at=...)            to ingestion

Items of a section are CIs as agent facts yield them. A plain NetworkDevice (or Host) is the subject itself and sets the
attributes that it has; a device that is only told of has `seen_as=identity.neighbour_key(chassis, port)`. A section tells all
there is of the classes and relationship types that it names. An item of another class brings its readings alone:
`NetworkInterface(name="Ethernet1", stations=[...], station_count=3)` in a section with CLASSES = ().
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from agent.fact import Collected, Cost, Failed, Inapplicable, NotApplicable, Outcome, SectionResult, Unavailable
from agent.report import section as sent
from agent.scrub import scrub_text
from agent.valid import valid, value
from cmdb.model.batch import Header, encode
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import CI, Relation
from cmdb.model.values import Value, text

MOST_ITEMS = 200_000
"""Items and relations of one section; more is a failure, since what is not told of would be taken for gone."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A device as it was found. `subject_class` is "NetworkDevice" or "Host", `marks` those of that class; sections end as
    Collected, NotApplicable or Failed, each with its cost."""

    subject_class: str
    marks: Mapping[str, Value]
    sections: list[SectionResult]


def section(
    name: str,
    version: int,
    classes: tuple[str, ...],
    relations: tuple[str, ...],
    collect: Callable[[], Iterable[CI | Relation]],
    cost: Cost | None = None,
    privilege: str = "full",
) -> SectionResult:
    """A section of what `collect` yields, made valid; whatever goes wrong is a failed section and never an empty one.

    `collect` raises agent.fact.Inapplicable where the device has no such thing, Unavailable (ParseError) where it could not
    look.
    """
    return SectionResult(name, version, classes, relations, privilege, _outcome(name, collect), cost or Cost())


def batch(
    surveyed: Surveyed,
    *,
    id: str,
    source: str,
    route: str,
    sequence: int,
    observed_at: int,
    domain: str = "default",
    interval_seconds: int = 3600,
) -> bytes:
    """The bytes that ingestion takes of one look; `observed_at` in microseconds since 1970, `route` is "snmp" or "cli"."""
    declared = CLASSES[surveyed.subject_class].marks
    header = Header(
        id=id,
        source=source,
        route=route,
        sequence=sequence,
        observed_at=observed_at,
        subject_class=surveyed.subject_class,
        marks={name: value(v, declared[name], name) for name, v in sorted(surveyed.marks.items())},
        domain=domain,
        interval_seconds=interval_seconds,
    )
    return b"".join(encode(header, [sent(result) for result in surveyed.sections]))


def _outcome(name: str, collect: Callable[[], Iterable[CI | Relation]]) -> Outcome:
    try:
        return Collected(*valid(_bounded(collect())))
    except Inapplicable as error:
        return NotApplicable(_reason(error))
    except Unavailable as error:
        return Failed(_reason(error))
    except Exception as error:  # noqa: BLE001 - the border of a section: one that breaks must not break the others
        reason = _reason(error, f"{type(error).__name__}: ")
        _log.error("section %s failed: %s\n%s", name, reason, "".join(traceback.format_tb(error.__traceback__)))
        return Failed(reason)


def _bounded(found: Iterable[CI | Relation]) -> Iterable[CI | Relation]:
    for number, thing in enumerate(found):
        if number >= MOST_ITEMS:
            raise Unavailable(f"more than {MOST_ITEMS:,} items and relations")
        yield thing


def _reason(error: Exception, kind: str = "") -> str:
    """An error's message; it may quote what a device said."""
    return text(scrub_text(kind + str(error)))
