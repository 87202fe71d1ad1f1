"""Whose word counts: the order of routes by attribute group (model.md section 2).

A lower rank may fill a gap, never overwrite; within a rank the newest successful observation with at least the same
privilege wins, then the lower source id. A source silent for longer than the
class's staleness limit stops blocking lower ones.
"""

from __future__ import annotations

from typing import Optional

ROUTES = ("agent", "ssh", "snmp", "cli", "import", "manual")
"""Ways by which a batch may come; the receiver sets it, never the sender."""

DERIVED = "derived"
"""What this installation makes of what others told, as links of the evidence of both ends. It is none of ROUTES: no batch that is
sent comes by it."""

DERIVED_SOURCE = "topology"
"""Who says what is derived; no sender may call itself so."""

PERIODIC = frozenset({"agent", "ssh", "snmp", "cli"})
"""Routes that look again and again: their silence means something. What people said holds until they say otherwise."""

GROUPS: dict[str, dict[str, int]] = {
    "os": {"agent": 0, "ssh": 0, "snmp": 1, "cli": 1, "import": 2, "manual": 3},
    "sizing": {"hypervisor": 0, "agent": 1, "ssh": 1, "snmp": 2, "cli": 2, "import": 3, "manual": 4},
    "hardware": {"agent": 0, "ssh": 0, "snmp": 1, "cli": 1, "import": 2, "manual": 3},
    "network": {"snmp": 0, "cli": 0, "agent": 0, "ssh": 0, "import": 1, "derived": 2},
    "people": {"manual": 0, "import": 1},
}


def rank(group: str, route: str) -> Optional[int]:
    """The rank of a route's word on a group's attributes, 0 the strongest; None where the route may not write them."""
    return GROUPS[group].get(route)
