"""Stations and VLANs of Junos, whose tables have other roots and names on EX (ELS or not), QFX and MX; see junos.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from collector.cli.answers import number, objects, within
from collector.cli.junos_elements import first, rows, text, texts
from collector.cli.observed import mac


def parse_stations(document: Any) -> list[tuple[str, str]]:
    """(port, MAC) as learnt: tables of ELS (l2ng-mac-entry), of EX before it (mac-table-entry) and of MX (l2ald-mac-entry)."""
    found = []
    for row in [r for key in ("l2ng-mac-entry", "l2ng-l2-mac-entry", "l2ald-mac-entry") for r in rows(document, key)]:
        port = first(row, "l2ng-l2-mac-logical-interface", "l2ng-mac-logical-interface", "l2-mac-logical-interface")
        address = mac(first(row, "l2ng-l2-mac-address", "l2ng-mac-address", "l2-mac-address"))
        flags = first(row, "l2ng-l2-mac-flags", "l2-mac-flags").lower()
        if address and port and ("dynamic" in flags or flags.startswith("d") or not flags):
            found.append((re.sub(r"\.\d+\Z", "", port), address))
    for row in rows(document, "mac-table-entry"):
        address = mac(text(row, "mac-address"))
        ports = texts(row, "mac-interface") or texts(row, "mac-interfaces")
        if address and text(row, "mac-type").lower().startswith("learn"):
            found += [(re.sub(r"\.\d+\Z", "", port), address) for port in ports]
    return found


def parse_vlans(document: Any) -> tuple[dict[int, str], dict[str, int], dict[str, list[int]]]:
    """Names by VLAN id, the untagged VLAN by port, and the tagged VLANs by port, from `show vlans detail`."""
    names: dict[int, str] = {}
    untagged: dict[str, int] = {}
    tagged: dict[str, list[int]] = {}
    for row in rows(document, "l2ng-l2ald-vlan-instance-group"):
        vid = number(text(row, "l2ng-l2rtb-vlan-tag"))
        if vid:
            names[vid] = text(row, "l2ng-l2rtb-vlan-name")
            for member in objects(row.get("l2ng-l2rtb-vlan-member")):
                port = re.sub(r"\.\d+\*?\Z", "", text(member, "l2ng-l2rtb-vlan-member-interface"))
                kind = text(member, "l2ng-l2rtb-vlan-member-tagness").lower()
                if port and kind.startswith("untag"):
                    untagged[port] = vid
                elif port and kind.startswith("tag"):
                    tagged.setdefault(port, []).append(vid)
    for row in rows(document, "vlan"):
        vid = number(text(row, "vlan-tag"))
        if vid:
            names[vid] = text(row, "vlan-name")
            for member in [m for each in objects(row.get("vlan-detail")) or [row] for m in _members(each)]:
                port = re.sub(r"\.\d+\*?\Z", "", text(member, "vlan-member-interface"))
                kind = text(member, "vlan-member-tagness").lower()
                if port and kind.startswith("untag"):
                    untagged[port] = vid
                elif port and kind.startswith("tag"):
                    tagged.setdefault(port, []).append(vid)
    for row in rows(document, "l2iff-interface-vlan") or []:
        vid = number(text(row, "vlan-id"))
        if vid:
            names.setdefault(vid, "")
    return names, untagged, tagged


def _members(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [m for each in within(row, "vlan-member") for m in objects(each)]
