"""Every order of up to five batches, in families of what makes identity hard: the same graph and the same open conflicts.

What may differ is written down in DIFFERS, with the reason; a family that is not there differs in nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from cmdb.model.times import SECOND
from cmdb.resolution import resolve
from tests.cmdb.building import START, Receiver, receiver
from tests.cmdb.identity_cases import MINUTE, Told, clone, conflicts, homes, mac_of, machine, orders, take

WEB = machine("web")
SERIAL = "Acme/X1/SN000017"


def told(
    name: str, marks: dict[str, Any], minute: int, sequence: int = 1, source: str = "", route: str = "agent"
) -> Told:
    return Told(name, source or f"agent:{name}", sequence, minute * MINUTE, marks, route)


def without(marks: dict[str, Any], *names: str) -> dict[str, Any]:
    return {n: v for n, v in marks.items() if n not in names}


KEYS_OF_A, KEYS_OF_B = machine("a")["ssh_host_keys"], machine("b")["ssh_host_keys"]
SWEPT = without(WEB, "agent_key")

FAMILIES: dict[str, list[Told]] = {
    "one host, again and again": [told("web", WEB, n, n + 1) for n in range(4)],
    "different hosts": [told(n, machine(n), m) for m, n in enumerate("abcd")],
    "one host by two sources": [
        told("web", WEB, 0),
        told("web", SWEPT, 5, source="sweep", route="ssh"),
        told("web", WEB, 20, 2),
        told("web", SWEPT, 25, 2, source="sweep", route="ssh"),
    ],
    "a NIC is replaced": [
        told("web", WEB, 0),
        told("web", {**WEB, "macs": [mac_of("new")]}, 10, 2),
        told("db", machine("db"), 5),
    ],
    "clones of a disk": [told("web", WEB, 0), *(told(n, clone(n, WEB), m) for m, n in enumerate("abc", 1))],
    "clones, and the original goes on": [
        told("web", WEB, 0),
        told("a", clone("a", WEB), 1),
        told("web", WEB, 10, 2),
        told("a", clone("a", WEB), 11, 2),
        told("b", clone("b", WEB), 12),
    ],
    "clones that share different things": [
        told("a", {**machine("a"), "system_serial": SERIAL}, 0),
        told("b", {**clone("b", machine("a")), "system_serial": SERIAL}, 1),
        told("c", clone("c", machine("a"), host_name="other"), 2),
        told("d", {**machine("d"), "system_serial": SERIAL}, 3),
    ],
    "a thief of an identifier": [
        told("web", WEB, 0),
        told("thief", {**machine("thief"), "system_serial": SERIAL}, 1),
        told("db", {**machine("db"), "system_serial": SERIAL}, 2),
        told("db", {**machine("db"), "system_serial": SERIAL}, 12, 2),
    ],
    "two hosts swap their NICs": [
        told("a", machine("a", permanent_macs=["00:25:90:00:00:01"]), 0),
        told("b", machine("b", permanent_macs=["00:25:90:00:00:02"]), 1),
        told("a", machine("a", permanent_macs=["00:25:90:00:00:02"]), 10, 2),
        told("b", machine("b", permanent_macs=["00:25:90:00:00:01"]), 11, 2),
    ],
    "nobody can say who it is": [
        told("web", WEB, 0),
        told("x", {"host_name": "web", "fqdn": "web.example.com"}, 1),
        told("db", machine("db"), 2),
        told("x", {"machine_id": WEB["machine_id"]}, 3, 2),
    ],
    "what two hosts are known by, in one batch": [
        told("a", without(machine("a", host_name="web"), "agent_key", "dmi_uuid"), 0),
        told("b", without(machine("b", host_name="web"), "agent_key", "dmi_uuid"), 1),
        told("a or b", {"host_name": "web", "ssh_host_keys": [*KEYS_OF_A, *KEYS_OF_B]}, 2),
    ],
}

DIFFERS: dict[str, str] = {
    # Whoever of the two comes first meets nobody, and whose look it was is not known: it lands there, or is quarantined where
    # both are known already. People say which one it is, or that all three are one.
    "what two hosts are known by, in one batch": "graph and conflicts",
}


def outcome(batches: tuple[Told, ...]) -> tuple[str, str, str]:
    """The graph, the open conflicts, and which machines share a CI or have several."""
    with receiver() as cmdb:
        cmdb.now = 100 * MINUTE
        receipts = take(cmdb, batches)
        found = homes(cmdb, batches, receipts)
        shared = sorted({m for m in found for n in found if m != n and found[m] & found[n]})
        several = sorted(m for m in found if len(found[m]) > 1)
        return cmdb.natural(), str(conflicts(cmdb)), f"sharing {shared}, several {several}"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_order_ends_in_the_same_graph_and_the_same_open_conflicts(family: str) -> None:
    batches = FAMILIES[family]
    found = {order: outcome(order) for order in orders(batches)}

    assert len(found) == math.factorial(len(batches))
    graphs, open_ones, sharing = (set(each) for each in zip(*found.values(), strict=True))
    differs = [name for name, each in (("graph", graphs), ("conflicts", open_ones)) if len(each) > 1]
    assert differs == [w for w in ("graph", "conflicts") if w in DIFFERS.get(family, "")], (graphs, open_ones)
    if family not in DIFFERS:
        assert all(s.startswith("sharing []") for s in sharing), sharing


ONE_MACHINE = {
    "one look has what two others were known by": [
        told("web", {"machine_id": WEB["machine_id"], "ssh_host_keys": WEB["ssh_host_keys"]}, 0, source="keys"),
        told("web", {"system_serial": SERIAL}, 1, source="number"),
        told("web", {**SWEPT, "system_serial": SERIAL}, 2, source="sweep"),
    ],
    "one look could be either of two at one rank": [
        told("web", {"host_name": "web", "ssh_host_keys": ["SHA256:rsa"]}, 0, source="rsa"),
        told("web", {"host_name": "web", "ssh_host_keys": ["SHA256:ecdsa"]}, 1, source="ecdsa"),
        told("web", {"host_name": "web", "ssh_host_keys": ["SHA256:ecdsa", "SHA256:rsa"]}, 2, source="both"),
    ],
}


@pytest.mark.parametrize("family", ONE_MACHINE)
def test_once_a_bridge_is_resolved_every_order_ends_in_the_same_single_ci(family: str) -> None:
    batches = ONE_MACHINE[family]
    found, asked = set(), set()
    for order in orders(batches):
        with receiver() as cmdb:
            cmdb.now = 10 * MINUTE
            take(cmdb, order)
            asked.add(len(open_numbers(cmdb)))
            for number in open_numbers(cmdb):
                resolve(cmdb.store, number, "merge", "ann", "it is one", lambda: START + 700 * SECOND, cmdb.random)
            again = [replace(b, at=b.at + 20 * MINUTE, sequence=2) for b in batches]
            take(cmdb, again)
            assert open_numbers(cmdb) == []
            assert len(cmdb.found("class:Host")) == 1
            found.add(cmdb.natural())
            cmdb.sound()
    assert asked == {0, 1}, "some orders lead to a question, others to none"
    assert len(found) == 1


def open_numbers(cmdb: Receiver) -> list[str]:
    with cmdb.view() as view:
        return [e.key for e in view.entries("conflict") if e.value["state"] == "open"]
