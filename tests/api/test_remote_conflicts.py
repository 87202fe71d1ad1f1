"""Conflicts behind a server: the same answers as from the store."""

from __future__ import annotations

from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate
from tests.api.routes.test_conflicts import cloned
from tests.api.test_remote_estate import remote, url
from tests.baselines.site import Site

__all__ = ["cloned", "remote", "url"]


def test_conflicts_are_the_same_from_afar(remote: RemoteEstate, estate: LocalEstate, cloned: Site) -> None:
    assert remote.conflicts() == estate.conflicts()
    assert remote.conflicts(True, "1") == estate.conflicts(True, "1")
    assert remote.conflict("1") == estate.conflict("1")
