"""A split gives back what a merge joined, and leaves with each side what its own sources say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cmdb import aliases
from cmdb.merging import merge
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.times import SECOND
from cmdb.splitting import split
from tests.campaigns.length import LONG
from tests.cmdb.building import (
    START,
    Receiver,
    Reporter,
    accounts,
    failed,
    packages,
    receiver,
    system,
)
from tests.cmdb.test_taking import said

Told = list[tuple[int, dict[str, int]]]

SECTIONS = ("os", "packages", "network", "software", "flows", "dependencies", "accounts")
TELLING: st.SearchStrategy[Told] = st.lists(
    st.tuples(st.integers(0, 4), st.dictionaries(st.sampled_from(SECTIONS), st.integers(0, 15), min_size=1)), max_size=8
)


RANDOM = settings(
    max_examples=500 if LONG else 15, derandomize=not LONG, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def reporters() -> list[Reporter]:
    """Two sources of each of two hosts, one of them the same for both, and an agent on a third one."""
    found = [Reporter(host, source=f"{host}-agent") for host in ("web", "app")]
    found += [Reporter(host, source="sweep", route="ssh") for host in ("web", "app")]
    return [*found, Reporter("db")]


def tell(cmdb: Receiver, everyone: list[Reporter], told: Told) -> None:
    for place, sections in told:
        one = everyone[place]
        cmdb.now += 90
        one.sequence = cmdb.now
        cmdb.take(one.batch(*[said(one.host, name, what) for name, what in sections.items()], at=cmdb.now))


def opened(cmdb: Receiver, everyone: list[Reporter]) -> tuple[str, str]:
    """Every host is there, with software that flows may name; ids of web and app."""
    tell(cmdb, everyone, [(place, {"os": place, "software": 1 + place, "network": place + 1}) for place in range(5)])
    ids = {i.name: i.id for i in cmdb.found("class:Host")}
    return ids["web"], ids["app"]


def joined(cmdb: Receiver, one: str, other: str) -> dict[str, Any]:
    return merge(cmdb.store, one, other, "ann", "one machine", lambda: START + cmdb.now * SECOND, cmdb.random)


def parted(cmdb: Receiver, id_: str, *sources: str) -> dict[str, Any]:
    return split(cmdb.store, id_, "ann", "two machines", sources, lambda: START + cmdb.now * SECOND, cmdb.random)


CLAIMED_TWICE: Told = [
    (4, {"os": 10, "software": 3, "flows": 13}),
    (2, {"dependencies": 11}),
    (4, {"packages": 5, "flows": 15, "software": 15}),
    (1, {"packages": 15, "os": 5}),
    (1, {"flows": 11, "dependencies": 14}),
    (0, {"packages": 13}),
    (0, {"software": 12, "dependencies": 14, "accounts": 6}),
]
"""References of both lead to one relation, which ends as they are resolved anew."""


@RANDOM
@example(CLAIMED_TWICE, False)
@given(TELLING, st.booleans())
def test_a_split_gives_back_what_the_merge_joined(told: Told, turned: bool) -> None:
    with receiver() as cmdb:
        everyone = reporters()
        one, other = opened(cmdb, everyone)
        one, other = (other, one) if turned else (one, other)
        tell(cmdb, everyone, told)
        apart = cmdb.natural()

        joined(cmdb, one, other)
        together = cmdb.natural()
        parted(cmdb, other)

        assert cmdb.natural() == apart
        joined(cmdb, one, other)
        assert cmdb.natural() == together
        parted(cmdb, other)
        assert cmdb.natural() == apart
        cmdb.sound()


@RANDOM
@given(TELLING, TELLING, TELLING)
def test_whatever_is_reported_between_the_store_stays_sound(first: Told, second: Told, third: Told) -> None:
    with receiver() as cmdb:
        everyone = reporters()
        one, other = opened(cmdb, everyone)
        tell(cmdb, everyone, first)
        joined(cmdb, one, other)
        tell(cmdb, everyone, second)
        cmdb.sound()
        with cmdb.view() as view:
            assert aliases.resolve(view, other) == one
        assert len(cmdb.found("class:Host")) == 2
        parted(cmdb, other)
        cmdb.sound()
        tell(cmdb, everyone, third)
        cmdb.sound()
        assert sorted(i.id for i in cmdb.found("class:Host")) == sorted({one, other, cmdb.one("class:Host name:db").id})


def two(cmdb: Receiver) -> tuple[Reporter, Reporter, str, str]:
    """A host that an agent and a sweep report as two, and the ids of the two."""
    agent = Reporter("web", source="agent", marks={"agent_key": "a", "machine_id": "1" * 31 + "a"})
    sweep = Reporter("web", source="sweep", route="ssh", marks={"ssh_host_keys": ["SHA256:k"], "host_name": "web"})
    one = cmdb.take(agent.batch(system("web", os="debian"), packages("curl", "vim")))["ci"]
    other = cmdb.take(sweep.batch(system("web", cpu_count=4), packages("vim", "zsh")))["ci"]
    return agent, sweep, str(one), str(other)


def test_later_changes_stay_with_the_side_whose_source_told_them(cmdb: Receiver) -> None:
    agent, sweep, one, other = two(cmdb)
    joined(cmdb, one, other)
    cmdb.now = 60
    cmdb.take(sweep.batch(system("web", cpu_count=8), packages("zsh", "new", version="3"), accounts("eve"), at=60))
    cmdb.take(agent.batch(system("web", os="Alma"), packages("curl"), at=60))

    parted(cmdb, other)

    with cmdb.view() as view:
        parts = {id_: {p.name: p.attributes.get("versions") for p in view.parts(id_)} for id_ in (one, other)}
        wholes = view.items([one, other])
    assert parts[one] == {"curl": ["1"]}
    assert parts[other] == {"zsh": ["3"], "new": ["3"], "eve": None}
    assert wholes[one].attributes == {"name": "web", "os": "Alma"}
    assert wholes[other].attributes == {"name": "web", "cpu_count": 8}
    assert wholes[other].identifiers == ["key+name SHA256:k/web"]
    cmdb.sound()


def test_after_a_split_every_source_lands_on_its_own_ci_without_a_new_revision(cmdb: Receiver) -> None:
    agent, sweep, one, other = two(cmdb)
    joined(cmdb, one, other)
    parted(cmdb, other)
    before = cmdb.head()

    first = cmdb.take(agent.batch(system("web", os="debian"), packages("curl", "vim")))
    second = cmdb.take(sweep.batch(system("web", cpu_count=4), packages("vim", "zsh")))

    assert (first["ci"], second["ci"]) == (one, other)
    assert cmdb.head() == before
    with cmdb.view() as view:
        assert aliases.resolve(view, other) == other
        assert {p.name for p in view.parts(other)} == {"vim", "zsh"}


def test_parts_get_the_ids_back_that_they_had(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    with cmdb.view() as view:
        before = {p.id: p.key for id_ in (one, other) for p in view.parts(id_)}
    joined(cmdb, one, other)
    parted(cmdb, other)

    with cmdb.view() as view:
        assert {p.id: p.key for id_ in (one, other) for p in view.parts(id_)} == before


def test_a_merge_of_a_merge_is_undone_in_any_order(cmdb: Receiver) -> None:
    everyone = reporters()
    one, other = opened(cmdb, everyone)
    third = cmdb.one("class:Host name:db").id
    apart = cmdb.natural()
    joined(cmdb, one, other)
    joined(cmdb, third, one)
    with cmdb.view() as view:
        assert [aliases.resolve(view, i) for i in (one, other)] == [third, third]

    parted(cmdb, other)
    with cmdb.view() as view:
        assert aliases.resolve(view, other) == other
        assert aliases.resolve(view, one) == third
    parted(cmdb, one)

    assert cmdb.natural() == apart
    cmdb.sound()


def test_what_one_source_reports_becomes_a_ci_of_its_own(cmdb: Receiver) -> None:
    marks = {"machine_id": "1" * 31 + "a", "agent_key": "a", "ssh_host_keys": ["SHA256:k"], "host_name": "web"}
    agent = Reporter("web", source="agent", marks=marks)
    sweep = Reporter("web", source="sweep", route="ssh", marks={"ssh_host_keys": ["SHA256:k"], "host_name": "web"})
    one = cmdb.take(agent.batch(system("web"), packages("curl", "vim")))["ci"]
    assert cmdb.take(sweep.batch(system("web"), packages("vim", "zsh")))["ci"] == one

    done = parted(cmdb, str(one), "sweep")

    with cmdb.view() as view:
        assert {p.name for p in view.parts(str(one))} == {"curl", "vim"}
        assert {p.name for p in view.parts(done["split"])} == {"vim", "zsh"}
        assert view.entry("shared_identifier", "key+name SHA256:k/web") is not None
    assert cmdb.take(agent.batch(system("web"), packages("curl", "vim")))["ci"] == one
    cmdb.sound()


def test_what_a_source_tells_at_the_very_time_of_a_split_counts_after_it(cmdb: Receiver) -> None:
    """Revisions of one moment are told apart by a microsecond each; what comes next is later than all of them."""
    agent, _, one, other = two(cmdb)
    joined(cmdb, one, other)
    split_at = parted(cmdb, other)["revision"]

    cmdb.take(agent.batch(failed(packages())))

    with cmdb.view() as view:
        revision = view.revision(split_at)
        assert revision is not None
        then = {c.section: c.outcome for c in view.coverage([one], revision.committed_at) if c.source == "agent"}
        now = {c.section: c.outcome for c in view.coverage([one]) if c.source == "agent"}
    assert (then["packages"], now["packages"]) == ("collected", "failed")
    cmdb.sound()


def test_what_can_not_be_split_is_told_why(cmdb: Receiver) -> None:
    _, _, one, _ = two(cmdb)
    part = cmdb.one("class:SoftwarePackage name:curl").id

    with pytest.raises(ConflictError, match="--source"):
        parted(cmdb, one)
    with pytest.raises(NotFoundError):
        parted(cmdb, "0" * 26)
    with pytest.raises(UsageError, match="marks"):
        parted(cmdb, part, "agent")
    with pytest.raises(UsageError, match="its sources are agent"):
        parted(cmdb, one, "nobody")
    with pytest.raises(UsageError, match="would be left"):
        parted(cmdb, one, "agent")
    with pytest.raises(UsageError, match="why"):
        split(cmdb.store, joined(cmdb, *sorted(i.id for i in cmdb.found("class:Host")))["merged"], "ann", " ")
