"""Whole recorded fabrics in a store: the cables that are stated, and those that follow from bonds and forwarding tables."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cmdb.cabling import cabling
from cmdb.cabling_estate import load
from cmdb.ingest import Ingest
from cmdb.stores.sqlite_store import SqliteStore
from cmdb.taking import Sender
from collector.cli.recording import parse, replay
from collector.device.surveyed import batch
from collector.outcome import Evidence
from collector.ssh.hosts import outcome_of
from collector.target import Target
from tests.cmdb.building import START
from tests.collector.cli.test_recording import FABRICS

DUAL_ATTACHED = FABRICS[2]

End = tuple[str, str]


class Wired:
    """A fabric as the store knows it: proof by both ends of a cable, each (name of the device, port)."""

    def __init__(self, folder: Path, store: SqliteStore) -> None:
        self.stated: dict[str, Any] = json.loads((folder / "expected.json").read_text())
        ingest = Ingest(store, lambda: START)
        for file in sorted((folder / "hosts").glob("*.json")):
            data = batch(
                replay(file), id=file.stem, source=f"cli:{file.stem}", route="cli", sequence=1, observed_at=START
            )
            receipt = ingest.submit(data, Sender("collector"))
            assert not receipt["quarantined"], receipt
            assert not [s for s in receipt["sections"] if s["outcome"] == "refused"], receipt["sections"]
        with store.view() as view:
            estate = load(view)
        names = {port.id: (node.name, port.name) for node in estate.nodes.values() for port in node.ports.values()}
        self.proofs: dict[frozenset[End], str] = {
            frozenset((names[c.subject], names[c.object])): c.proof
            for c in cabling(estate).cables
            if c.subject in names and c.object in names
        }
        self.known = [node.name for node in estate.nodes.values() if node.discovered]


@pytest.fixture(params=FABRICS)
def wired(recordings: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Wired]:
    with contextlib.closing(SqliteStore.open(tmp_path / "store.db")) as store:
        yield Wired(recordings / "topology" / request.param, store)


@pytest.mark.shared
def test_every_cable_that_is_stated_is_found_with_its_proof(wired: Wired) -> None:
    assert sorted(wired.known) == sorted(wired.stated["hosts_recorded"])
    for row in wired.stated["lldp_links"]:
        ends = frozenset((row[end]["device"], row[end]["interface"]) for end in ("a", "b"))
        assert ends in wired.proofs, row
        # On the segment that management ports share the other end may tell of it by CDP, which is not counted there.
        assert wired.proofs[ends] == "confirmed" or len(row["seen_by"]) == 1, row


@pytest.mark.shared
def test_servers_are_found_at_both_switches_of_their_pair(wired: Wired) -> None:
    at: dict[str, set[str]] = {}
    for ends in wired.proofs:
        for server, _ in ends:
            if server.startswith("server"):
                at.setdefault(server, set()).update(device for device, _ in ends if device != server)

    servers = [name for name in wired.stated["hosts_recorded"] if name.startswith("server")]
    assert {name: len(at.get(name, ())) for name in servers} == dict.fromkeys(servers, 2)


@pytest.mark.shared
@pytest.mark.parametrize("wired", [DUAL_ATTACHED], indirect=True)
def test_cables_are_those_of_the_design_and_no_other(wired: Wired) -> None:
    pairs = {frozenset(device for device, _ in ends) for ends in wired.proofs}

    assert {frozenset((row["a"], row["b"])) for row in wired.stated["design_pairs"]} == pairs


INVENTORIES: dict[str, tuple[str, dict[str, Any]]] = {
    "nxos": (
        "show inventory | json",
        {"TABLE_inv": {"ROW_inv": [{"name": '"Chassis"', "productid": "N9K-C9300v", "serialnum": "9XKLMN4U0QR"}]}},
    ),
    "eos": ("show inventory | json", {"systemInformation": {"name": "vEOS", "serialNum": ""}, "cardSlots": {}}),
    "junos": (
        "show chassis hardware | display json",
        {"chassis-inventory": [{"chassis": [{"name": [{"data": "Chassis"}], "serial-number": [{"data": "VM5E9"}]}]}]},
    ),
}
"""What the recordings lack: it was not asked for."""


@pytest.mark.shared
@pytest.mark.parametrize("fabric", FABRICS)
def test_a_device_that_answers_every_question_is_looked_at_wholly(recordings: Path, fabric: str) -> None:
    ends = {}
    for file in sorted((recordings / "topology" / fabric / "hosts").glob("*.json")):
        recorded = json.loads(file.read_text())
        command, answer = INVENTORIES.get(recorded["devtype"].partition("-")[0], ("", {}))
        if command:
            recorded["commands"].append({"cmd": command, "status": 0, "output": json.dumps(answer)})
        system, answers = parse(recorded, file.name)
        surveyed = system.survey(answers)
        end = outcome_of(Target(file.name, address="192.0.2.1"), surveyed.sections, Evidence(), "full")
        ends[file.name] = (end.outcome, end.reason)

    assert len(ends) == 14
    assert set(ends.values()) == {("done", "")}, ends
