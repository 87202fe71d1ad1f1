"""A host on one page."""

from __future__ import annotations

import pytest

from api.host_summary import summary_of
from cmdb.model.classes.host import Host
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.declaration import SUBJECT, Relation
from cmdb.model.errors import UsageError
from tests.baselines.site import Site, collected, failed, network, packages, software


def test_it_says_what_listens_and_with_which_software(site: Site) -> None:
    with site.store.view() as view:
        found = summary_of(view, site.id("web"))

    assert [(r["endpoint"], [s["name"] for s in r["software"]]) for r in found["listens"]] == [
        ("tcp 0.0.0.0:80", ["nginx"])
    ]
    assert found["counts"] == {"Endpoint": 1, "SoftwareInstance": 1, "SoftwarePackage": 2}
    assert found["host"]["name"] == "web"


def test_it_says_what_the_host_and_its_software_need_known_or_not(site: Site) -> None:
    site.report("db", collected("system", ["Host"], [Host(name="db")]), network("10.0.0.2"))
    server = SoftwareInstance(instance="unit app", name="app")
    needs = [
        Relation("DEPENDS_ON", SUBJECT, {"address": "10.0.0.2"}, {"why": "resolver"}),
        Relation(
            "DEPENDS_ON", server.ref(), {"address": "10.0.0.9", "protocol": "tcp", "port": 5432}, {"why": "database"}
        ),
    ]
    site.report("web", collected("needs", ["SoftwareInstance"], [server], needs))

    with site.store.view() as view:
        rows = summary_of(view, site.id("web"))["depends_on"]

    assert [(r["on"], r["why"], r["by"], r["id"] is None) for r in rows] == [
        ("10.0.0.9 tcp 5432", "database", "app", True),
        ("Host db", "resolver", None, False),
    ]


def test_it_says_what_could_not_be_seen(site: Site) -> None:
    site.report("web", failed(packages(), "dpkg is locked"), software(80, privilege="user"))
    with site.store.view() as view:
        unseen = {r["section"]: r for r in summary_of(view, site.id("web"))["unseen"]}
    assert unseen["packages"]["reason"] == "dpkg is locked"
    assert (unseen["software"]["outcome"], unseen["software"]["privilege"]) == ("collected", "user")


def test_it_is_as_of_any_revision(site: Site) -> None:
    site.report("web", software(80, 443))
    with site.store.view() as view:
        assert len(summary_of(view, site.id("web"), 1)["listens"]) == 1
        assert len(summary_of(view, site.id("web"))["listens"]) == 2


def test_what_is_no_host_has_none(site: Site) -> None:
    with site.store.view() as view, pytest.raises(UsageError, match="only a host"):
        summary_of(view, site.id("nginx", "SoftwareInstance"))
