"""A small fabric beside the site of this package's tests."""

from __future__ import annotations

from cmdb.ingest import Ingest
from tests.baselines.site import Site
from tests.cmdb.fabric import Fabric, leaf_spine, wire

HOSTILE = '<script>alert(1)</script>"\x1b[31m\u202e]]>'


def wired(site: Site, fabric: Fabric | None = None) -> None:
    """Two spines, two leaves, two hosts bonded to both; one device has a hostile name."""
    found = fabric or leaf_spine(2, 2, 2)
    if fabric is None:
        found.devices[HOSTILE] = {"product": "X"}
        found.cables.append((HOSTILE, "p<&>1", "spine01", "swp31", "one-sided"))
    wire(site.store, found, Ingest(site.store, site.clock, site.randomness), now=site.time)
