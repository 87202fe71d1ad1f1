"""Which sections are applied, which are only seen again, which refused."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.model.batch import Section
from cmdb.model.errors import InvalidDocument
from cmdb.model.values import canonical, digest
from tests.cmdb.building import (
    START,
    Receiver,
    Reporter,
    accounts,
    failed,
    network,
    outcomes,
    packages,
    raw,
    software,
    system,
)


def problems(receipt: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {line["section"]: line["problem"] for line in receipt["sections"] if "problem" in line}


@pytest.mark.parametrize("outcome", ["failed", "not_applicable"])
def test_a_section_that_was_not_collected_retires_nothing(cmdb: Receiver, outcome: str) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), packages("a")))

    receipt = cmdb.take(web.batch(system("web"), failed(packages(), "no dpkg", outcome)))

    assert receipt["sections"][1] == {"section": "packages", "outcome": outcome, "reason": "no dpkg"}
    assert receipt["revision"] is None
    assert cmdb.names("class:SoftwarePackage") == ["a"]
    assert cmdb.scopes("web")[("packages", "agent:web")].outcome == outcome


def test_coverage_is_noted_where_it_differs_and_only_there(cmdb: Receiver) -> None:
    web = Reporter("web")
    for at, said in enumerate([packages("a"), packages("b"), failed(packages()), failed(packages()), packages("b")]):
        cmdb.now = at
        cmdb.take(web.batch(said, at=at))

    with cmdb.store.view() as view:
        id_ = view.scopes(cmdb.one("class:Host").id)[0].subject
        noted = [[c.outcome for c in view.coverage([id_], at_time)] for at_time in _times(5)]
        starts = [view.coverage([id_], at_time)[0].seen_at for at_time in _times(5)]
    assert noted == [["collected"], ["collected"], ["failed"], ["failed"], ["collected"]]
    assert len(set(starts)) == 3


def test_coverage_follows_the_order_of_batches_though_the_clock_goes_back(cmdb: Receiver) -> None:
    web = Reporter("web")
    for at, said in ((60, packages("a")), (50, failed(packages())), (40, packages("a")), (30, failed(packages()))):
        cmdb.now = at
        cmdb.take(web.batch(said, at=at))
        cmdb.sound()

    with cmdb.view() as view:
        assert [c.outcome for c in view.coverage()] == ["failed"]


def _times(count: int) -> list[int]:
    return [START + n * 1_000_000 for n in range(count)]


def test_the_time_until_which_values_were_true_is_that_of_the_last_success(cmdb: Receiver) -> None:
    web = Reporter("web")
    for at, said in ((0, packages("a")), (10, packages("a")), (20, failed(packages())), (30, packages())):
        cmdb.now = at
        cmdb.take(web.batch(system("web"), said, at=at))

    with cmdb.view() as view:
        ended = view.changed(1, cmdb.head())
        (last,) = view.history(ended[0][2])
    assert (last.ended, last.ended_not_before) == ("retired", _times(11)[10])
    assert last.witness == "agent:web packages agent:web 4"


class TestPrivilege:
    def test_narrower_ones_retire_nothing_however_often_they_come(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), accounts("root", "ann", uid=1)))
        for names in (["root"], ["root", "bob"], ["root"]):
            cmdb.take(web.batch(system("web"), accounts(*names, privilege="user", shell="sh")))

        assert cmdb.names("class:LocalAccount") == ["ann", "bob", "root"]
        assert cmdb.one("class:LocalAccount name:root").attributes == {"name": "root", "uid": 1, "shell": "sh"}

    def test_the_next_full_one_tells_what_is_gone_though_its_digest_is_the_narrower_ones(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), accounts("root", "ann")))
        cmdb.take(web.batch(system("web"), accounts("root", privilege="user")))

        cmdb.take(web.batch(system("web"), accounts("root")))

        assert cmdb.names("class:LocalAccount") == ["root"]

    def test_a_source_that_never_saw_more_is_a_witness_of_what_it_saw(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), accounts("root", "ann", privilege="user")))
        cmdb.take(web.batch(system("web"), accounts("root", privilege="user")))

        assert cmdb.names("class:LocalAccount") == ["root"]


class TestSame:
    def test_one_line_stands_for_all_sections(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        said = [system("web"), packages("a"), failed(accounts())]
        cmdb.take(web.batch(*said))
        cmdb.now = 10

        data = web.batch(*said, at=10, same=True)
        receipt = cmdb.take(data)

        assert data.count(b"\n") == 2
        assert outcomes(receipt) == {"accounts": "unchanged", "os": "unchanged", "packages": "unchanged"}
        assert {s.sequence for s in cmdb.scopes("web").values()} == {2}
        assert cmdb.head() == 1

    def test_it_says_nothing_of_a_section_that_the_last_batch_did_not_have(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), packages("a")))
        cmdb.take(web.batch(system("web")))
        cmdb.now = 10

        receipt = cmdb.take(web.batch(system("web"), at=10, same=True))

        assert outcomes(receipt) == {"os": "unchanged"}
        assert cmdb.scopes("web")[("packages", "agent:web")].sequence == 1

    def test_an_unknown_one_is_answered_by_asking_for_the_lines(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web")))

        with pytest.raises(InvalidDocument, match="send the lines"):
            cmdb.take(web.batch(system("web"), packages("a"), same=True))
        with pytest.raises(InvalidDocument, match="send the lines"):
            cmdb.take(Reporter("new").batch(system("new"), same=True))

        assert cmdb.names("class:Host") == ["web"]

    def test_a_batch_with_a_refused_section_can_not_be_stood_for(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        said = [system("web"), raw("packages", {"items": 1, "relations": []})]
        cmdb.take(web.batch(*said))

        with pytest.raises(InvalidDocument, match="send the lines"):
            cmdb.take(web.batch(*said, same=True))

    def test_new_identifiers_beside_it_are_taken(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web")))
        web.marks = {
            "agent_key": "key-web",
            "machine_id": digest("web")[:32],
            "dmi_uuid": "4c4c4544-0051-3610-8052-b4c04f4a4e31",
        }

        receipt = cmdb.take(web.batch(system("web"), same=True))

        assert receipt["updated"] == 1
        assert any(i.startswith("dmi ") for i in cmdb.one("class:Host").identifiers)
        assert cmdb.take(web.batch(system("web"), same=True))["revision"] is None


class TestParts:
    def split(self, name: str, *bodies: dict[str, Any]) -> Section:
        lines = [canonical(body).encode() for body in bodies]
        made = raw(name, lines[0], ["SoftwarePackage"])
        made.bodies, made.digests, made.parts = list(lines), [digest(line) for line in lines], len(lines)
        return made

    def part(self, *names: str) -> dict[str, Any]:
        items = [
            {"class": "SoftwarePackage", "key": f"dpkg/{n}/amd64", "attributes": {"name": n}} for n in sorted(names)
        ]
        return {"items": items, "relations": []}

    def test_a_complete_set_is_one_section(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), self.split("packages", self.part("a"), self.part("b", "c"))))
        cmdb.take(web.batch(system("web"), self.split("packages", self.part("a"), self.part("c"))))

        assert cmdb.names("class:SoftwarePackage") == ["a", "c"]

    def test_an_incomplete_set_adds_and_retires_nothing(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), self.split("packages", self.part("a"), self.part("b"))))
        cut = self.split("packages", self.part("c"), self.part("b"))
        cut.bodies, cut.digests = cut.bodies[:1], cut.digests[:1]

        cmdb.take(web.batch(system("web"), cut))
        assert cmdb.names("class:SoftwarePackage") == ["a", "b", "c"]

        cmdb.take(web.batch(system("web"), self.split("packages", self.part("c"), self.part("b"))))
        assert cmdb.names("class:SoftwarePackage") == ["b", "c"]

    def test_the_same_item_in_two_parts_is_refused(self, cmdb: Receiver) -> None:
        receipt = cmdb.take(
            Reporter("web").batch(system("web"), self.split("packages", self.part("a"), self.part("a")))
        )

        assert problems(receipt)["packages"]["path"] == "/sections/packages/1/items/0"

    def test_a_set_that_begins_in_the_middle_is_refused(self, cmdb: Receiver) -> None:
        data = Reporter("web").batch(system("web"), self.split("packages", self.part("a"), self.part("b")))
        lines = data.splitlines(keepends=True)
        first = next(n for n, line in enumerate(lines) if b'"part":[1,2]' in line)

        receipt = cmdb.take(b"".join(lines[:first] + lines[first + 2 :]))

        assert "part 2 of 2 came first" in problems(receipt)["packages"]["title"]


class TestRelationEnds:
    def test_a_section_that_names_what_is_not_there_is_refused_alone(self, cmdb: Receiver) -> None:
        lone = raw(
            "exposes",
            {"items": [], "relations": [{"type": "EXPOSES", "subject": ["SoftwareInstance", "x"], "object": "."}]},
            types=["EXPOSES"],
        )

        receipt = cmdb.take(Reporter("web").batch(system("web"), lone, packages("a")))

        assert outcomes(receipt) == {"exposes": "refused", "os": "collected", "packages": "collected"}
        assert problems(receipt)["exposes"]["path"] == "/sections/exposes/relations"

    def test_the_end_may_be_told_by_another_section_of_the_batch_or_an_earlier_one(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        row = {"type": "DEPENDS_ON", "subject": ".", "object": ["SoftwareInstance", "unit nginx"]}
        own = raw("own", {"items": [], "relations": [row]}, types=["DEPENDS_ON"])

        assert outcomes(cmdb.take(web.batch(system("web"), software("nginx:80"), own)))["own"] == "collected"
        again = raw("own", {"items": [], "relations": [dict(row, attributes={"why": "x"})]}, types=["DEPENDS_ON"])
        assert outcomes(cmdb.take(web.batch(again)))["own"] == "collected"
        assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "web/nginx")}

    def test_what_falls_with_a_refused_section_is_refused_too(self, cmdb: Receiver) -> None:
        bad = software("nginx:80")
        bad.mismatch = ""
        bad.digests = [digest("other")]
        row = {"type": "DEPENDS_ON", "subject": ".", "object": ["SoftwareInstance", "unit nginx"]}
        own = raw("own", {"items": [], "relations": [row]}, types=["DEPENDS_ON"])

        receipt = cmdb.take(Reporter("web").batch(system("web"), bad, own))

        assert outcomes(receipt) == {"os": "collected", "own": "refused", "software": "refused"}

    def test_an_end_that_this_very_batch_retires_is_not_there(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        row = {"type": "DEPENDS_ON", "subject": ".", "object": ["SoftwareInstance", "unit nginx"]}
        own = raw("own", {"items": [], "relations": [row]}, types=["DEPENDS_ON"])
        cmdb.take(web.batch(system("web"), software("nginx:80")))

        receipt = cmdb.take(web.batch(software(), own))

        assert outcomes(receipt) == {"own": "refused", "software": "collected"}
        assert cmdb.links() == set()

    def test_a_relation_that_went_with_its_end_comes_back_though_its_section_is_unchanged(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        row = {"type": "DEPENDS_ON", "subject": ".", "object": ["SoftwareInstance", "unit nginx"]}
        own = raw("own", {"items": [], "relations": [row]}, types=["DEPENDS_ON"])
        cmdb.take(web.batch(system("web"), software("nginx:80"), own))
        cmdb.take(web.batch(software(), own))
        assert cmdb.links("DEPENDS_ON") == set()

        cmdb.take(web.batch(software("nginx:80"), own))

        assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "web/nginx")}


class TestScope:
    @pytest.mark.parametrize("outcome", ["collected", "failed"])
    @pytest.mark.parametrize(
        ("classes", "types", "path"),
        [(["Nonsense"], [], "classes"), ([], ["NONSENSE"], "relations"), ([], ["CONTAINS"], "relations")],
    )
    def test_a_scope_of_what_there_is_not_is_refused(
        self, cmdb: Receiver, outcome: str, classes: list[str], types: list[str], path: str
    ) -> None:
        said = raw("odd", {"items": [], "relations": []}, classes, types)

        receipt = cmdb.take(Reporter("web").batch(system("web"), said if outcome == "collected" else failed(said)))

        assert problems(receipt)["odd"]["path"] == f"/sections/odd/scope/{path}"

    def test_a_section_that_gives_up_a_class_is_no_witness_for_it(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), network("10.0.0.1")))
        narrower = raw("network", {"items": [], "relations": []}, ["NetworkInterface"], ["HAS_ADDRESS"])

        cmdb.take(web.batch(narrower))

        assert cmdb.names("class:NetworkInterface") == []
        assert cmdb.names("class:IPAddress") == ["10.0.0.1"]

    def test_a_failed_section_keeps_the_scope_that_it_had(self, cmdb: Receiver) -> None:
        web = Reporter("web")
        cmdb.take(web.batch(system("web"), packages("a")))
        blind = failed(packages())
        blind.classes = []

        cmdb.take(web.batch(blind))

        assert cmdb.scopes("web")[("packages", "agent:web")].classes == ["SoftwarePackage"]


def test_a_domain_that_changes_has_all_told_again(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), network("10.0.0.1")))
    web.domain = "lab"

    with pytest.raises(InvalidDocument, match="send the lines"):
        cmdb.take(web.batch(system("web"), network("10.0.0.1"), same=True))
    cmdb.take(web.batch(system("web"), network("10.0.0.1")))

    assert [i.key for i in cmdb.found("class:IPAddress")] == ["lab/10.0.0.1"]
    assert cmdb.links() == {("web/eth0", "HAS_ADDRESS", "10.0.0.1")}


def test_after_a_failure_the_privilege_is_that_of_the_last_look(cmdb: Receiver) -> None:
    web, ssh = Reporter("web"), Reporter("web", source="ssh", route="ssh")
    cmdb.take(web.batch(system("web", os="as root")))
    as_user = system("web", os="as user")
    as_user.privilege = "user"
    broken = failed(as_user, "permission denied")

    cmdb.now = 60
    cmdb.take(web.batch(broken, at=60))
    cmdb.take(ssh.batch(as_user, at=60))

    assert cmdb.scopes("web")[("os", "agent:web")].privilege == "full"
    assert cmdb.one("class:Host").attributes["os"] == "as root"


def test_a_set_with_a_part_missing_is_no_witness_for_others_either(cmdb: Receiver) -> None:
    agent, ssh = Reporter("web"), Reporter("web", source="ssh", route="ssh")
    cmdb.take(agent.batch(system("web"), packages("a")))
    partial = packages("b")
    partial.parts = 2
    cmdb.now = 60

    cmdb.take(ssh.batch(partial, at=60))

    assert cmdb.names("class:SoftwarePackage") == ["a", "b"]
    assert cmdb.scopes("web")[("packages", "ssh")].collected_at is None
