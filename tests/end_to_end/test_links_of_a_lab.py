"""A sweep of a whole lab by SSH and SNMP is one graph, with every wire of the lab as a link that both ends confirm.

The lab stands beside the recordings (../shared/lab): hosts and switches are namespaces with lldpd and snmpd of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import lab_command
from tests.end_to_end.test_truth_of_a_lab import IMAGES, SURVEYMARK, Laboratory

pytestmark = [pytest.mark.shared("lab"), pytest.mark.timeout(900), pytest.mark.xdist_group("lab")]


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
    wires = {frozenset(((w["a"], w["a_port"]), (w["b"], w["b_port"]))) for w in truth["links"] if w["lldp"]}
    written(lab, tmp_path)
    files = {
        "--inventory": tmp_path / "hosts.ini",
        "--credentials": tmp_path / "credentials.toml",
        "--ssh-config": tmp_path / "ssh_config",
    }
    until = time.monotonic() + 240
    while True:  # lldpd begins with the lab, and tells its neighbours every 30 s
        surveymark(lab, tmp_path, "sweep", *(str(word) for option in files.items() for word in option))
        found = json.loads(surveymark(lab, tmp_path, "topology", "--json"))
        proofs = {
            frozenset((names(found)[link[side]["id"]], link[side]["port"]) for side in "ab"): link["proof"]
            for link in found["links"]
        }
        if proofs == dict.fromkeys(wires, "confirmed") or time.monotonic() > until:
            break

    assert proofs == dict.fromkeys(wires, "confirmed")
    assert sorted(names(found).values()) == sorted(truth["nodes"])
    types = {link["type"] for link in found["links"]}
    assert types == {"CONNECTS_TO", "LINKED_VIA"}


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
