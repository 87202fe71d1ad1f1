"""Relations between CIs that are both known: told, changed, withdrawn, and by whom."""

from __future__ import annotations

import pytest

from cmdb.model.declaration import Relation
from tests.cmdb.building import (
    Receiver,
    Reporter,
    collected,
    endpoint,
    instance,
    network,
    outcomes,
    raw,
    software,
    system,
)


def test_a_relation_ends_when_it_is_no_longer_told_and_comes_back(cmdb: Receiver) -> None:
    web = Reporter("web")
    one, end = instance("nginx"), endpoint(80)
    exposes = Relation("EXPOSES", one.ref(), end.ref())
    seen = []
    for told in ([exposes], [], [exposes]):
        cmdb.take(web.batch(collected("software", ["SoftwareInstance", "Endpoint"], [one, end], told, ["EXPOSES"])))
        seen.append(len(cmdb.links("EXPOSES")))

    assert seen == [1, 0, 1]


def test_a_relations_attributes_change_with_it(cmdb: Receiver) -> None:
    web = Reporter("web")
    one, end = instance("nginx"), endpoint(80)
    for why in ("x", "y"):
        told = [Relation("EXPOSES", one.ref(), end.ref(), {"why": why})]
        cmdb.take(web.batch(collected("software", ["SoftwareInstance", "Endpoint"], [one, end], told)))

    assert cmdb.link("EXPOSES").attributes == {"why": "y"}
    with cmdb.view() as view:
        assert len(view.link_history(cmdb.link("EXPOSES").subject)) == 2


def test_a_relation_of_two_sources_ends_with_its_last_claim(cmdb: Receiver) -> None:
    agent, people = Reporter("web"), Reporter("web", source="people", route="manual")
    for source in (agent, people):
        cmdb.take(source.batch(system("web"), software("nginx:80")))
    silent = collected("software", ["SoftwareInstance", "Endpoint"], [instance("nginx"), endpoint(80)], [], ["EXPOSES"])
    with cmdb.view() as view:
        assert len(view.claims([cmdb.link("EXPOSES").key])) == 2

    cmdb.take(agent.batch(silent))
    assert len(cmdb.links("EXPOSES")) == 1
    cmdb.take(people.batch(silent))
    assert cmdb.links("EXPOSES") == set()


def test_a_relation_that_others_still_tell_ends_with_its_end(cmdb: Receiver) -> None:
    agent, ssh = Reporter("web"), Reporter("web", source="ssh:web", route="ssh")
    for source in (agent, ssh):
        cmdb.take(source.batch(system("web"), software("nginx:80")))
    cmdb.now = 60

    cmdb.take(agent.batch(software("nginx:81"), at=60))

    assert cmdb.links("EXPOSES") == {("web/nginx", "EXPOSES", "web/tcp 0.0.0.0:81")}
    cmdb.take(ssh.batch(software("nginx:80"), at=60))
    assert len(cmdb.links("EXPOSES")) == 2


@pytest.mark.parametrize("first", ["agent", "people"])
def test_of_a_relation_the_stronger_route_speaks_whoever_came_first(cmdb: Receiver, first: str) -> None:
    sources = {"agent": Reporter("web"), "people": Reporter("web", source="people", route="manual")}
    one, end = instance("nginx"), endpoint(80)
    for name in sorted(sources, key=lambda n: n != first):
        told = [Relation("EXPOSES", one.ref(), end.ref(), {"why": name})]
        said = collected("software", ["SoftwareInstance", "Endpoint"], [one, end], told)
        cmdb.take(sources[name].batch(system("web"), said))

    assert cmdb.link("EXPOSES").attributes == {"why": "agent"}


def test_a_relation_to_the_host_itself_needs_no_item_of_it(cmdb: Receiver) -> None:
    told = [Relation("DEPENDS_ON", ".", instance("nginx").ref())]
    said = collected("own", ["SoftwareInstance"], [instance("nginx")], told)

    assert outcomes(cmdb.take(Reporter("web").batch(said))) == {"own": "collected"}
    assert len(cmdb.links("DEPENDS_ON")) == 1


def test_a_section_with_less_privilege_ends_no_relation(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), software("nginx:80")))
    silent = collected(
        "software", ["SoftwareInstance", "Endpoint"], [instance("nginx"), endpoint(80)], [], ["EXPOSES"], "user"
    )

    cmdb.take(web.batch(silent))

    assert len(cmdb.links("EXPOSES")) == 1


def test_every_section_with_an_end_that_is_not_there_is_refused(cmdb: Receiver) -> None:
    row = {"type": "EXPOSES", "subject": ["SoftwareInstance", "x"], "object": "."}
    lone = [raw(name, {"items": [], "relations": [row]}, types=["EXPOSES"]) for name in ("one", "other")]

    receipt = cmdb.take(Reporter("web").batch(system("web"), *lone))

    assert outcomes(receipt) == {"one": "refused", "os": "collected", "other": "refused"}


def test_an_address_told_by_another_section_before_is_known(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), network("10.0.0.1")))
    row = {"type": "DEPENDS_ON", "subject": ".", "object": ["IPAddress", "10.0.0.1"]}

    receipt = cmdb.take(web.batch(raw("own", {"items": [], "relations": [row]}, types=["DEPENDS_ON"])))

    assert outcomes(receipt) == {"own": "collected"}
    assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "10.0.0.1")}
