"""Our dataclasses do what those of the standard library do."""

from __future__ import annotations

import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field, replace
from typing import Any, ClassVar

import pytest

from cmdb.model.dataclass import dataclass


@dataclass(frozen=True)
class Point:
    """A point."""

    x: int
    y: int = 0
    note: str = field(default="", compare=False, repr=False)
    seen: ClassVar[int] = 0


@dataclass(frozen=True)
class Named(Point):
    name: str = ""

    def __hash__(self) -> int:
        return 7


@dataclass(frozen=True)
class Empty:
    pass


@dataclass
class Changing:
    items: list[int] = field(default_factory=list)


def test_equal_is_what_is_equal_in_all_that_counts() -> None:
    assert Point(1, 2, "a") == Point(1, 2, "b")
    assert Point(1) != Point(2)
    assert Point(1) != Named(1)
    assert Point(1).__eq__((1, 0)) is not True
    assert Empty() == Empty()
    assert Changing([1]) == Changing([1])
    assert {Point(1), Point(1, 0, "other"), Point(2)} == {Point(1), Point(2)}


def test_hashes_are_as_in_the_standard_library() -> None:
    assert hash(Point(1, 2, "a")) == hash(Point(1, 2, "b"))
    assert hash(Named(1)) == 7
    assert hash(Empty()) == hash(Empty())
    with pytest.raises(TypeError):
        hash(Changing())


def test_what_is_frozen_stays() -> None:
    with pytest.raises(FrozenInstanceError):
        Point(1).x = 2  # type: ignore[misc]
    changing = Changing()
    changing.items = [3]
    assert changing.items == [3]


def test_it_is_shown_as_it_is_written() -> None:
    assert repr(Point(1, 2, "hidden")) == "Point(x=1, y=2)"
    assert repr(Named(1, name="a")) == "Named(x=1, y=0, name='a')"
    assert repr(Changing()) == "Changing(items=[])"


def test_what_works_on_dataclasses_works_on_them() -> None:
    point: Any = Point(1, 2)
    assert [f.name for f in dataclasses.fields(point)] == ["x", "y", "note"]
    assert replace(point, y=5) == Point(1, 5)
    assert dataclasses.asdict(point) == {"x": 1, "y": 2, "note": ""}
    assert pickle.loads(pickle.dumps(point)) == point


def test_those_of_the_standard_library_may_inherit() -> None:
    @dataclasses.dataclass(frozen=True)
    class Deep(Point):
        z: int = 0

    assert Deep(1, z=3) == Deep(1, z=3)
    assert Deep(1, z=3) != Deep(1, z=4)
