"""The relationship table fits the classes, and its rules are found from the specific to the general."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import LEVELS, RELATIONSHIP_TYPES, RULES, SOFT_RULES, rule_for


def test_containment_of_every_part_is_a_type_that_says_which_end_is_the_part() -> None:
    types = {c.containment for c in CLASSES.values() if c.parents}

    assert {t: RELATIONSHIP_TYPES[t].part for t in types} == {"CONTAINS": "object", "RUNS_ON": "subject"}


def test_every_rule_names_a_type_classes_and_levels_that_exist() -> None:
    for type_name, subject_class, object_class in RULES:
        assert type_name in RELATIONSHIP_TYPES
        assert {subject_class, object_class} - {"*"} <= set(CLASSES)
    assert set(SOFT_RULES) <= set(RELATIONSHIP_TYPES)
    effects = [e for r in (*RULES.values(), *SOFT_RULES.values()) for e in (r.forward, r.backward) if e]
    assert {e.level for e in effects} <= set(LEVELS)
    assert all(e.text for e in effects)


def test_trouble_rises_only_over_containment() -> None:
    assert all(RELATIONSHIP_TYPES[key[0]].part for key, rule in RULES.items() if rule.from_part)


def test_no_name_reads_as_another_types_inverse() -> None:
    inverses = [t.inverse for t in RELATIONSHIP_TYPES.values()]

    assert len(set(inverses) | set(RELATIONSHIP_TYPES)) == 2 * len(RELATIONSHIP_TYPES)


def test_the_most_specific_rule_wins() -> None:
    host_and_disk = rule_for("CONTAINS", "Host", "FileSystem")
    host_and_port = rule_for("CONTAINS", "Host", "Endpoint")

    assert host_and_disk
    assert host_and_disk.from_part
    assert host_and_port
    assert host_and_port.backward is None


def test_a_soft_dependency_degrades_and_a_hard_one_stops() -> None:
    hard = rule_for("DEPENDS_ON", "SoftwareInstance", "Endpoint")
    soft = rule_for("DEPENDS_ON", "SoftwareInstance", "Endpoint", soft=True)

    assert hard
    assert soft
    assert hard.backward
    assert soft.backward
    assert (hard.backward.level, soft.backward.level) == ("outage", "degraded")


def test_trouble_does_not_travel_over_evidence() -> None:
    assert rule_for("HAS_ADDRESS", "NetworkInterface", "IPAddress") is None
    assert rule_for("AFFECTS", "ChangeRecord", "Host") is None
