"""A pass becomes a batch that the receiver's decoder takes."""

from __future__ import annotations

import json

from agent.fact import Collected, Context, Failed, NotApplicable, SectionResult
from agent.facts import FACTS
from agent.report import report, section
from cmdb.model.batch import decode, encode
from cmdb.model.classes.host import Host
from cmdb.model.classes.local_group import LocalGroup
from cmdb.model.classes.network_device import NetworkDevice
from tests.agent.supplied import KEY, recorded

NAMES = ("accounts", "config_files", "cpu", "hardware_identity", "identity", "kernel", "memory", "os_release", "sshd")


def test_a_recorded_host_becomes_a_batch() -> None:
    facts = [FACTS[name] for name in NAMES]
    context = Context(digest_key=KEY, observed_at_us=1_700_000_000_000_000)

    made = report(recorded("debian12-root"), context, facts, id="b1", source="agent:1", sequence=7, agent_key="k1")
    batch = decode(b"".join(encode(made.header, made.sections)))

    assert batch.header == made.header
    assert batch.header.marks["agent_key"] == "k1"
    assert batch.header.marks["machine_id"] == "8f4c2a1e6b7d4930a5c8e2f1d0b39764"
    assert [s.name for s in batch.sections] == list(NAMES)
    assert {s.name: s.outcome for s in batch.sections}["hardware_identity"] == "not_applicable"
    assert all(not s.mismatch and s.complete for s in batch.sections if s.outcome == "collected")


def test_the_same_host_at_another_time_gives_the_same_digests() -> None:
    facts = [FACTS[name] for name in NAMES]
    first, second = (
        report(
            recorded("debian12-root"), Context(digest_key=KEY, observed_at_us=at), facts, id="b", source="s", sequence=1
        )
        for at in (1, 2)
    )

    assert [s.digest for s in first.sections] == [s.digest for s in second.sections]


def test_readings_stand_beside_the_body() -> None:
    made = section(result(Collected([Host(name="a", uptime_seconds=5), LocalGroup(name="g")], [])))

    assert made.readings == {"items": [{"class": "Host", "key": "", "readings": {"uptime_seconds": 5}}]}
    assert made.bodies[0] is not None
    items = json.loads(made.bodies[0])["items"]
    assert items[0] == {"class": "Host", "attributes": {"name": "a"}}
    assert items[1]["key"] == "g"


def test_a_neighbour_has_a_key_and_the_device_itself_has_none() -> None:
    found = [NetworkDevice(name="sw1", os="eos"), NetworkDevice(seen_as="mac 00:1c:73:00:00:01", name="sw2")]

    made = section(result(Collected(list(found), [])))

    assert made.bodies[0] is not None
    assert json.loads(made.bodies[0])["items"] == [
        {"class": "NetworkDevice", "attributes": {"name": "sw1", "os": "eos"}},
        {"class": "NetworkDevice", "key": "mac 00:1c:73:00:00:01", "attributes": {"name": "sw2"}},
    ]


def test_an_outcome_without_items_has_a_reason_and_no_body() -> None:
    failed, none = section(result(Failed("why"))), section(result(NotApplicable("none")))

    assert (failed.outcome, failed.reason, failed.bodies) == ("failed", "why", [])
    assert (none.outcome, none.reason, none.bodies) == ("not_applicable", "none", [])


def result(outcome: Collected | Failed | NotApplicable) -> SectionResult:
    return SectionResult("made", 1, ("Host", "LocalGroup"), (), "full", outcome)
