"""The links of whole recorded fabrics, from what their devices answered on their command lines."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cmdb.model.times import SECOND
from cmdb.taking import Sender
from collector.cli.recording import replay
from collector.device.surveyed import batch
from tests.cmdb.building import START, Receiver, receiver
from tests.cmdb.wired import Site

FABRICS = ("cndcn-dual-attach-evpn-centralized", "eos", "nxos")

End = tuple[str, str]


def swept(cmdb: Receiver, folder: Path) -> Site:
    """All devices of a fabric looked at once, and the links derived."""
    for number, file in enumerate(sorted((folder / "hosts").glob("*.json")), 1):
        cmdb.now = number
        data = batch(
            replay(file),
            id=file.stem,
            source=f"collector@{file.stem}",
            route="cli",
            sequence=1,
            observed_at=START + number * SECOND,
        )
        receipt = cmdb.take(data, Sender("collector", route="cli"))
        assert not receipt["quarantined"]
        assert not [line for line in receipt["sections"] if line["outcome"] == "refused"]
    site = Site(cmdb)
    site.derive()
    return site


def links(site: Site) -> dict[frozenset[End], dict[str, Any]]:
    """Attributes by both ends, (device, port)."""
    with site.cmdb.view() as view:
        items = {item.id: item for item in view.scan(["Host", "NetworkDevice", "NetworkInterface"])}

        def end(id_: str) -> End:
            item = items[id_]
            return (items[item.parent].name, item.name) if item.parent else (item.name, "")

        return {
            frozenset((end(link.subject), end(link.object))): {**link.attributes, "type": link.type}
            for link in view.scan_links(["CONNECTS_TO", "LINKED_VIA"])
        }


@pytest.mark.shared
@pytest.mark.parametrize("name", FABRICS)
def test_every_cable_that_lldp_saw_is_found_with_its_proof_and_none_that_nobody_saw(
    recordings: Path, name: str
) -> None:
    stated = json.loads((recordings / "topology" / name / "expected.json").read_text())
    cables = {
        frozenset((row[side]["device"], row[side]["interface"]) for side in "ab"): len(row["seen_by"])
        for row in stated["lldp_links"]
    }
    servers = {row["hostname"] for row in stated["device"] if row["hostname"].startswith("server")}

    with receiver() as cmdb:
        found = links(swept(cmdb, recordings / "topology" / name))
        cmdb.sound()

    assert set(cables) <= set(found)
    for ends, seen in cables.items():
        # On the management segment CDP, which is not stated, tells from the other end too.
        proofs = {"confirmed"} if seen == 2 else {"confirmed", "one-sided"}
        assert found[ends]["proof"] in proofs, ends
    for ends, link in found.items():
        if ends not in cables:
            uplink = any(device in servers and port == "bond0" for device, port in ends)
            segment = link.get("note") == "shared segment" and {port for _, port in ends} == {"mgmt0"}
            assert uplink or segment, (sorted(ends), link)
    assert all(link["evidence"] for link in found.values())


@pytest.mark.shared
@pytest.mark.parametrize("name", FABRICS)
def test_bonded_servers_are_linked_to_one_port_of_each_of_two_leaves(recordings: Path, name: str) -> None:
    with receiver() as cmdb:
        found = links(swept(cmdb, recordings / "topology" / name))

    behind: dict[str, list[str]] = {}
    for ends, link in found.items():
        if link["type"] == "LINKED_VIA" and link["proof"] in ("inferred", "one-sided"):
            (server,) = (device for device, port in ends if port == "bond0")
            behind.setdefault(server, []).extend(device for device, port in ends if port != "bond0")
    assert len(behind) == 4
    assert all(len(set(leaves)) == len(leaves) == 2 for leaves in behind.values()), behind


@pytest.mark.shared
def test_the_cabling_of_a_fabric_is_that_of_its_design(recordings: Path) -> None:
    folder = recordings / "topology" / "cndcn-dual-attach-evpn-centralized"
    designed = {
        frozenset((row["a"], row["b"])): row["links"]
        for row in json.loads((folder / "expected.json").read_text())["design_pairs"]
    }

    with receiver() as cmdb:
        found = links(swept(cmdb, folder))

    assert Counter(frozenset(device for device, _ in ends) for ends in found) == designed
