"""What several sections and sources make of one host: claims, witnesses, and things that come back."""

from __future__ import annotations

import pytest

from cmdb.commit import evidence_of, link_id
from cmdb.model.classes.change_record import ChangeRecord
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.classes.software_package import SoftwarePackage
from cmdb.model.classes.subnet import Subnet
from cmdb.model.declaration import Relation
from cmdb.model.errors import InvalidDocument
from cmdb.reconcile import revision_digest
from cmdb.states import Claim, Commit, Retirement, Revision
from tests.cmdb.building import (
    START,
    Receiver,
    Reporter,
    accounts,
    collected,
    failed,
    marks_of,
    network,
    outcomes,
    packages,
    software,
    system,
)

PACKAGE = "class:SoftwarePackage"


def claims(cmdb: Receiver, query: str) -> list[Claim]:
    with cmdb.view() as view:
        return view.claims([cmdb.one(query).id])


class TestOneSource:
    def test_what_is_no_longer_listed_retires_and_names_its_witness(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), packages("a", "b")))
        gone = cmdb.one(f"{PACKAGE} name:b").id
        cmdb.now = 60

        receipt = cmdb.take(web.batch(system("web"), packages("a"), at=60, id="second"))

        assert receipt["retired"] == 1
        with cmdb.view() as view:
            (last,) = view.history(gone)
        assert (last.ended, last.until, last.witness) == ("retired", 2, "agent:web packages second")
        assert last.ended_not_before == START

    def test_a_part_comes_back_under_its_old_id_with_its_history(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        ids = []
        for names in (["a", "b"], ["a"], ["a", "b"], ["a"], ["a", "b"]):
            cmdb.take(web.batch(system("web"), packages(*names)))
            ids += [i.id for i in cmdb.found(f"{PACKAGE} name:b")]

        assert len(ids) == 3
        assert len(set(ids)) == 1
        with cmdb.view() as view:
            states = view.history(ids[0])
        assert [(s.since, s.until, s.ended) for s in states] == [(1, 2, "retired"), (3, 4, "retired"), (5, None, None)]
        assert {s.born for s in states} == {1}

    def test_a_change_moves_the_old_state_to_the_past(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(packages("a", version="1")))
        receipt = cmdb.take(web.batch(packages("a", version="2")))

        assert (receipt["created"], receipt["updated"], receipt["retired"]) == (0, 1, 0)
        with cmdb.view() as view:
            states = view.history(cmdb.one(PACKAGE).id)
        assert [s.attributes["versions"] for s in states] == [["1"], ["2"]]

    def test_an_item_that_moves_to_another_section_stays(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(packages("a", section="first"), packages(section="second")))
        head = cmdb.head()

        cmdb.take(web.batch(packages(section="first"), packages("a", section="second")))
        assert (cmdb.names(PACKAGE), cmdb.head()) == (["a"], head)

        cmdb.take(web.batch(packages(section="first")))
        assert cmdb.names(PACKAGE) == ["a"]
        cmdb.take(web.batch(packages(section="second")))
        assert cmdb.names(PACKAGE) == []

    def test_an_item_that_moves_in_two_steps_stays_as_well(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(packages("a", section="first")))
        cmdb.take(web.batch(packages("a", section="second")))
        cmdb.take(web.batch(packages(section="first")))

        assert cmdb.names(PACKAGE) == ["a"]
        cmdb.take(web.batch(packages(section="second")))
        assert cmdb.names(PACKAGE) == []

    def test_two_sections_of_one_source_say_of_one_host_what_each_knows(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web", os="debian"), system("web", section="kernel", kernel="Linux")))
        cmdb.take(web.batch(system("web", section="kernel", kernel="Linux", kernel_release="6.1")))

        assert cmdb.one("class:Host").attributes == {
            "name": "web",
            "os": "debian",
            "kernel": "Linux",
            "kernel_release": "6.1",
        }

    def test_a_section_that_no_longer_lists_the_host_takes_back_what_it_said_of_it(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), system("web", section="kernel", kernel="Linux")))
        cmdb.take(web.batch(collected("kernel", ["Host"])))

        assert cmdb.one("class:Host").attributes == {"name": "web"}

    def test_a_host_is_not_retired_because_no_section_says_anything_of_it(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web")))
        cmdb.take(web.batch(collected("os", ["Host"])))

        assert len(cmdb.found("class:Host")) == 1
        assert cmdb.one("class:Host").attributes == {}

    def test_an_address_is_one_ci_for_all_who_have_it(self, cmdb: Receiver) -> None:
        for name in ("a", "b"):
            cmdb.take(Reporter(name).batch(system(name), network("10.0.0.1")))
        assert len(cmdb.found("class:IPAddress")) == 1
        assert len(cmdb.links("HAS_ADDRESS")) == 2

        for name, left in (("a", 1), ("b", 0)):
            cmdb.take(Reporter(name, sequence=1).batch(system(name), network()))
            assert len(cmdb.found("class:IPAddress")) == left


class TestSeveralSources:
    agent = staticmethod(lambda: Reporter("web"))
    ssh = staticmethod(lambda: Reporter("web", source="ssh:web", route="ssh"))
    people = staticmethod(lambda: Reporter("web", source="people", route="manual"))

    def test_both_sources_find_the_same_host(self, cmdb: Receiver) -> None:
        for source in (self.agent(), self.ssh()):
            cmdb.take(source.batch(system("web"), packages("a")))

        assert len(cmdb.found("class:Host")) == 1
        assert cmdb.head() == 1
        assert len(claims(cmdb, PACKAGE)) == 2

    def test_a_claim_that_changes_no_value_makes_no_revision(self, cmdb: Receiver) -> None:
        cmdb.take(self.agent().batch(system("web", os="debian")))

        receipt = cmdb.take(self.people().batch(system("web", os="windows")))

        assert receipt["revision"] is None
        assert cmdb.one("class:Host").attributes["os"] == "debian"
        assert {"name": "web", "os": "windows"} in [c.attributes for c in claims(cmdb, "class:Host")]

    def test_a_lower_rank_fills_a_gap(self, cmdb: Receiver) -> None:
        cmdb.take(self.agent().batch(system("web", os="debian")))
        cmdb.take(self.people().batch(system("web", os="windows", os_version="12")))

        assert cmdb.one("class:Host").attributes == {"name": "web", "os": "debian", "os_version": "12"}

    def test_a_higher_rank_overwrites_whoever_came_first(self, cmdb: Receiver) -> None:
        cmdb.take(self.people().batch(system("web", os="windows")))
        cmdb.take(self.agent().batch(system("web", os="debian")))

        assert cmdb.one("class:Host").attributes["os"] == "debian"

    @pytest.mark.parametrize("order", [(0, 100), (100, 0)])
    def test_within_a_rank_the_newest_observation_speaks(self, cmdb: Receiver, order: tuple[int, int]) -> None:
        cmdb.now = 100
        for source, at in zip((self.agent(), self.ssh()), order, strict=True):
            cmdb.take(source.batch(system("web", os=f"seen at {at}"), at=at))

        assert cmdb.one("class:Host").attributes["os"] == "seen at 100"

    def test_a_full_section_withdraws_older_claims_of_others_of_its_rank(self, cmdb: Receiver) -> None:
        agent, ssh = self.agent(), self.ssh()
        cmdb.take(agent.batch(system("web"), packages("a", "b")))
        cmdb.now = 60

        cmdb.take(ssh.batch(system("web"), packages("a"), at=60))

        assert cmdb.names(PACKAGE) == ["a"]

    @pytest.mark.parametrize("others", [1, 2])
    def test_it_does_so_however_many_claim_it(self, cmdb: Receiver, others: int) -> None:
        for number in range(others):
            cmdb.take(Reporter("web", source=f"ssh:{number}", route="ssh").batch(system("web"), packages("a", "b")))
        cmdb.now = 60

        cmdb.take(self.agent().batch(system("web"), packages("a"), at=60))

        assert cmdb.names(PACKAGE) == ["a"]

    def test_what_was_withdrawn_comes_back_when_its_source_has_looked_anew(self, cmdb: Receiver) -> None:
        agent, ssh = self.agent(), self.ssh()
        both = [system("web"), packages("a", "b")]
        cmdb.take(ssh.batch(*both))
        cmdb.now = 60
        cmdb.take(agent.batch(system("web"), packages("a"), at=60))
        assert cmdb.names(PACKAGE) == ["a"]

        cmdb.take(ssh.batch(*both, at=30))
        assert cmdb.names(PACKAGE) == ["a"]
        cmdb.now = 120
        cmdb.take(ssh.batch(*both, at=90))
        assert cmdb.names(PACKAGE) == ["a", "b"]

    def test_an_older_look_withdraws_nothing_of_a_newer_one(self, cmdb: Receiver) -> None:
        cmdb.now = 60
        cmdb.take(self.agent().batch(system("web"), packages("a", "b"), at=60))

        cmdb.take(self.ssh().batch(system("web"), packages("a"), at=10))

        assert cmdb.names(PACKAGE) == ["a", "b"]

    def test_less_privilege_or_a_lower_rank_withdraws_nothing(self, cmdb: Receiver) -> None:
        cmdb.take(self.agent().batch(system("web"), packages("a", "b")))
        cmdb.now = 60
        cmdb.take(self.ssh().batch(system("web"), packages("a", privilege="user"), at=60))
        cmdb.take(self.people().batch(packages("a"), at=60))

        assert cmdb.names(PACKAGE) == ["a", "b"]

    def test_a_thing_of_two_sources_retires_with_its_last_claim(self, cmdb: Receiver) -> None:
        agent, people = self.agent(), self.people()
        cmdb.take(people.batch(system("web"), packages("a")))
        cmdb.take(agent.batch(system("web"), accounts("root")))

        cmdb.take(people.batch(packages()))

        assert cmdb.names(PACKAGE) == []

    def test_an_agent_does_not_write_what_is_peoples_to_say(self, cmdb: Receiver) -> None:
        change = ChangeRecord(instance="local", number="CHG1", title="forged")
        said = collected("records", ["ChangeRecord"], [change])

        receipt = cmdb.take(self.agent().batch(system("web"), said))

        assert outcomes(receipt)["records"] == "refused"

    def test_identifiers_of_all_sources_are_the_hosts(self, cmdb: Receiver) -> None:
        agent, ssh = self.agent(), self.ssh()
        cmdb.take(agent.batch(system("web")))
        ssh.marks = {"machine_id": agent.marks.get("machine_id"), **_with_key("web")}
        cmdb.take(ssh.batch(system("web")))

        schemes = {i.split(" ")[0] for i in cmdb.one("class:Host").identifiers}
        assert schemes == {"agent", "key+name", "machine+key"}


def _with_key(host: str) -> dict[str, object]:
    return {**marks_of(host), "ssh_host_keys": ["SHA256:abc"]}


class TestReturn:
    def retire(self, cmdb: Receiver) -> None:
        """Retire everything, as a person would."""
        with cmdb.store.transaction() as tx:
            head = tx.head()
            end = Retirement("people", None)
            items, links = list(tx.scan()), list(tx.scan_links())
            changes = [("retired", "ci", i.id, i.digest.hex(), None) for i in items]
            changes += [("retired", "link", link_id(k), k.digest.hex(), None) for k in links]
            revision = Revision(
                head.number + 1, head.committed_at + 1, "retire", "people", "me", "scrapped", previous=head.digest
            )
            done = Commit(revision, retired=[(i, end) for i in items], links_retired=[(k, end) for k in links])
            revision.changes = len(changes)
            revision.digest = revision_digest(revision, changes, evidence_of(done))
            tx.write(done)

    def test_a_retired_host_that_reports_again_is_the_same_with_all_it_tells(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        said = [system("web"), network("10.0.0.1"), software("nginx:80"), packages("a")]
        cmdb.take(web.batch(*said))
        before = {i.id: (i.class_name, i.key, i.born) for i in cmdb.found("")}
        links = cmdb.links()
        self.retire(cmdb)
        assert cmdb.found("") == []

        cmdb.take(web.batch(*said))

        assert {i.id: (i.class_name, i.key, i.born) for i in cmdb.found("")} == before
        assert cmdb.links() == links
        assert {i.since for i in cmdb.found("")} == {3}

    def test_what_is_held_of_it_does_not_count(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        said = [system("web"), packages("a")]
        cmdb.take(web.batch(*said))
        self.retire(cmdb)

        with pytest.raises(InvalidDocument, match="send the lines"):
            cmdb.take(web.batch(*said, same=True))
        receipt = cmdb.take(web.batch(*said, held={s.name: s.digest for s in said}))

        assert outcomes(receipt) == {"os": "refused", "packages": "refused"}

    def test_a_failed_section_of_it_brings_nothing_back(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), packages("a")))
        self.retire(cmdb)

        cmdb.take(web.batch(system("web"), failed(packages("a"))))

        assert [i.class_name for i in cmdb.found("")] == ["Host"]


def test_a_new_host_says_again_what_another_said_of_a_shared_address(cmdb: Receiver) -> None:
    address, subnet = IPAddress(address="10.0.0.1", version=4), Subnet(prefix="10.0.0.0/24", version=4)
    there = Relation("IN_SUBNET", address.ref(), subnet.ref())
    hosts = [Reporter("web"), Reporter("clone")]

    for host in hosts:
        cmdb.take(
            host.batch(system(host.host), collected("network", ["IPAddress", "Subnet"], [address, subnet], [there]))
        )

    assert cmdb.links("IN_SUBNET") == {("10.0.0.1", "IN_SUBNET", "10.0.0.0/24")}
    assert cmdb.link("IN_SUBNET").since == 1
    for host in hosts:
        cmdb.take(host.batch(system(host.host), collected("network", ["IPAddress", "Subnet"], types=["IN_SUBNET"])))
        assert len(cmdb.links("IN_SUBNET")) == (host is hosts[0])


def test_long_keys_are_cut_and_stay_apart(cmdb: Receiver) -> None:
    names = ["n" * 3000 + end for end in "ab"]
    found = [SoftwarePackage(manager="dpkg", name=n, architecture="amd64") for n in names]

    cmdb.take(Reporter("web").batch(collected("packages", ["SoftwarePackage"], found)))

    assert cmdb.names(PACKAGE) == names
    assert max(len(i.key.encode()) for i in cmdb.found(PACKAGE)) <= 2000


def test_a_flag_that_becomes_false_is_a_change(cmdb: Receiver) -> None:
    web = Reporter("web")
    for exposed in (True, False):
        end = Endpoint(name="e", protocol="tcp", address="::", port=1, exposed=exposed)
        cmdb.take(web.batch(collected("software", ["Endpoint"], [end])))

    assert cmdb.head() == 2
