"""FirewallSet: addresses, ports or the like that rules of a packet filter refer to."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class FirewallSet(CI):
    """A named set or map of nftables. Of one that packets fill, or whose members end by themselves, no members are kept."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("family", "table", "set")
    name_from: ClassVar[str] = "name"

    name: Optional[str] = attribute("For people: 'inet filter trusted'.")
    family: Optional[str] = attribute("Address family: ip, ip6, inet, arp, bridge, netdev.")
    table: Optional[str] = attribute("Table.")
    set: Optional[str] = attribute("Set or map.")
    type: Optional[str] = attribute("What it holds: 'ipv4_addr', of a map 'inet_service : verdict'.")
    flags: Optional[str] = attribute("How it holds it: interval, dynamic, timeout.")
    elements: Optional[list[str]] = attribute(
        "Members; left out where there are more than 1,000.", search=False, security=True
    )
    element_count: Optional[int] = attribute("Number of members.", unit="members", security=True)
    digest: Optional[str] = attribute("SHA-256 of the members, sorted.", search=False, security=True)
