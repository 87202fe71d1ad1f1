"""`surveymark attribute`."""

from __future__ import annotations

from collections.abc import Callable

from api.commands.attribute import TYPES
from cmdb import attribute_register
from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_an_own_attribute_is_declared_set_asked_for_and_taken_back(surveymark: Run, site: Site) -> None:
    made = surveymark("attribute", "add", "cost_center", "--class", "Host", "--type", "integer", "--text", "Who pays.")
    assert (made.status, made.out) == (0, "")
    assert "Host.cost_center (integer)" in made.err
    surveymark("ci", "set", "class:Host", "cost_center=42", "--reason", "asked", "--yes")

    assert "web" in surveymark("ci", "find", "cost_center:>=42").out
    shown = [line.split() for line in surveymark("ci", "show", "has:cost_center").out.splitlines()]
    assert ["cost_center", "42"] in shown
    assert surveymark("attribute", "list").out.split()[-6:] == ["Host", "cost_center", "integer", "2", "Who", "pays."]
    gone = surveymark("attribute", "remove", "cost_center", "--class", "Host", "--reason", "unused")
    assert "1 values" in gone.err

    assert surveymark("ci", "find", "cost_center:42").status == 2
    assert "web" in surveymark("ci", "find", "cost_center:42", "--at", "3").out
    assert "cost_center" not in site.item("web").attributes


def test_a_name_with_a_meaning_is_refused(surveymark: Run) -> None:
    done = surveymark("attribute", "add", "os", "--class", "Host")

    assert done.status == 2
    assert "a meaning already" in done.err


def test_types_are_those_of_the_register() -> None:
    assert tuple(attribute_register.TYPES) == TYPES
