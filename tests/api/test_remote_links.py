"""Links between ports, derived behind a server: the same answer as from the store."""

from __future__ import annotations

from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate
from tests.api.test_local_links import told
from tests.api.test_remote_estate import remote, url
from tests.baselines.site import Site

__all__ = ["remote", "url"]


def test_links_are_derived_from_afar(remote: RemoteEstate, estate: LocalEstate, site: Site) -> None:
    told(site)

    foretold = remote.derive_links(dry_run=True)
    assert {**foretold, "at": ""} == {**estate.derive_links(dry_run=True), "at": ""}
    assert remote.derive_links()["created"] == 1
    assert remote.derive_links_of_what_came() is None
