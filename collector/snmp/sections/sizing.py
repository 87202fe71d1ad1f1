"""Processors and memory of a host or device.

Tables: hrProcessorTable, hrMemorySize (HOST-RESOURCES-MIB). Yields `cpu_count` and `memory_bytes` of the subject.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.fact import Inapplicable
from cmdb.model.classes.host import Host
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.declaration import CI, SUBJECT, Relation
from collector.snmp.mibs.host_resources_mib import Memory, Processor
from collector.snmp.section import Device

NAME = "sizing"
VERSION = 1
SUBJECTS = ("NetworkDevice", "Host")
CLASSES = (SUBJECT,)
RELATIONS: tuple[str, ...] = ()
TABLES = (Memory, Processor)


def collect(device: Device) -> Iterator[CI | Relation]:
    """What the host is sized as. Raises Inapplicable where it says neither."""
    kilobytes = device.reading.scalars(Memory).kilobytes
    processors = len(device.reading.rows(Processor))
    if not kilobytes and not processors:
        raise Inapplicable("it tells neither of processors nor of memory")
    subject = Host if device.is_host else NetworkDevice
    yield subject(cpu_count=processors or None, memory_bytes=kilobytes * 1024 if kilobytes and kilobytes > 0 else None)
