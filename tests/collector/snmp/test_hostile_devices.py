"""Devices that answer anything: what comes of it is valid and bounded, and breaks nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.fact import Failed
from cmdb.model.batch import decode
from cmdb.model.classes import CLASSES
from cmdb.observation import observed, readings_problem
from collector.device.surveyed import batch
from collector.snmp import walk
from collector.snmp.device import survey
from collector.snmp.identity import TABLES
from collector.snmp.sections import SECTIONS
from collector.snmp.table import Answers, Row, Scalars, columns

OIDS = ["1.3.6.1.4.1.9.1.1208", "1.3.6.1.4.1.8072.3.2.10", "1.3.6.1.4.1.259.10.1.5", "0.0", "1.3.6.1.4.1.99999"]
VALUES = st.one_of(
    st.integers(-(2**63), 2**64),
    st.integers(0, 4),
    st.binary(max_size=12),
    st.binary(min_size=6, max_size=6),
    st.text(max_size=12).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([*OIDS, "192.0.2.1", b"", b"\0", b"x" * 9000, None]),
)
INSTANCES = st.one_of(
    st.sampled_from(
        ["1", "2", "1.1", "1.2", "0.1.1", "192.0.2.1", "1.192.0.2.1", "1.4.192.0.2.1", "10.0.28.115.0.0.1"]
    ),
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8).map(lambda parts: ".".join(map(str, parts))),
)


class Hostile:
    """A device whose every cell is drawn."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def table(self, declared: type[Row]) -> Answers:
        if self.draw(st.integers(0, 9)) == 0:
            raise walk.Failed(self.draw(st.sampled_from(["timeout", "invalid", "denied"])), "no answer")
        instances = self.draw(st.lists(INSTANCES, max_size=3, unique=True))
        return {oid: {instance: self.draw(VALUES) for instance in instances} for oid in columns(declared)}

    def scalars(self, *groups: type[Scalars]) -> Answers:
        return {oid: {"0": self.draw(VALUES)} for group in groups for oid in columns(group)}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_a_device_answers_the_receiver_takes_what_was_made_of_it(data: st.DataObject) -> None:
    try:
        surveyed = survey(Hostile(data.draw))
    except walk.Failed:
        return

    made = decode(batch(surveyed, id="b", source="s", route="snmp", sequence=1, observed_at=1_700_000_000_000_000))

    assert set(made.header.marks) <= set(CLASSES[surveyed.subject_class].marks)
    for section in made.sections:
        if section.outcome == "collected":
            observed(section, surveyed.subject_class, "snmp", False)
        if section.readings:
            assert not readings_problem(section.readings)
    broken = [r.outcome.reason for r in surveyed.sections if isinstance(r.outcome, Failed)]
    assert all("no answer" in reason or "not asked" in reason for reason in broken), broken


def test_every_table_is_asked_of_a_device_at_most_once() -> None:
    class Counting:
        def __init__(self) -> None:
            self.asked: list[str] = []

        def table(self, declared: type[Row]) -> Answers:
            self.asked.append(declared.oid)
            return {}

        def scalars(self, *groups: type[Scalars]) -> Answers:
            self.asked += [group.oid for group in groups]
            return {}

    device = Counting()
    survey(device)

    assert len(device.asked) == len(set(device.asked))
    assert set(device.asked) >= {table.oid for table in TABLES if not table.makers}
    assert len(SECTIONS) == 10
