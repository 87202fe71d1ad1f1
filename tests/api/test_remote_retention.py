"""Retention and holds behind a server: the same answers as from the store."""

from __future__ import annotations

from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate
from tests.api.test_remote_estate import remote, url

__all__ = ["remote", "url"]


def test_ages_and_holds_are_the_same_from_afar(remote: RemoteEstate, estate: LocalEstate) -> None:
    assert remote.set_retention(30, "Host", "policy") == estate.retention()
    assert remote.retention() == estate.retention()
    assert remote.run_retention(True) == estate.run_retention(True)
    assert remote.add_hold("case 7", "class:Host", "a lawsuit")["name"] == "case 7"
    assert remote.holds() == estate.holds()
    assert remote.release_hold("case 7", "settled")["name"] == "case 7"
