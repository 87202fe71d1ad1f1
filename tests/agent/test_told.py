"""What goes through the pipe comes out as it went in, or not at all."""

from __future__ import annotations

import struct

import pytest

from agent.told import Begins, Reader, Told, TooMuch, encode, pack
from cmdb.model.batch import Section

SECTION = Section(
    "groups", 2, ["LocalGroup"], [], "full", "collected",
    cost={"wall_seconds": 0.5}, digests=["d"], bodies=[b'{"items":[]}'], readings={"items": []},
)  # fmt: skip


def read(data: bytes, most: int = 1000, step: int = 10**9) -> list[object]:
    reader = Reader()
    reader.most = most
    return [message for place in range(0, len(data), step) for message in reader.feed(data[place : place + step])]


@pytest.mark.parametrize("step", [1, 7, 10**9])
def test_messages_come_out_as_they_went_in_however_they_are_cut(step: int) -> None:
    told = Told(pack(SECTION), {"machine_id": "x"}, "key", "bodies")
    data = encode(Begins("groups")) + encode(told)

    first, second = read(data, step=step)

    assert first == Begins("groups")
    assert second == told
    assert isinstance(second, Told)
    assert second.unpacked() == SECTION


def test_a_section_without_bodies_is_one() -> None:
    told = Told(Section("kernel", 1, [], [], "full", "failed", "why"))
    assert read(encode(told)) == [told]


def test_more_than_was_agreed_is_not_waited_for() -> None:
    with pytest.raises(TooMuch):
        read(struct.pack(">II", 10, 1001))
    with pytest.raises(TooMuch):
        read(struct.pack(">II", 2**31, 0))


def test_half_a_message_is_none() -> None:
    assert read(encode(Begins("groups"))[:-1]) == []
