"""What comes late, or out of order: which of two sections counts."""

from __future__ import annotations

from tests.cmdb.building import START, Receiver, Reporter, accounts, failed, outcomes, packages, system


def test_an_older_sequence_changes_nothing(cmdb: Receiver) -> None:
    web = Reporter("web")
    old = web.batch(system("web"), packages("old"))
    cmdb.take(web.batch(system("web"), packages("new")))

    receipt = cmdb.take(old)

    assert receipt["superseded"] == ["os", "packages"]
    assert (receipt["revision"], cmdb.names("class:SoftwarePackage")) == (None, ["new"])


def test_the_reporters_clock_does_not_count(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.now = 1000
    cmdb.take(web.batch(system("web"), packages("a"), at=900))
    cmdb.take(web.batch(system("web"), packages("b"), at=100))

    assert cmdb.names("class:SoftwarePackage") == ["b"]


def test_an_older_one_after_an_unchanged_one_changes_nothing(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), packages("a")))
    old = web.batch(system("web"), packages("b"))
    cmdb.take(web.batch(system("web"), packages("a")))

    assert cmdb.take(old)["superseded"] == ["os", "packages"]


def test_sources_have_sequences_of_their_own(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web", sequence=100).batch(system("web"), packages("a")))

    receipt = cmdb.take(Reporter("web", source="ssh:web", route="ssh").batch(accounts("root")))

    assert receipt["superseded"] == []
    assert cmdb.names("class:LocalAccount") == ["root"]


def test_a_late_section_counts_where_what_came_after_it_saw_nothing(cmdb: Receiver) -> None:
    web = Reporter("web")
    first = web.batch(system("web"), at=0)
    late = web.batch(system("web", os="old"), packages("a"), accounts("x"), at=10)
    after = web.batch(system("web", os="new"), failed(packages(), "timed out"), accounts("y"), at=20)
    cmdb.now = 30
    cmdb.take(first)
    cmdb.take(after)

    receipt = cmdb.take(late)

    assert receipt["superseded"] == ["accounts", "os"]
    assert outcomes(receipt) == {"packages": "collected"}
    assert (cmdb.names("class:SoftwarePackage"), cmdb.names("class:LocalAccount")) == (["a"], ["y"])
    assert cmdb.one("class:Host").attributes["os"] == "new"
    standing = cmdb.scopes("web")[("packages", "agent:web")]
    assert (standing.outcome, standing.reason, standing.sequence) == ("failed", "timed out", 3)
    assert (standing.collected_sequence, standing.collected_at) == (2, START + 10_000_000)
    head = cmdb.head()
    cmdb.take(late)
    assert cmdb.head() == head


def test_a_late_failure_hides_no_later_success(cmdb: Receiver) -> None:
    web = Reporter("web")
    late = web.batch(system("web"), failed(packages(), "timed out"))
    cmdb.take(web.batch(system("web"), packages("a")))

    assert cmdb.take(late)["superseded"] == ["os", "packages"]
    assert cmdb.scopes("web")[("packages", "agent:web")].outcome == "collected"
