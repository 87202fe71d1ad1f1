"""The codes of crossings spell out the rule table, one for one."""

from __future__ import annotations

from itertools import product

from cmdb.crossings import (
    CLASS_CODES,
    CROSSINGS,
    DESCENDS,
    LEVEL_OF,
    RELATED,
    RISES,
    TYPE_CODES,
    TYPES,
    WIRES,
    crossing_code,
)
from cmdb.model.relationship_types import LEVELS, RELATIONSHIP_TYPES, rule_for


def test_every_code_has_the_effect_of_its_rule() -> None:
    seen = 0
    for contained, type_name, subject, object_, soft in product((0, 1), TYPES, CLASS_CODES, CLASS_CODES, (0, 1)):
        rule = rule_for(type_name, subject, object_, soft=bool(soft))
        for backward in (0, 1):
            ends = CLASS_CODES[subject], CLASS_CODES[object_]
            crossing = CROSSINGS[crossing_code(contained, TYPE_CODES[type_name], *ends, soft, backward)]
            effect = rule and (rule.backward if backward else rule.forward)
            assert (crossing and crossing.effect) == effect
            assert crossing is None or crossing.type == type_name
            seen += 1
    assert seen == RELATED


def test_the_arrays_agree_with_the_crossings() -> None:
    for code, crossing in enumerate(CROSSINGS):
        assert LEVEL_OF[code] == (LEVELS.index(crossing.effect.level) + 1 if crossing else 0)
        assert (RISES[code], DESCENDS[code]) == (
            bool(crossing and crossing.rises),
            bool(crossing and crossing.descends),
        )


def test_trouble_rises_from_parts_and_descends_to_them() -> None:
    kinds = {(c.type, c.rises, c.descends) for c in CROSSINGS if c}

    assert {kind for kind in kinds if kind[1] or kind[2]} == {
        ("CONTAINS", True, False),
        ("CONTAINS", False, True),
        ("RUNS_ON", False, True),
        ("MEMBER_OF", True, False),
        ("MEMBER_OF", False, True),
    }


def test_types_over_which_nothing_travels_have_no_code() -> None:
    assert set(RELATIONSHIP_TYPES) - set(TYPES) == {
        "AFFECTS",
        "CONNECTS_TO",
        "HAS_ADDRESS",
        "IN_SUBNET",
        "LINKED_VIA",
        "MEMBER_OF_VLAN",
        "SEEN_AS",
    }
    assert set(WIRES) == {"CONNECTS_TO", "LINKED_VIA"}
