"""What a device tells by SNMP, one section a file (collector/snmp/section.py), in the order in which they are asked for."""

from __future__ import annotations

from collector.snmp.section import Section
from collector.snmp.sections import (
    arp,
    device,
    forwarding,
    hardware,
    interfaces,
    neighbours,
    sizing,
    software,
    storage,
    vlans,
)

SECTIONS: tuple[Section, ...] = (
    device,
    interfaces,
    neighbours,
    vlans,
    hardware,
    sizing,
    storage,
    software,
    arp,
    forwarding,  # last: some devices are asked for each VLAN, which may take all the time that there is
)
