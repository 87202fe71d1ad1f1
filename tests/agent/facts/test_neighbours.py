"""Neighbours by LLDP and LACP."""

from __future__ import annotations

import json

from agent.fact import Collected, Failed, Missing, NotApplicable, Output
from agent.facts import neighbours
from cmdb.model.classes.adjacency import Adjacency
from cmdb.model.classes.network_device import NetworkDevice
from tests.agent.supplied import made, run
from tests.agent.test_iproute import HARDWARE, OLD_BOND
from tests.agent.test_lldpd import NAMED

PLAIN = HARDWARE[HARDWARE.index("5: tun0") :]


def test_neighbours_that_lldpd_tells_of() -> None:
    outcome = run(
        neighbours,
        made({neighbours._ADDRESSES: PLAIN, "/run/lldpd.pid": "77\n", neighbours._LLDP: json.dumps(NAMED)}),
    )

    assert isinstance(outcome, Collected)
    adjacency, device = outcome.items
    assert isinstance(adjacency, Adjacency)
    assert isinstance(device, NetworkDevice)
    assert (adjacency.local_port, adjacency.port_id) == ("eth1", "text swp5")
    assert (device.seen_as, device.name) == ("mac 52:54:00:00:00:01", "leaf01")


def test_lldpd_is_asked_only_where_it_runs() -> None:
    outcome = run(neighbours, made({neighbours._ADDRESSES: PLAIN, neighbours._LLDP: "{not asked}"}))

    assert isinstance(outcome, NotApplicable)
    assert "lldpd does not run" in outcome.reason


def test_a_program_that_belongs_to_lldpd_is_never_run_as_root() -> None:
    told = {neighbours._ADDRESSES: PLAIN, "/run/lldpd.pid": "77\n", "/etc/debian_version": "12.5\n"}

    outcome = run(neighbours, made({**told, neighbours._AS_LLDPD: json.dumps(NAMED), neighbours._LLDP: "{not asked}"}))

    assert isinstance(outcome, Collected)
    assert neighbours._AS_LLDPD.argv[:5] == ("/usr/bin/setpriv", "--reuid", "_lldpd", "--regid", "_lldpd")


def test_partners_of_bonds_are_told_without_lldpd() -> None:
    outcome = run(neighbours, made({neighbours._ADDRESSES: OLD_BOND}))

    assert isinstance(outcome, Collected)
    assert [i.attributes() for i in outcome.items] == [
        {
            "protocol": "lacp",
            "local_port": "eth1",
            "neighbour": "mac 44:39:39:ff:40:94",
            "chassis": "mac 44:39:39:ff:40:94",
        }
    ]


def test_a_neighbour_table_that_could_not_be_read_is_never_empty() -> None:
    told = {neighbours._ADDRESSES: OLD_BOND, "/run/lldpd.pid": "77\n"}
    denied = Missing("denied", "lldpctl tells this to root only; run as root")
    dead = Output(b"", b"unable to connect to socket /run/lldpd.socket", 1)

    for answer, why in ((denied, "run as root"), (dead, "unable to connect"), ("", "broken JSON")):
        outcome = run(neighbours, made({**told, neighbours._LLDP: answer}))
        assert isinstance(outcome, Failed)
        assert why in outcome.reason


def test_a_lldpd_without_neighbours_has_looked() -> None:
    told = {neighbours._ADDRESSES: PLAIN, "/run/lldpd.pid": "77\n", neighbours._LLDP: '{"lldp": {}}'}

    assert run(neighbours, made(told)) == Collected([], [])
