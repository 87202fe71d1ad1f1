"""A CI class is declared by its dataclass; items, keys and references follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.declaration import CI, attribute, declare, join_key


@dataclass(frozen=True)
class Lamp(CI):
    """A lamp."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("room", "number")
    group: ClassVar[str] = "hardware"

    room: Optional[str] = attribute("Where it hangs.")
    number: Optional[int] = attribute("Which one.", unit="lamps", group="people")
    colours: Optional[list[str]] = attribute("Colours.", search=False, security=True)  # noqa: RUF009 - as classes are declared
    on: Optional[bool] = attribute("Whether it is on.")
    seconds: Optional[int] = attribute("How long.", unit="seconds", reading=True)


def test_a_declaration_says_what_the_class_says() -> None:
    made = declare(Lamp)

    assert (made.name, made.text, made.key, made.independent) == ("Lamp", "A lamp.", ("room", "number"), False)
    assert list(made.attributes) == ["room", "number", "colours", "on"]
    assert list(made.readings) == ["seconds"]
    assert [a.type for a in made.attributes.values()] == ["str", "int", "list[str]", "bool"]
    assert (made.attributes["number"].unit, made.attributes["number"].group) == ("lamps", "people")
    assert (made.attributes["room"].unit, made.attributes["room"].group) == (None, "hardware")
    assert made.searched == {"room", "number", "on"}
    assert made.attributes["colours"].security


def test_attributes_and_readings_are_apart_and_absent_is_absent() -> None:
    lamp = Lamp(room="hall", number=0, colours=["b", "a", "b"], on=False, seconds=5)

    assert lamp.attributes() == {"room": "hall", "number": 0, "colours": ["a", "b"], "on": False}
    assert lamp.readings() == {"seconds": 5}
    assert Lamp().attributes() == {}


def test_a_reference_is_class_and_key() -> None:
    assert Lamp(room="a/b%", number=3).ref() == ["Lamp", "a%2Fb%25/3"]


@pytest.mark.parametrize("lamp", [Lamp(room="hall"), Lamp(number=3), Lamp(room="", number=3)])
def test_a_key_needs_all_its_parts(lamp: Lamp) -> None:
    with pytest.raises(ValueError, match="room, number"):
        lamp.local_key()


PARTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1, max_size=3)


@given(PARTS, PARTS)
def test_different_parts_never_make_the_same_key(one: list[str], other: list[str]) -> None:
    if len(one) == len(other):
        assert (join_key(one) == join_key(other)) == (one == other)


def test_a_long_key_is_cut_and_stays_apart() -> None:
    one, other = join_key(["x" * 3000, "a"]), join_key(["x" * 3000, "b"])

    assert one != other
    assert len(one.encode()) <= 2000
