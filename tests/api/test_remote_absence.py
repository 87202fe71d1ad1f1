"""What is gone or long unseen, behind a server: the same answers as from the store."""

from __future__ import annotations

import pytest

from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate
from cmdb.model.errors import ConflictError, NotFoundError
from cmdb.model.times import SECOND
from tests.api.test_remote_estate import remote, url
from tests.baselines.site import Site

__all__ = ["remote", "url"]


def test_an_item_goes_and_comes_back_from_afar(remote: RemoteEstate, estate: LocalEstate, site: Site) -> None:
    host = site.id("web")

    gone = remote.retire(host, "scrapped")
    assert estate.show(host)["state"] == gone["state"] == "retired"
    with pytest.raises(ConflictError):
        remote.retire(host, "twice")
    back = remote.restore(host, "by mistake")

    assert (back["items"], back["revision"]) == (gone["items"], gone["revision"] + 1)
    assert estate.show(host)["state"] == "current"


@pytest.mark.parametrize("id_", ["../../tokens", "a/b?c=d#e", "%2e%2e"])
def test_no_id_reaches_another_route(remote: RemoteEstate, site: Site, id_: str) -> None:
    head = site.head()

    for use_case in (remote.retire, remote.restore):
        with pytest.raises(NotFoundError):
            use_case(id_, "because")
    assert site.head() == head


def test_time_does_the_same_from_afar(remote: RemoteEstate, estate: LocalEstate, site: Site) -> None:
    site.time += 8 * 86_400 * SECOND

    foretold = remote.freshness(dry_run=True)
    same = estate.freshness(dry_run=True)
    done = remote.freshness()

    assert {**foretold, "at": ""} == {**same, "at": ""}
    assert (done["stale"], done["revisions"], done["dry_run"]) == (foretold["stale"], [site.head()], False)
