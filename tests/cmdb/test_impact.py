"""What breaks: levels, causes, hosts, the frontier; and that the arrays say what the plain walk says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.impact import ImpactReport, impact
from cmdb.model.classes import CLASSES
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.model.relationship_types import LEVELS
from cmdb.model.values import canonical
from cmdb.topology import load
from tests.cmdb.estate import Estate, empty_estate, id_of
from tests.cmdb.random_history import HISTORIES, WIRED, Step, happen
from tests.cmdb.reference_walk import passes, states_of, walk
from tests.cmdb.reference_wiring import ways_of


def ask(estate: Estate, *seeds: str, **more: Any) -> ImpactReport:
    with estate.store.view() as view:
        return impact(view, [id_of(seed) for seed in seeds], **more)


def told(report: ImpactReport) -> list[tuple[str, str]]:
    return [(row["name"], row["level"]) for row in report.impacted]


def three_tiers(estate: Estate) -> None:
    """nginx on web, an application on app, postgres on db; each talks to the endpoint of the next."""
    for host, software, port in (("web", "nginx", "443"), ("app", "shop", "8080"), ("db", "postgres", "5432")):
        on = estate.add("Host", host)
        running = estate.add("SoftwareInstance", software, on)
        estate.link(running, "EXPOSES", estate.add("Endpoint", port, on, address="10.0.0.1", port=int(port)))
    estate.commit()
    estate.link(id_of("nginx"), "TALKS_TO", id_of("8080"))
    estate.link(id_of("shop"), "TALKS_TO", id_of("5432"))
    estate.commit()


def test_clients_of_clients_of_a_database_are_possibly_hit_with_path_rule_and_host() -> None:
    with empty_estate() as estate:
        three_tiers(estate)

        report = ask(estate, "postgres")

        assert told(report) == [
            ("5432", "outage"),
            ("443", "possible"),
            ("8080", "possible"),
            ("nginx", "possible"),
            ("shop", "possible"),
        ]
        shop = report.impacted[-1]
        assert shop == {
            "id": id_of("shop"),
            "class": "SoftwareInstance",
            "name": "shop",
            "level": "possible",
            "on": id_of("app"),
            "on_name": "app",
            "path": [
                {"id": id_of("postgres"), "type": None, "rule": None},
                {
                    "id": id_of("5432"),
                    "type": "EXPOSES",
                    "rule": "an endpoint is gone with the software that listens there",
                },
                {"id": id_of("shop"), "type": "TALKS_TO", "rule": "a client was seen talking to it"},
            ],
            "rule": "a client was seen talking to it",
        }
        assert report.complete
        assert report.frontier == []
        assert report.revision == 2
        assert [row["name"] for row in report.seeds] == ["postgres"]


def test_as_of_a_time_before_the_connection_there_is_no_impact_over_it() -> None:
    with empty_estate() as estate:
        three_tiers(estate)

        report = ask(estate, "postgres", at=1)

        assert told(report) == [("5432", "outage")]
        assert report.revision == 1


def test_a_host_takes_its_parts_and_software_with_it() -> None:
    with empty_estate() as estate:
        three_tiers(estate)

        levels = dict(told(ask(estate, "db")))

        assert levels["postgres"] == levels["5432"] == "outage"
        assert levels["shop"] == "possible"
        assert "db" not in levels


def test_trouble_that_rose_from_a_part_hits_who_depends_on_the_host_but_no_other_part() -> None:
    with empty_estate() as estate:
        three_tiers(estate)
        estate.add("FileSystem", "/var", id_of("db"))
        estate.link(id_of("shop"), "DEPENDS_ON", id_of("db"))
        estate.commit()

        report = ask(estate, "/var")

        assert told(report) == [
            ("8080", "degraded"),
            ("db", "degraded"),
            ("shop", "degraded"),
            ("443", "possible"),
            ("nginx", "possible"),
        ]


def test_a_soft_dependency_degrades_and_the_worst_way_counts() -> None:
    with empty_estate() as estate:
        three_tiers(estate)
        estate.link(id_of("shop"), "DEPENDS_ON", id_of("postgres"), strength="soft")
        estate.commit()
        assert dict(told(ask(estate, "postgres")))["shop"] == "degraded"

        estate.link(id_of("shop"), "DEPENDS_ON", id_of("postgres"))
        estate.commit()
        assert dict(told(ask(estate, "postgres")))["shop"] == "outage"


def test_what_is_down_already_adds_to_it_and_is_not_listed() -> None:
    with empty_estate() as estate:
        three_tiers(estate)

        report = ask(estate, "nginx", down=[id_of("postgres"), id_of("nginx")])

        assert [row["name"] for row in report.down] == ["postgres"]
        names = {row["name"] for row in report.impacted}
        assert {"443", "5432", "shop"} <= names
        assert not {"nginx", "postgres"} & names


def test_a_package_is_outside_the_topology_and_said_to_be() -> None:
    with empty_estate() as estate:
        three_tiers(estate)
        estate.add("SoftwarePackage", "libc6", id_of("web"))
        estate.commit()

        report = ask(estate, "libc6")

        assert report.complete
        assert report.impacted == []
        assert [(row["name"], row["on"]) for row in report.outside] == [("libc6", id_of("web"))]
        assert "outside the impact topology" in report.outside[0]["reason"]
        assert report.seeds[0]["starts"] == []


def test_an_address_stands_for_the_interface_that_has_it_and_what_is_bound_to_it() -> None:
    with empty_estate() as estate:
        three_tiers(estate)
        address = estate.add("IPAddress", "10.0.0.1", address="10.0.0.1")
        lonely = estate.add("IPAddress", "10.0.0.9", address="10.0.0.9")
        estate.link(estate.add("NetworkInterface", "eth0", id_of("db")), "HAS_ADDRESS", address)
        estate.commit()

        report = ask(estate, "10.0.0.1")

        assert report.seeds[0]["starts"] == sorted([id_of("eth0"), id_of("5432")])
        assert dict(told(report))["db"] == "degraded"
        assert dict(told(report))["shop"] == "possible"
        assert report.outside == []
        with estate.store.view() as view:
            assert [row["id"] for row in impact(view, [lonely]).outside] == [lonely]


def test_a_change_record_stands_for_what_it_affects() -> None:
    with empty_estate() as estate:
        three_tiers(estate)
        estate.add("SoftwarePackage", "libc6", id_of("web"))
        change, other = estate.add("ChangeRecord", "CHG1"), estate.add("ChangeRecord", "CHG2")
        for affected in (id_of("postgres"), id_of("libc6"), other):
            estate.link(change, "AFFECTS", affected)
        estate.link(other, "AFFECTS", change)
        estate.commit()

        report = ask(estate, "CHG1")

        assert report.seeds[0]["starts"] == [id_of("postgres")]
        assert dict(told(report))["shop"] == "possible"
        assert [row["name"] for row in report.outside] == ["CHG2", "libc6"]


def test_an_id_that_there_is_not_and_one_that_is_retired_are_refused_each_in_its_way() -> None:
    with empty_estate() as estate:
        three_tiers(estate)
        estate.retire(id_of("postgres"))
        estate.commit()

        with pytest.raises(NotFoundError, match="There is no configuration item"):
            ask(estate, "nothing")
        with pytest.raises(NotFoundError, match=r"postgres .* is not there any more; --at"):
            ask(estate, "postgres")
        assert dict(told(ask(estate, "postgres", at=2)))["shop"] == "possible"


def test_a_question_without_a_seed_or_a_limit_is_refused() -> None:
    with empty_estate() as estate:
        three_tiers(estate)

        with pytest.raises(UsageError, match="at least one"):
            ask(estate)
        with pytest.raises(UsageError, match="limit"):
            ask(estate, "nginx", limit=0)


def test_a_limit_keeps_the_worst_and_nearest_and_names_the_frontier() -> None:
    with empty_estate() as estate:
        three_tiers(estate)

        report = ask(estate, "postgres", limit=2)

        assert told(report) == [("5432", "outage"), ("shop", "possible")]
        assert not report.complete
        assert report.left_out == 3
        assert [row["name"] for row in report.frontier] == ["shop"]


def test_a_topology_at_hand_gives_the_same_answer_when_the_graph_has_moved_on() -> None:
    with empty_estate() as estate:
        three_tiers(estate)
        with estate.store.view() as view:
            kept = load(view)
        estate.link(id_of("nginx"), "DEPENDS_ON", id_of("postgres"))
        estate.commit()

        assert ask(estate, "postgres", topology=kept) == ask(estate, "postgres")
        assert ask(estate, "postgres", topology=kept, at=2) == ask(estate, "postgres", at=2)


def test_the_document_is_canonical_json_with_the_agreed_members() -> None:
    with empty_estate() as estate:
        three_tiers(estate)

        document = ask(estate, "db").document()

        assert {"complete", "frontier", "revision", "impacted", "services", "owners", "redacted"} <= set(document)
        assert canonical(document) == canonical(ask(estate, "db").document())


@settings(max_examples=120)
@given(HISTORIES | WIRED, st.lists(st.integers(0, 30), min_size=1, max_size=3), st.integers(1, 12))
def test_the_arrays_say_what_the_plain_walk_says(history: list[list[Step]], picks: list[int], limit: int) -> None:
    with empty_estate() as estate:
        for steps in history:
            happen(estate, steps)
        nodes = sorted(i for i, item in estate.items.items() if CLASSES[item.class_name].topology)
        seeds = {nodes[pick % len(nodes)] for pick in picks} if nodes else set()
        if not seeds:
            return
        ways = ways_of(estate, seeds)
        expected = walk(ways, seeds)

        with estate.store.view() as view:
            whole = impact(view, sorted(seeds))
            cut = impact(view, sorted(seeds), limit=limit)

        assert {
            row["id"]: (row["level"], tuple((s["id"], s["type"], s["rule"]) for s in row["path"]))
            for row in whole.impacted
        } == {id_: (reached.level, reached.path) for id_, reached in expected.items()}
        order = [(-LEVELS.index(row["level"]), row["class"], row["name"], row["id"]) for row in whole.impacted]
        assert order == sorted(order)
        nearest = sorted(expected, key=lambda i: (-LEVELS.index(expected[i].level), len(expected[i].path), i))
        kept = set(nearest[:limit])
        assert {row["id"] for row in cut.impacted} == kept
        assert cut.left_out == len(expected) - len(kept)
        assert {row["id"] for row in cut.frontier} == {
            arc.source
            for arc in ways.arcs
            for state in states_of(ways, seeds)
            if passes(arc, state) and arc.source in kept | seeds and arc.target not in kept | seeds
        }
        for row in cut.impacted:
            assert {step["id"] for step in row["path"]} <= kept | seeds
