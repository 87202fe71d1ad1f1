"""IncidentRecord as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.incident_record import IncidentRecord
from tests.cmdb.model.classes.declared import check


def test_an_incident_of_any_tool_is_known_by_instance_and_number_and_written_by_people() -> None:
    made = IncidentRecord(instance="itsm.example.com", number="INC1", link="https://itsm.example.com/INC1")

    check(made)
    assert made.local_key() == "itsm.example.com/INC1"
    assert CLASSES["IncidentRecord"].independent
    assert {a.group for a in CLASSES["IncidentRecord"].attributes.values()} == {"people"}
