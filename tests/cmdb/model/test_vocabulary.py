"""Declared and own attributes."""

from __future__ import annotations

import pytest

from cmdb.model.classes import CLASSES
from cmdb.model.people import GROUP, said
from cmdb.model.vocabulary import DECLARED, TAKEN, Vocabulary, group_of, may_be_own

OWN = Vocabulary({"Host": {"cost_center": said("cost_center", "int", "Who pays.")}})


def test_own_attributes_stand_beside_the_declared_ones_of_their_class_only() -> None:
    assert OWN.attribute("Host", "cost_center") == OWN.own["Host"]["cost_center"]
    assert OWN.attribute("Host", "os") == DECLARED.attribute("Host", "os") == CLASSES["Host"].attributes["os"]
    assert OWN.attribute("Endpoint", "cost_center") is None is DECLARED.attribute("Host", "cost_center")
    assert list(OWN.attributes("Host"))[-1] == "cost_center"


def test_fields_are_what_is_searched_and_what_is_own() -> None:
    assert OWN.fields()["cost_center"] == {"int"}
    assert {name: t for name, t in OWN.fields().items() if name != "cost_center"} == DECLARED.fields()
    assert "digest" not in OWN.fields()


def test_what_is_kept_and_not_searched_is_no_field() -> None:
    assert OWN.searches("Host", "cost_center")
    assert not DECLARED.searches("Host", "cost_center")
    assert not OWN.searches("ConfigFile", "digest")


def test_the_fields_of_one_store_are_not_those_of_another() -> None:
    OWN.fields()["more"] = frozenset({"str"})

    assert "more" not in OWN.fields()
    assert "cost_center" not in DECLARED.fields()


def test_what_no_class_declares_is_of_people() -> None:
    assert group_of("Host", "os") == "os"
    assert group_of("Host", "owner") == group_of("Host", "cost_center") == GROUP


@pytest.mark.parametrize("name", ["cost_center", "x", "owner2"])
def test_a_new_word_may_be_an_own_attribute(name: str) -> None:
    assert may_be_own("Host", name)


@pytest.mark.parametrize("name", ["", "Cost", "2x", "_x", "a-b", "a b", "a`b", "x" * 65, "id", "since", "tag", "key"])
def test_what_is_no_name_or_means_something_else_may_not(name: str) -> None:
    assert not may_be_own("Host", name)


def test_no_declared_name_nor_mark_may_be_an_own_attribute() -> None:
    assert {"owner", "digest", "uptime_seconds", "machine_id", "agent_key"} <= TAKEN
    assert not any(may_be_own("Host", name) for name in TAKEN)
