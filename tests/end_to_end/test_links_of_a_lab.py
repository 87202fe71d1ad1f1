"""A sweep of a whole lab by SSH and SNMP is one graph, with every wire of the lab as a link that both ends confirm.

The lab stands beside the recordings (../shared/lab): hosts and switches are namespaces with lldpd and snmpd of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.stores.sqlite_store import SqliteStore
from tests.conftest import lab_command
from tests.end_to_end.test_truth_of_a_lab import IMAGES, SURVEYMARK, Laboratory

pytestmark = [pytest.mark.shared("lab"), pytest.mark.timeout(900), pytest.mark.xdist_group("lab")]

HOSTS = ("web1", "app1", "app2", "db1", "cache1", "client1")
"""Of the lab those that are plugged into one switch."""
Impact = Callable[..., dict[str, dict[str, Any]]]
Wire = frozenset[tuple[str, str | None]]


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    command = lab_command()
    if command is None:
        pytest.skip("no lab beside the recordings (SURVEYMARK_RECORDINGS, else ../shared/data)")
    IMAGES.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "LAB_STATE": str(IMAGES), "LAB_PREFIX": f"sml{os.getpid() % 10000}-"}
    found = Laboratory(command, environment)
    found("down", check=False)  # What another run left behind when it was killed.
    found("up")
    try:
        yield found
    finally:
        found("down")


def written(lab: Laboratory, place: Path) -> None:
    """Inventory and credentials of all that the lab has, each offered to its own addresses only."""
    nodes = json.loads((lab.run_folder / "inventory.json").read_text())
    (place / "hosts.ini").write_text("".join(f"{name} ansible_host={row['address']}\n" for name, row in nodes.items()))
    (place / "ssh_config").write_text(f"Host *\n  UserKnownHostsFile {lab.run_folder / 'known_hosts'}\n")
    entries = []
    for name, row in nodes.items():
        ranges = f'ranges = ["{row["address"]}"]\n'
        if "ssh" in row:
            entries.append(
                f'[credential.{name}-ssh]\nuser = "{row["ssh"]["user"]}"\nkey = "{row["ssh"]["key"]}"\n{ranges}'
            )
        snmp: dict[str, Any] = row.get("snmp", {})
        secrets = {"community": snmp["v2c"]} if "v2c" in snmp else {}
        if "v3" in snmp:
            secrets = {"auth_password": snmp["v3"]["authpass"], "privacy_password": snmp["v3"]["privpass"]}
        words = ['version = "2c"'] if "v2c" in snmp else []
        if "v3" in snmp:
            words = ['version = "3"', f'user = "{snmp["v3"]["user"]}"', 'auth = "sha1"', 'privacy = "aes128"']
        for key, secret in secrets.items():
            file = place / f"{name}.{key}"
            file.write_text(secret)
            file.chmod(0o600)
            words.append(f'{key} = "file:{file}"')
        entries.append("\n".join([f'[credential.{name}-snmp]\nkind = "snmp"', *words, ranges]))
    credentials = place / "credentials.toml"
    credentials.write_text("\n".join(entries))
    credentials.chmod(0o600)


def surveymark(lab: Laboratory, place: Path, *words: str) -> str:
    store = f"sqlite://{place / 'lab.db'}"
    line = [
        "exec",
        "collector",
        "--",
        "env",
        f"SURVEYMARK_STATE={place / 'state'}",
        str(SURVEYMARK),
        *words,
        "--store",
        store,
    ]
    done = subprocess.run(
        [lab.command, *line], env=dict(lab.environment), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode in (0, 3), f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_wire_is_a_link_that_both_ends_confirm_and_each_host_is_one_item(lab: Laboratory, tmp_path: Path) -> None:
    truth = measured(lab)
    wires = wired(truth)
    found = swept(lab, tmp_path, wires)

    assert proofs(found) == dict.fromkeys(wires, "confirmed")
    assert sorted(names(found).values()) == sorted(truth["nodes"])
    types = {link["type"] for link in found["links"]}
    assert types == {"CONNECTS_TO", "LINKED_VIA"}


@pytest.mark.shared
def test_lab_devices_and_a_dual_attach_fabric_are_one_graph_that_tells_who_is_behind_a_switch(
    lab: Laboratory, recordings: Path, tmp_path: Path
) -> None:
    truth = measured(lab)
    swept(lab, tmp_path, wired(truth))
    alone = proofs(json.loads(surveymark(lab, tmp_path, "topology", "--json")))
    fabric = recordings / "topology" / "cndcn-dual-attach-evpn-centralized"
    folders = (recordings / "snmp", fabric / "hosts")
    replayed = json.loads(surveymark(lab, tmp_path, "sweep", *(f"--replay={folder}" for folder in folders), "--json"))

    # No recording swallows another one, or a host of the lab.
    looked_at = [end["ci"] for end in replayed["targets"] if end["outcome"] in ("done", "partly")]
    files = [file for folder in folders for file in folder.iterdir() if not file.name.endswith(".expected.json")]
    assert len(set(looked_at)) == len(looked_at) == len(files), replayed["targets"]
    found = json.loads(surveymark(lab, tmp_path, "topology", "--json"))
    discovered = {node["id"] for node in found["nodes"] if node["discovered"]}
    assert len(discovered) == len(truth["nodes"]) + len(files)
    assert discovered >= set(looked_at)

    # Every link shows its proof, and those of the lab are what they were.
    assert all(link["proof"] in ("confirmed", "one-sided", "inferred") and link["evidence"] for link in found["links"])
    assert {ends: proof for ends, proof in proofs(found).items() if ends in alone} == alone
    stated = json.loads((fabric / "expected.json").read_text())
    designed = {frozenset((row["a"], row["b"])) for row in stated["design_pairs"]}
    assert designed <= {frozenset(name for name, _ in ends) for ends in proofs(found)}

    ids = {node["name"]: node["id"] for node in found["nodes"] if node["discovered"]}
    told = surveymark(lab, tmp_path, "impact", ids["leaf01"]).splitlines()
    assert [line.split()[:3] for line in told[1:3]] == [
        ["at_risk", "Host", "server101"],
        ["at_risk", "Host", "server102"],
    ]

    with closing(SqliteStore.open(tmp_path / "lab.db")) as store:
        estate = LocalEstate(store, Caller("os:root", ("admin",)))

        def impact(*names_: str) -> dict[str, dict[str, Any]]:
            """Rows of the hosts and devices that are hit, by name."""
            document = estate.impact([ids[name] for name in names_])
            assert document["complete"]
            return {row["name"]: row for row in document["impacted"] if row["class"] in ("Host", "NetworkDevice")}

        check_impact(truth, designed, impact)


def check_impact(truth: dict[str, Any], designed: set[frozenset[str]], impact: Impact) -> None:
    # Hosts of the lab hang at one switch each; the router's other NIC leads to another subnet, and is no redundancy.
    for switch in ("sw1", "sw2"):
        behind = {w["a"] if w["b"] == switch else w["b"] for w in truth["links"] if switch in (w["a"], w["b"])}
        hit = impact(switch)
        assert {name for name, row in hit.items() if row["level"] == "outage"} >= behind & set(HOSTS), hit
        assert hit["rt1"]["level"] == "outage"

    # Servers of the fabric hang at two leaves with a bond; the one with an interface at each of two routers does not.
    for server in ("server101", "server102", "server103", "server104"):
        leaves = sorted(far for pair in designed if server in pair for far in pair - {server})
        assert len(leaves) == 2
        assert [impact(leaf)[server]["level"] for leaf in leaves] == ["at_risk"] * 2
        assert impact(*leaves)[server]["level"] == "outage"
        assert all(step["rule"] for step in impact(leaves[0])[server]["path"][1:])
    routers = sorted(far for pair in designed if "edge01" in pair for far in pair - {"edge01"})
    assert [impact(router)["edge01"]["level"] for router in routers] == ["outage"] * 2


def swept(lab: Laboratory, place: Path, wires: set[Wire]) -> dict[str, Any]:
    """The map of the lab, swept until every wire is confirmed: lldpd begins with the lab, and tells its neighbours every 30 s."""
    written(lab, place)
    files = {
        "--inventory": place / "hosts.ini",
        "--credentials": place / "credentials.toml",
        "--ssh-config": place / "ssh_config",
    }
    until = time.monotonic() + 240
    while True:
        surveymark(lab, place, "sweep", *(str(word) for option in files.items() for word in option))
        found: dict[str, Any] = json.loads(surveymark(lab, place, "topology", "--json"))
        if proofs(found) == dict.fromkeys(wires, "confirmed") or time.monotonic() > until:
            return found


def proofs(found: dict[str, Any]) -> dict[Wire, str]:
    """Proof of each link by its two ends."""
    return {
        frozenset((names(found)[link[side]["id"]], link[side]["port"]) for side in "ab"): link["proof"]
        for link in found["links"]
    }


def wired(truth: dict[str, Any]) -> set[Wire]:
    """Wires at both ends of which LLDP is spoken."""
    return {frozenset(((w["a"], w["a_port"]), (w["b"], w["b_port"]))) for w in truth["links"] if w["lldp"]}


def measured(lab: Laboratory) -> dict[str, Any]:
    """What the lab knows of itself, as soon as its hosts stand."""
    until = time.monotonic() + 60
    while not (said := lab("truth", check=False)).startswith("{"):
        assert time.monotonic() < until, "the hosts of the lab do not stand"
        time.sleep(1)
    found: dict[str, Any] = json.loads(said)
    return found


def names(found: dict[str, Any]) -> dict[str, str]:
    return {node["id"]: node["name"] for node in found["nodes"]}
