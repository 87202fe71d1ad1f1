"""Links that are derived from evidence, kept with their history as all else is."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb import by_hand
from cmdb.chain import verify
from cmdb.merging import merge
from cmdb.model.errors import InvalidDocument
from cmdb.splitting import split
from cmdb.taking import Sender
from cmdb.topology import load
from tests.cmdb.building import START, Receiver, Reporter, raw, system
from tests.cmdb.wired import Site, forwarding, neighbours, ports

A, B, C = "00:1c:73:00:00:0a", "00:1c:73:00:00:0b", "00:1c:73:00:00:0c"
NIC = "52:54:00:00:00:01"
WIRE = ("a/Eth1", "CONNECTS_TO", "b/Eth2")


@pytest.fixture
def site(cmdb: Receiver) -> Site:
    return Site(cmdb)


def hears(local: str, chassis: str, port: str, **more: Any) -> dict[str, Any]:
    return {"local_port": local, "chassis": f"mac {chassis}", "port_id": f"text {port}", **more}


def pair(site: Site, both: bool = True) -> None:
    site.switch("a", A, ports("Eth1"), neighbours(hears("Eth1", B, "Eth2")))
    site.switch("b", B, ports("Eth2"), neighbours(*([hears("Eth2", A, "Eth1")] if both else [])))


def attached(site: Site, *stations: str) -> None:
    site.switch("sw", A, ports("Eth1", "Eth2"), forwarding(Eth1=stations))
    site.host("db", ports("eth0", eth0={"mac": NIC}))


def test_a_link_is_derived_with_its_proof_and_a_second_run_makes_no_revision(site: Site) -> None:
    pair(site)

    first = site.derive()
    head = site.cmdb.head()
    second = site.derive()

    assert site.links() == {(*WIRE, "confirmed")}
    assert first["links"] == {"confirmed": 1, "one-sided": 0, "inferred": 0}
    assert (first["created"], first["revisions"]) == (1, [head])
    assert (second["created"], second["revisions"], site.cmdb.head()) == (0, [], head)


def test_a_dry_run_writes_nothing(site: Site) -> None:
    pair(site)
    head = site.cmdb.head()

    assert site.derive(dry_run=True)["updated"] == 1
    assert (site.links(), site.cmdb.head()) == (set(), head)


def test_evidence_that_is_gone_ends_the_link_with_a_witness_and_the_past_keeps_it(site: Site) -> None:
    pair(site)
    site.derive()
    before = site.cmdb.head()
    link = site.link()
    for name, chassis, port in (("a", A, "Eth1"), ("b", B, "Eth2")):
        site.switch(name, chassis, ports(port), neighbours())

    done = site.derive()

    assert (done["retired"], site.links(), site.links(before)) == (1, set(), {(*WIRE, "confirmed")})
    with site.cmdb.view() as view:
        ended = [k for k in view.link_history(link.subject) if k.key == link.key][-1]
        revision = view.revision(done["revisions"][0])
    assert ended.witness is not None
    assert ended.witness.startswith("topology links links-")
    assert revision is not None
    assert (revision.source, revision.actor) == ("topology", "os:ann")
    assert revision.cause.endswith("neither end tells of it any more")


def test_one_end_that_falls_silent_leaves_the_link_one_sided(site: Site) -> None:
    pair(site)
    site.derive()
    site.switch("b", B, ports("Eth2"), neighbours())

    assert site.derive()["updated"] == 1
    assert site.links() == {(*WIRE, "one-sided")}


def test_a_failed_section_is_no_witness_against_a_link(site: Site) -> None:
    pair(site)
    site.derive()
    section = neighbours()
    section.outcome, section.reason, section.digests, section.bodies = "failed", "timed out", [], []
    site.switch("a", A, ports("Eth1"), section)

    assert (site.derive()["revisions"], site.links()) == ([], {(*WIRE, "confirmed")})


def test_a_device_that_is_only_told_of_is_an_end_until_it_answers(site: Site) -> None:
    site.switch("a", A, ports("Eth1"), neighbours(hears("Eth1", B, "Eth2", seen_as=f"mac {B}", system_name="b")))
    site.derive()
    assert site.links() == {("a/Eth1", "CONNECTS_TO", "b", "one-sided")}

    site.switch("b", B, ports("Eth2"))
    site.derive()

    assert site.links() == {(*WIRE, "one-sided")}
    assert site.derive()["revisions"] == []


def test_a_device_that_nobody_tells_of_any_more_goes_with_its_link(site: Site) -> None:
    site.switch("a", A, ports("Eth1"), neighbours(hears("Eth1", B, "Eth2", seen_as=f"mac {B}", system_name="b")))
    site.derive()
    site.switch("a", A, ports("Eth1"), neighbours())
    assert site.links() == set()

    assert site.derive()["revisions"] == []
    site.switch("a", A, ports("Eth1"), neighbours(hears("Eth1", B, "Eth2", seen_as=f"mac {B}", system_name="b")))
    site.derive()
    assert site.links() == {("a/Eth1", "CONNECTS_TO", "b", "one-sided")}


def test_a_host_that_claims_a_switchs_chassis_id_makes_a_conflict_and_no_link(site: Site) -> None:
    site.switch("a", A, ports("Eth1"), neighbours(hears("Eth1", B, "Eth2")))
    site.switch("b", B, ports("Eth2"), macs=["00:1c:73:00:00:b1"])
    site.host("liar", ports("eth0", eth0={"mac": B}), macs=[B])

    unplaced = site.derive()["unplaced"]

    assert site.links() == set()
    assert [(row["name"], "2 items" in row["why"] or "shared" in row["why"]) for row in unplaced] == [("a", True)]
    with site.cmdb.view() as view:
        assert len(view.entries("conflict")) == 1


def test_management_addresses_make_no_link(site: Site) -> None:
    site.switch("b", B, ports("Eth2"))
    word = {"local_port": "Eth1", "chassis": "address 192.0.2.1", "port_id": "text Eth2", "addresses": ["192.0.2.1"]}
    site.switch("a", A, ports("Eth1"), neighbours({**word, "seen_as": "port Eth1", "system_name": "b"}))

    site.derive()

    with site.cmdb.view() as view:
        (link,) = view.scan_links(["CONNECTS_TO"])
        ends = view.items([link.subject, link.object]).values()
        assert {item.attributes.get("discovered") for item in ends} == {None, False}


def test_an_inferred_link_stays_when_its_entry_ages_out_and_ends_after_thirty_days(site: Site) -> None:
    attached(site, NIC)
    site.derive()
    inferred = {("db/eth0", "LINKED_VIA", "sw/Eth1", "inferred")}
    assert site.links() == inferred

    attached(site)
    assert (site.derive(days=29)["revisions"], site.links()) == ([], inferred)
    done = site.derive(days=2)

    assert (done["retired"], site.links()) == (1, set())
    with site.cmdb.view() as view:
        revision = view.revision(done["revisions"][0])
        assert revision is not None
        assert revision.cause.endswith("the station was not seen there for long")
        assert view.unversioned_of("link shown", "", 10) == []


def test_an_inferred_link_that_is_shown_again_counts_anew(site: Site) -> None:
    attached(site, NIC)
    site.derive()
    site.derive(days=20)
    attached(site, NIC)
    site.derive()
    attached(site)
    site.derive(days=20)

    assert site.links() != set()


def test_a_table_that_is_not_read_again_shows_nothing_after_thirty_days(site: Site) -> None:
    attached(site, NIC)
    site.derive()
    assert site.derive(days=29)["revisions"] == []

    done = site.derive(days=2)

    assert (done["retired"], site.links(), site.derive()["revisions"]) == (1, set(), [])
    attached(site, NIC)
    site.derive()
    assert site.links() != set()


def test_a_table_that_failed_to_be_read_is_as_old_as_the_one_before(site: Site) -> None:
    attached(site, NIC)
    site.derive()
    failed = forwarding()
    failed.outcome, failed.reason, failed.digests, failed.bodies, failed.readings = "failed", "timed out", [], [], {}
    site.derive(days=29)
    site.switch("sw", A, ports("Eth1", "Eth2"), failed)

    site.derive(days=2)

    assert site.links() == set()


def test_a_link_was_last_shown_when_its_table_was_read(site: Site) -> None:
    attached(site, NIC)
    site.derive(days=20)
    attached(site)
    site.derive(days=5)
    assert site.links() != set()

    site.derive(days=6)

    assert site.links() == set()


def test_an_inferred_link_gives_way_to_what_a_neighbour_tells(site: Site) -> None:
    attached(site, NIC)
    site.derive()
    site.switch("sw", A, ports("Eth1", "Eth2"), forwarding(Eth1=[NIC]), neighbours(hears("Eth1", NIC, "eth0")))
    site.host("db", ports("eth0", eth0={"mac": NIC}), macs=[NIC])

    site.derive()

    assert site.links() == {("db/eth0", "LINKED_VIA", "sw/Eth1", "one-sided")}


def test_links_go_and_come_back_with_a_ci_that_was_retired_by_hand(site: Site) -> None:
    pair(site)
    site.derive()
    hands: Any = (lambda: START + site.cmdb.now * 1_000_000, site.cmdb.random)
    id_ = site.cmdb.one("class:NetworkDevice name:a").id
    with site.cmdb.store.transaction() as tx:
        by_hand.retire(tx, id_, "ann", "sold", *hands)
    assert site.links() == set()
    assert site.derive()["refused"] == 0

    with site.cmdb.store.transaction() as tx:
        by_hand.restore(tx, id_, "ann", "bought back", *hands)
    site.derive()

    assert site.links() == {(*WIRE, "confirmed")}
    assert site.derive()["revisions"] == []


def test_links_of_merged_and_split_devices_follow(site: Site) -> None:
    pair(site)
    site.switch("c", C, ports("Eth7"), neighbours(hears("Eth7", B, "Eth2")))
    site.derive()
    hands: Any = (lambda: START + site.cmdb.now * 1_000_000, site.cmdb.random)
    a, c = (site.cmdb.one(f"class:NetworkDevice name:{n}").id for n in "ac")
    merge(site.cmdb.store, a, c, "ann", "one stack", *hands)
    site.derive()
    merged = site.links()

    assert {link[0].partition("/")[2] for link in merged} | {link[2].partition("/")[2] for link in merged} == {
        "Eth1",
        "Eth2",
        "Eth7",
    }
    assert site.derive()["revisions"] == []
    split(site.cmdb.store, c, "ann", "by mistake", (), *hands)
    site.derive()

    assert {(s.split("/")[0], o.split("/")[0]) for s, _, o, _ in site.links()} == {("a", "b"), ("b", "c")}
    assert site.derive()["revisions"] == []


def test_a_host_that_a_device_turns_out_to_be_keeps_its_link(site: Site) -> None:
    site.switch("sw", A, ports("Eth1"), neighbours(hears("Eth1", NIC, "eth0")))
    site.switch("box", B, ports("eth0"), macs=[NIC], chassis_id="", vendor="", serials=[])
    site.derive()
    assert {(link[1], link[3]) for link in site.links()} == {("CONNECTS_TO", "one-sided")}

    site.host("db", ports("eth0", eth0={"mac": NIC}), macs=[NIC])
    site.derive()

    assert {(link[1], link[3]) for link in site.links()} == {("LINKED_VIA", "one-sided")}
    assert site.derive()["revisions"] == []


def test_a_ci_is_not_kept_by_its_links(site: Site) -> None:
    pair(site)
    site.derive()
    with site.cmdb.view() as view:
        id_ = site.cmdb.one("class:NetworkDevice name:a").id
        assert all(scope.section != "subject" or scope.source != "topology" for scope in view.scopes(id_))
        assert [
            c.scope for c in view.claims([id_]) if view.scopes_by_number([c.scope])[c.scope].source == "topology"
        ] == []


def test_a_segment_that_several_share_is_no_way_for_packets_of_others(site: Site) -> None:
    site.switch("a", A, ports("mgmt0"), neighbours(hears("mgmt0", B, "Eth2"), hears("mgmt0", C, "Eth7")))
    site.switch("b", B, ports("Eth2"))
    site.switch("c", C, ports("Eth7"))
    site.derive()

    with site.cmdb.view() as view:
        notes = {link.attributes.get("note") for link in view.scan_links(["CONNECTS_TO"])}
        assert (len(site.links()), notes, len(load(view).wires)) == (2, {"shared segment"}, 0)
    site.switch("c", C, ports())
    site.derive()
    with site.cmdb.view() as view:
        assert (len(site.links()), len(load(view).wires)) == (1, 1)


def test_many_links_of_one_device_come_in_one_batch(site: Site) -> None:
    names = [f"Eth{n}" for n in range(60)]
    far = [f"00:1c:73:00:01:{n:02x}" for n in range(60)]
    told = [
        hears(p, f, "uplink", seen_as=f"mac {f}", system_name=f"ap{f[-2:]}") for p, f in zip(names, far, strict=True)
    ]
    site.switch("a", A, ports(*names), neighbours(*told))

    done = site.derive()

    assert (done["created"], len(done["revisions"])) == (60, 1)


def test_links_that_are_refused_are_logged_and_counted(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pair(site)
    monkeypatch.setattr("cmdb.deriving.SEGMENT", "x" * 5_000)
    site.switch("c", C, ports("Eth1"), neighbours(hears("Eth1", B, "Eth2"), hears("Eth1", A, "Eth1")))

    done = site.derive()

    assert done["refused"] > 0
    assert len([r for r in caplog.messages if r.startswith("links of ")]) == done["refused"]


def test_no_sender_derives_anything(site: Site) -> None:
    batch = Reporter("web", "topology", "agent").batch(system("web"))
    with pytest.raises(InvalidDocument, match="no sender may call itself topology"):
        site.cmdb.take(batch)
    with pytest.raises(InvalidDocument, match="route 'derived'"):
        site.cmdb.take(Reporter("web", "x", "derived").batch(system("web")))

    pair(site)
    link = {"type": "CONNECTS_TO", "subject": ["NetworkInterface", "eth0"], "object": {"id": "0" * 26}}
    body = {"items": [{"class": "NetworkInterface", "key": "eth0", "attributes": {}}], "relations": [link]}
    section = raw("links", body, ["NetworkInterface"], ["CONNECTS_TO"])
    receipt = site.cmdb.take(Reporter("web", "x", "derived").batch(section), Sender("agent", None, "agent"))
    assert receipt["sections"][0]["outcome"] == "refused"


def test_the_chain_holds_over_all_of_it(site: Site) -> None:
    attached(site, NIC)
    pair(site)
    site.derive()
    attached(site, B)
    site.derive()

    with site.cmdb.view() as view:
        assert list(verify(view)) == []
