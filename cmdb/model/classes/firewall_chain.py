"""FirewallChain: rules of a packet filter that are gone through in order."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class FirewallChain(CI):
    """A chain of the kernel's packet filter with its rules, without what they count.

    `rules` is a set, in which an order can not stand: `digest` is over the rules in their order.
    """

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("syntax", "family", "table", "chain")
    name_from: ClassVar[str] = "name"

    name: Optional[str] = attribute("For people: 'inet filter input'.")
    syntax: Optional[str] = attribute("Whose words the rules are: nftables or iptables.")
    family: Optional[str] = attribute("Address family: ip, ip6, inet, arp, bridge, netdev.")
    table: Optional[str] = attribute("Table.")
    chain: Optional[str] = attribute("Chain.")
    hook: Optional[str] = attribute("Where packets enter it: 'filter hook input priority filter'.", security=True)
    policy: Optional[str] = attribute("What becomes of a packet that no rule decides on: accept, drop.", security=True)
    rules: Optional[list[str]] = attribute(
        "Rules, secrets removed; left out where there are more than 1,000.", search=False, security=True
    )
    rule_count: Optional[int] = attribute("Number of rules.", unit="rules", security=True)
    digest: Optional[str] = attribute("SHA-256 of the rules in their order.", search=False, security=True)
