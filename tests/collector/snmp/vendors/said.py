"""What sysDescr and a maker's own scalars of a device come to."""

from __future__ import annotations

from typing import Any

from collector.snmp.identity import Identity, identify
from collector.snmp.reading import Reading
from tests.collector.snmp.answers import recording


def said(object_id: str, description: str, **own: Any) -> tuple[str | None, ...]:
    """(vendor, os, product, version, serial); own scalars by OID with "_" for the dots."""
    found = identity(object_id, description, **own)
    return (found.vendor, found.os, found.product, found.version, found.serial)


def identity(object_id: str, description: str, **own: Any) -> Identity:
    rows = {f"1.3.6.1.4.1{oid.replace('_', '.')}": value for oid, value in own.items()}
    system = {"1.3.6.1.2.1.1.1.0": description, "1.3.6.1.2.1.1.2.0": f"oid 1.3.6.1.4.1.{object_id}"}
    return identify(Reading(recording(system, rows)))
