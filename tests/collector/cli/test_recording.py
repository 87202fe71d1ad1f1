"""Recorded command lines, by hand and those of whole fabrics with what is stated of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agent.fact import Collected
from cmdb.model.batch import decode
from cmdb.model.classes.adjacency import Adjacency
from cmdb.model.classes.host import Host
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.vlan import VLAN
from cmdb.model.declaration import CI
from collector.cli.recording import Unreadable, is_recording, parse, replay
from collector.device.surveyed import Surveyed, batch

MADE = {
    "hostname": "sw1",
    "devtype": "eos",
    "commands": [
        {
            "cmd": "show version",
            "status": 200,
            "output_json": {"version": "4.30.1F", "systemMacAddress": "52:54:00:00:00:0a"},
        },
        {"cmd": "show interfaces", "status": 500, "output_json": {}},
        {"cmd": "show  lldp neighbors detail | json", "status": 0, "output": '{"lldpNeighbors": {}}'},
        {"cmd": "show vlan brief", "status": 0, "output": "% Invalid input"},
        {"cmd": "reload now", "status": 0, "output": ""},
    ],
}


def test_commands_are_found_by_what_they_ask(tmp_path: Path) -> None:
    file = tmp_path / "sw1.json"
    file.write_text(json.dumps(MADE))

    found = replay(file)

    outcomes = {r.section: r.outcome for r in found.sections}
    assert outcomes["device"] == Collected(
        [NetworkDevice(name="sw1", vendor="Arista", os="eos", os_version="4.30.1F")], []
    )
    assert outcomes["neighbours"] == Collected([], [])
    assert "ended with status 500" in outcomes["interfaces"].reason  # type: ignore[union-attr]
    assert "was refused: % Invalid input" in outcomes["vlans"].reason  # type: ignore[union-attr]
    assert "not asked for: inventory" in outcomes["hardware"].reason  # type: ignore[union-attr]
    assert is_recording(file)


@pytest.mark.parametrize(("status", "outcome"), [(0, "Collected"), (None, "Failed"), (1, "Failed")])
def test_a_recorded_silence_without_a_status_is_no_empty_table(status: int | None, outcome: str) -> None:
    command = {"cmd": "show lldp neighbors detail | json native", "status": status, "output": "\n"}

    system, answers = parse({"devtype": "nxos", "commands": [command]})

    outcomes = {r.section: type(r.outcome).__name__ for r in system.survey(answers).sections}
    assert outcomes["neighbours"] == outcome


@pytest.mark.parametrize(
    "command",
    [
        "hostnamectl",
        "cat /proc/uptime; hostnamectl",
        "cat /proc/uptime; hostnamectl; show version",
        "cat /proc/stat | grep btime | grep -o '[0-9]*'; hostnamectl",
    ],
)
def test_a_command_is_found_among_several_of_one_line(command: str) -> None:
    output = (
        "12.5 3.4\n Static hostname: sonic1\n      Machine ID: 5cd6639c7006470494ecfb19476b8810\nPlatform: x86_64-kvm\n"
    )
    document = {"devtype": "sonic", "commands": [{"cmd": command, "status": 0, "output": output}]}

    system, answers = parse(document)

    assert system.survey(answers).sections[0].outcome == Collected(
        [Host(name="sonic1", machine_id="5cd6639c7006470494ecfb19476b8810")], []
    )


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "no list of commands"),
        ({"commands": [3]}, "no list of commands"),
        ({"commands": [], "devtype": "panos"}, "devtype is 'panos'"),
        ({"commands": [{}] * 2000, "devtype": "eos"}, "more than 1,000 commands"),
    ],
)
def test_what_is_no_recording_says_so(document: Any, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        parse(document)


def test_a_file_of_something_else_says_so(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("{")

    with pytest.raises(Unreadable, match="no JSON"):
        replay(file)


# ------------------------------------------------------------------------------------------------ whole fabrics

FABRICS = ("nxos", "eos", "cndcn-dual-attach-evpn-centralized")

# What is stated and not found, each with why it is the statement that differs.
NOT_PORTS = "a VRF is no interface of NX-OS, EOS and Junos; on Linux it is one and is found"
UNSET = "0.0.0.0/0 stands for no address"
PORT_BY_NUMBER = (
    "Junos tells its port by number (516); the name stated was looked up at the other end, where it is an index"
)
ANYCAST = "stated is the address of the anycast gateway, which several switches share, and not the interface's own"
UNLIMITED = "an MTU without limit is no number"
NOT_A_SPEED = (
    "the bandwidth of a loopback, a VLAN interface, a tunnel or a unit is a metric and not the speed of a link"
)
UNKNOWN_SPEED = "65,535 Mbit/s is what a management port tells whose speed is not known"
NOT_TOLD = "`show vlan` does not tell whether a port is in its VLAN without a tag; how ports switch was not recorded"


class Fabric:
    def __init__(self, folder: Path) -> None:
        self.stated: dict[str, Any] = json.loads((folder / "expected.json").read_text())
        self.found: dict[str, Surveyed] = {f.stem: replay(f) for f in sorted((folder / "hosts").glob("*.json"))}
        assert self.found

    def items(self, host: str) -> list[CI]:
        return [i for r in self.found[host].sections if isinstance(r.outcome, Collected) for i in r.outcome.items]

    def ports(self, host: str) -> dict[str, NetworkInterface]:
        """Interfaces by name, of the section that tells of them."""
        [outcome] = [r.outcome for r in self.found[host].sections if r.section == "interfaces"]
        assert isinstance(outcome, Collected)
        return {i.name or "": i for i in outcome.items if isinstance(i, NetworkInterface)}

    def stations(self, host: str) -> dict[str, list[str]]:
        [outcome] = [r.outcome for r in self.found[host].sections if r.section == "forwarding"]
        items = outcome.items if isinstance(outcome, Collected) else []
        return {i.name or "": i.stations or [] for i in items if isinstance(i, NetworkInterface)}


@cache
def _fabric(folder: Path) -> Fabric:
    return Fabric(folder)


@pytest.fixture(params=FABRICS)
def fabric(recordings: Path, request: pytest.FixtureRequest) -> Fabric:
    return _fabric(recordings / "topology" / request.param)


@pytest.mark.shared
def test_every_recorded_device_is_known_by_itself(fabric: Fabric) -> None:
    for host, found in fabric.found.items():
        reasons = {r.section: getattr(r.outcome, "reason", "") for r in found.sections if r.section != "hardware"}
        known = ("lldpd does not run", "no bridge")
        assert not [why for why in reasons.values() if why and not any(text in why for text in known)], host
        data = batch(found, id=host, source=f"cli:{host}", route="cli", sequence=1, observed_at=1)
        decoded = decode(data)
        assert decoded.header.marks == dict(found.marks)
    marks = [json.dumps(f.marks, sort_keys=True) for f in fabric.found.values()]
    assert len(set(marks)) == len(marks)


@pytest.mark.shared
def test_devices_as_stated(fabric: Fabric) -> None:
    for row in fabric.stated["device"]:
        [found] = [
            i for i in fabric.items(row["hostname"])
            if (isinstance(i, Host) and i.name) or (isinstance(i, NetworkDevice) and i.name and not i.seen_as)
        ]  # fmt: skip
        assert isinstance(found, Host | NetworkDevice)
        assert found.name == row["hostname"]
        assert row["version"].split()[0] == found.os_version
        if isinstance(found, NetworkDevice):
            assert (found.vendor, found.product) == (row["vendor"], row["model"])
            assert found.serial == (row.get("serialNumber") or None)


@pytest.mark.shared
def test_neighbours_as_stated(fabric: Fabric) -> None:
    differs = set()
    for row in fabric.stated["lldp"]:
        found = [
            i for i in fabric.items(row["hostname"])
            if isinstance(i, Adjacency) and i.local_port == row["ifname"] and i.system_name == row["peerHostname"]
        ]  # fmt: skip
        assert found, row
        assert not row["mgmtIP"] or any(row["mgmtIP"] in (i.addresses or []) for i in found), row
        if not any(row["peerIfname"] in ((i.port_id or "").partition(" ")[2], i.port_description) for i in found):
            differs.add(PORT_BY_NUMBER)
            there = fabric.ports(row["peerHostname"])[row["peerIfname"]]
            assert [i.port_id for i in found] == [f"text {there.index}"], row
    assert differs <= {PORT_BY_NUMBER}


@pytest.mark.shared
def test_interfaces_as_stated(fabric: Fabric) -> None:
    for row in fabric.stated["interface"]:
        port = fabric.ports(row["hostname"]).get(row["ifname"])
        if port is None:
            assert row["type"] == "vrf", (row, NOT_PORTS)
            continue
        differences = _differences(row, port)
        assert differences <= {ANYCAST, UNLIMITED, NOT_A_SPEED, UNKNOWN_SPEED, NOT_TOLD, UNSET}, (row, port)


def _differences(row: dict[str, Any], port: NetworkInterface) -> set[str]:
    found = set()
    if (row["state"] == "up") != (port.link == "up") and port.link != "unknown":
        found.add("state")
    if "adminState" in row and (row["adminState"] == "up") != port.enabled:
        found.add("adminState")
    if row["mtu"] > 0 and row["mtu"] != port.mtu:
        found.add(UNLIMITED if row["mtu"] == 65536 and port.mtu is None else "mtu")
    if row["type"] == "bond_slave" and row["master"] != port.master:
        found.add("master")
    if row["type"] == "bond" and port.kind != "bond":
        found.add("kind")
    stated_mac = row.get("macaddr", "")
    if stated_mac.strip("0:") and stated_mac != port.mac:
        found.add(ANYCAST if port.kind == "vlan" and port.mac and stated_mac.startswith("00:00:00") else "mac")
    if row.get("speed", 0) > 0 and row["speed"] * 1_000_000 != port.speed_bps:
        known = (
            NOT_A_SPEED
            if port.kind not in ("physical", "bond")
            else UNKNOWN_SPEED
            if row["speed"] == 65535
            else "speed"
        )
        found.add(known if port.speed_bps is None else "speed")
    if row["vlan"] and row["vlan"] not in (port.vlan, port.access_vlan) and port.kind != "vxlan":
        found.add(NOT_TOLD if port.access_vlan is None and port.kind == "bond" else "vlan")
    stated = {*row["ipAddressList"], *row["ip6AddressList"]}
    missing = stated - set(port.addresses or [])
    return found | ({UNSET} if missing == {"0.0.0.0/0"} else {"addresses"} if missing else set())


@pytest.mark.shared
def test_addresses_as_stated(fabric: Fabric) -> None:
    for row in fabric.stated["address"]:
        port = fabric.ports(row["hostname"]).get(row["ifname"])
        assert port is not None, row
        missing = {*row["ipAddressList"], *row["ip6AddressList"]} - set(port.addresses or [])
        assert missing <= {"0.0.0.0/0"}, (row, UNSET)


@pytest.mark.shared
def test_stations_as_stated(fabric: Fabric) -> None:
    """Those that were learnt: static, permanent and remote rows are no stations behind a port."""
    for row in fabric.stated["mac"]:
        learnt = row["flags"] in ("dynamic", "")
        known = fabric.stations(row["hostname"]).get(row["oif"], [])
        assert not learnt or row["macaddr"] in known, row
    stated = {(r["hostname"], r["oif"], r["macaddr"]) for r in fabric.stated["mac"]}
    for host in fabric.found:
        assert {(host, port, m) for port, macs in fabric.stations(host).items() for m in macs} <= stated


@pytest.mark.shared
def test_vlans_as_stated(fabric: Fabric) -> None:
    for row in fabric.stated["vlan"]:
        known = {i.vid for i in fabric.items(row["hostname"]) if isinstance(i, VLAN)}
        vids = row["vlan"] if isinstance(row["vlan"], list) else [row["vlan"]]
        assert {int(vid) for vid in vids} <= known, row


@pytest.mark.shared
def test_link_aggregation_over_two_devices_as_stated(fabric: Fabric) -> None:
    """The role and the address of the peer are states of the moment and not kept."""
    for row in fabric.stated["mlag"]:
        known = {name: port.mlag for name, port in fabric.ports(row["hostname"]).items() if port.mlag}
        assert {text.split()[0] for text in known.values()} == {row["systemId"]}, row
        assert known[row["peerLink"].partition(".")[0]] == f"{row['systemId']} peer"
        assert set(row.get("mlagDualPortsList", [])) <= known.keys()


@pytest.mark.shared
def test_bonds_of_servers_and_their_partners(recordings: Path) -> None:
    fabric = _fabric(recordings / "topology" / FABRICS[2])
    bond = fabric.ports("server101")["bond0"]
    partners = {i.local_port: i.chassis for i in fabric.items("server101") if isinstance(i, Adjacency)}

    assert bond.lower == ["eth1", "eth2"]
    assert partners == dict.fromkeys(("eth1", "eth2"), f"mac {fabric.stated['mlag'][0]['systemId']}")
