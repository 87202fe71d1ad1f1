"""What lldpctl prints, in its forms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.adjacencies import Heard
from agent.fact import ParseError
from agent.lldpd import parse

EXPECTED = Heard(
    protocol="lldp",
    local_port="eth1",
    chassis="mac 52:54:00:00:00:01",
    port_id="text swp5",
    port_description="to server",
    system_name="leaf01",
    system_description="Debian GNU/Linux 12",
    capabilities=("bridge", "router"),
    addresses=("192.0.2.1", "fe80::1"),
)

TEXT = """\
-------------------------------------------------------------------------------
LLDP neighbors:
-------------------------------------------------------------------------------
Interface:    eth1, via: LLDP, RID: 2, Time: 0 day, 00:00:46
  Chassis:
    ChassisID:    mac 52:54:00:00:00:01
    SysName:      leaf01
    SysDescr:     Debian GNU/Linux 12
    MgmtIP:       192.0.2.1
    MgmtIP:       fe80::1
    Capability:   Bridge, on
    Capability:   Router, on
    Capability:   Wlan, off
  Port:
    PortID:       ifname swp5
    PortDescr:    to server
    TTL:          120
  LLDP-MED:
    Device Type:  Network Connectivity Device
    Capability:   Telephone, on
-------------------------------------------------------------------------------
"""

CAPABILITIES = [
    {"type": "Bridge", "enabled": True},
    {"type": "Router", "enabled": True},
    {"type": "Wlan", "enabled": False},
]

NAMED = {
    "lldp": {
        "interface": {
            "eth1": {
                "via": "LLDP",
                "chassis": {
                    "leaf01": {
                        "id": {"type": "mac", "value": "52:54:00:00:00:01"},
                        "descr": "Debian GNU/Linux 12",
                        "mgmt-ip": ["192.0.2.1", "fe80::1"],
                        "capability": CAPABILITIES,
                    }
                },
                "port": {"id": {"type": "ifname", "value": "swp5"}, "descr": "to server", "ttl": "120"},
            }
        }
    }
}

LISTED = {
    "lldp": [
        {
            "interface": [
                {
                    "name": "eth1",
                    "via": "LLDP",
                    "chassis": [
                        {
                            "id": [{"type": "mac", "value": "52:54:00:00:00:01"}],
                            "name": [{"value": "leaf01"}],
                            "descr": [{"value": "Debian GNU/Linux 12"}],
                            "mgmt-ip": [{"value": "192.0.2.1"}, {"value": "fe80::1"}],
                            "capability": CAPABILITIES,
                        }
                    ],
                    "port": [
                        {
                            "id": [{"type": "ifname", "value": "swp5"}],
                            "descr": [{"value": "to server"}],
                            "ttl": [{"value": "120"}],
                        }
                    ],
                }
            ]
        }
    ]
}


@pytest.mark.parametrize("text", [TEXT, json.dumps(NAMED), json.dumps(LISTED)], ids=["text", "json", "json0"])
def test_every_form_tells_the_same(text: str) -> None:
    assert parse(text) == [EXPECTED]


@pytest.mark.parametrize("found", [{"lldp": {}}, {"lldp": [{}]}, {"lldp": {"interface": []}}])
def test_no_neighbours_are_none(found: Any) -> None:
    assert parse(json.dumps(found)) == []


def test_several_neighbours_at_an_interface_are_a_list_of_objects() -> None:
    rows = [{"eth1": NAMED["lldp"]["interface"]["eth1"]}, {"eth1": NAMED["lldp"]["interface"]["eth1"]}]

    assert parse(json.dumps({"lldp": {"interface": rows}})) == [EXPECTED, EXPECTED]


def test_a_chassis_without_a_name_has_none() -> None:
    row = {
        "via": "LLDP",
        "chassis": {"id": {"type": "local", "value": "x"}},
        "port": {"id": {"type": "mac", "value": "?"}},
    }

    [heard] = parse(json.dumps({"lldp": {"interface": {"eth1": row}}}))

    assert (heard.system_name, heard.chassis, heard.port_id) == ("", "text x", "text ?")


def test_cdp_is_told_as_such_and_other_protocols_are_left_out() -> None:
    rows = [{"eth1": {**NAMED["lldp"]["interface"]["eth1"], "via": via}} for via in ("CDPv2", "EDP", "unknown")]

    assert [h.protocol for h in parse(json.dumps({"lldp": {"interface": rows}}))] == ["cdp"]


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"interface": []}', "what is this: 3\n"])
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="lldpctl"):
        parse(text)
