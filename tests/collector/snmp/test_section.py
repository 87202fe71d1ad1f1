"""Sections as they are declared."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.declaration import SUBJECT
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from collector.snmp.sections import SECTIONS
from tests.collector.snmp.answers import device, ports


def test_every_section_declares_what_it_tells() -> None:
    for section in SECTIONS:
        assert {*section.CLASSES} <= {*CLASSES, SUBJECT}, section.NAME
        assert {*section.RELATIONS} <= {*RELATIONSHIP_TYPES}, section.NAME
        assert {*section.SUBJECTS} <= {"NetworkDevice", "Host"}, section.NAME
        assert len({t.oid for t in section.TABLES}) == len(section.TABLES), section.NAME
    assert len({section.NAME for section in SECTIONS}) == len(SECTIONS)


def test_interfaces_are_read_once_for_all_sections() -> None:
    made = device(ports("eth0"))

    assert made.ports is made.ports
    assert not made.is_host
