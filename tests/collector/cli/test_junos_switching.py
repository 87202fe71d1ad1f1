"""Stations and VLANs of the several families of Junos."""

from __future__ import annotations

from typing import Any

import pytest

from collector.cli.junos_switching import parse_stations, parse_vlans


def data(**told: str) -> dict[str, Any]:
    return {name.replace("_", "-"): [{"data": value}] for name, value in told.items()}


@pytest.mark.parametrize(
    "table",
    [
        {"l2ng-l2ald-rtb-macdb": [{"l2ng-l2ald-mac-entry-vlan": [{"l2ng-mac-entry": [
            data(l2ng_l2_mac_address="52:54:00:00:03:01", l2ng_l2_mac_logical_interface="ae1.0", l2ng_l2_mac_flags="D"),
            data(l2ng_l2_mac_address="52:54:00:00:03:02", l2ng_l2_mac_logical_interface="ae1.0", l2ng_l2_mac_flags="S"),
        ]}]}]},
        {"ethernet-switching-table-information": [{"ethernet-switching-table": [{"mac-table-entry": [
            {**data(mac_address="52:54:00:00:03:01", mac_type="Learn"),
             "mac-interfaces-list": [data(mac_interfaces="ae1.0")], **data(mac_interface="ae1.0")},
            data(mac_address="*", mac_type="Flood", mac_interface="All-members"),
        ]}]}]},
        {"l2ald-rtb-macdb": [{"l2ald-mac-entry": [
            data(l2_mac_address="52:54:00:00:03:01", l2_mac_logical_interface="ae1.0", l2_mac_flags="D"),
        ]}]},
    ],
    ids=["els", "ex", "mx"],
)  # fmt: skip
def test_stations(table: Any) -> None:
    assert parse_stations(table) == [("ae1", "52:54:00:00:03:01")]


def test_vlans_of_els() -> None:
    group = {
        **data(l2ng_l2rtb_vlan_name="users", l2ng_l2rtb_vlan_tag="10"),
        "l2ng-l2rtb-vlan-member": [
            data(l2ng_l2rtb_vlan_member_interface="ge-0/0/1.0*", l2ng_l2rtb_vlan_member_tagness="untagged"),
            data(l2ng_l2rtb_vlan_member_interface="ae1.0*", l2ng_l2rtb_vlan_member_tagness="tagged"),
        ],
    }

    names, untagged, tagged = parse_vlans(
        {"l2ng-l2ald-vlan-instance-information": [{"l2ng-l2ald-vlan-instance-group": [group]}]}
    )

    assert (names, untagged, tagged) == ({10: "users"}, {"ge-0/0/1": 10}, {"ae1": [10]})


def test_vlans_before_els() -> None:
    vlan = {
        **data(vlan_name="users", vlan_tag="10"),
        "vlan-detail": [{"vlan-member-list": [{"vlan-member": [
            data(vlan_member_interface="ge-0/0/1.0*", vlan_member_tagness="untagged")
        ]}]}],
    }  # fmt: skip

    assert parse_vlans({"vlan-information": [{"vlan": [vlan]}]}) == ({10: "users"}, {"ge-0/0/1": 10}, {})
