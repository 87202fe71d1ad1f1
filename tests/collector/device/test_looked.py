"""The end of a device that was surveyed, and its batch."""

from __future__ import annotations

import pytest

from agent.fact import Collected, Cost, Failed, NotApplicable, Outcome, SectionResult
from cmdb.model.batch import decode
from cmdb.model.values import Value
from collector.device.looked import looked
from collector.device.surveyed import Surveyed
from collector.outcome import Evidence, Stopped
from collector.ssh.hosts import Reporting
from collector.target import SNMP, Target
from collector.work import Job

MARKS: dict[str, Value] = {"vendor": "Example", "serials": ["FOC1234X0AB"]}
JOB = Job(4, Target("sw1", "10.0.0.1", 161, zone="branch", protocol=SNMP))
REPORTING = Reporting(lambda target: f"ssh:1@{target.endpoint}", lambda: 9, clock=lambda: 1_700_000_000_000_000)


def surveyed(*outcomes: Outcome, marks: dict[str, Value] = MARKS) -> Surveyed:
    sections = [SectionResult(f"s{n}", 1, (), (), "full", outcome, Cost()) for n, outcome in enumerate(outcomes)]
    return Surveyed("NetworkDevice", marks, sections)


def test_a_device_that_was_seen_is_a_batch_of_its_route_and_zone() -> None:
    found = looked(JOB, surveyed(Collected([], []), NotApplicable("no VLANs")), "cli", REPORTING, Evidence())
    header = decode(found.batch).header

    assert (found.number, found.outcome.outcome, found.outcome.protocol) == (4, "done", "snmp")
    assert (header.route, header.domain, header.source, header.sequence) == ("cli", "branch", "ssh:1@10.0.0.1:161", 9)
    assert header.observed_at == 1_700_000_000_000_000


def test_a_section_that_failed_makes_it_partly_with_the_reason() -> None:
    found = looked(JOB, surveyed(Collected([], []), Failed("tooBig")), "snmp", REPORTING, Evidence())

    assert (found.outcome.outcome, found.outcome.sections_failed) == ("partly", ("s1",))
    assert "tooBig" in found.outcome.reason
    assert found.batch


@pytest.mark.parametrize(
    ("found", "ended"),
    [
        (surveyed(Failed("tooBig")), ("failed", "command")),
        (surveyed(Failed("no answer to 3 questions")), ("timed_out", "command")),
        (surveyed(Collected([], []), marks={}), ("not_a_host", "parse")),
    ],
)
def test_a_device_of_which_nothing_is_to_be_told_has_an_end(found: Surveyed, ended: tuple[str, str]) -> None:
    with pytest.raises(Stopped) as stopped:
        looked(JOB, found, "snmp", REPORTING, Evidence(weak=("snmp v2c",)))

    assert (stopped.value.outcome, stopped.value.phase) == ended
    assert stopped.value.reason
    assert stopped.value.evidence.weak == ("snmp v2c",)
