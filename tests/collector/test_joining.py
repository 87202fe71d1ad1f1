"""One target for one address."""

from __future__ import annotations

from itertools import permutations

import pytest

from collector import joining
from collector.joining import Located, joined
from collector.target import Hop, Target
from collector.wish import ARGUMENT, INVENTORY, Wish


def at(address: str, hops: tuple[Hop, ...] | None = None, **said: object) -> Located:
    given = {"name": address, "host": address, "origin": "argument", "rank": ARGUMENT, "zone": "default", **said}
    return Located(Wish(**given), (address,), hops)  # type: ignore[arg-type]


def test_whoever_says_nothing_joins_whoever_does_in_every_order() -> None:
    wishes = [
        at("10.0.0.1", single=False),
        at("10.0.0.1", name="web", host="web", origin="hosts line 1", rank=INVENTORY, port=2222, user="inv"),
        at("10.0.0.1", (Hop("10.9.0.1"),), name="alias", config_user="cfg", identity_files=("/k",)),
    ]
    for order in permutations(wishes):
        targets, notes = joined(order, port=None, user="")

        assert len(targets) == 1
        assert (targets[0].name, targets[0].port, targets[0].user) == ("alias", 2222, "inv")
        assert (targets[0].jumps, targets[0].identity_files) == ((Hop("10.9.0.1"),), ("/k",))
        assert notes == ["2 times an address was named again; each is swept once."]


def test_two_ports_or_two_ways_are_two_targets() -> None:
    ways = [at("10.0.0.1", (Hop("10.9.0.1"),)), at("10.0.0.1", (Hop("10.9.0.2"),)), at("10.0.0.1", ()), at("10.0.0.1")]
    ports = [at("10.0.0.1", port=22), at("10.0.0.1", port=23), at("10.0.0.1", config_port=24), at("10.0.0.1")]

    assert [len(one.jumps) for one in joined(ways, port=None, user="")[0]] == [1, 1, 0]
    assert [one.port for one in joined(ports, port=None, user="")[0]] == [22, 23, 24]
    assert [one.port for one in joined(ports, port=99, user="")[0]] == [22, 23]


def test_options_stand_between_what_was_said_and_the_configuration() -> None:
    one = at("10.0.0.1", config_port=24, config_user="cfg")

    assert joined([one], port=None, user="")[0][0] == Target("10.0.0.1", "10.0.0.1", 24, user="cfg")
    assert joined([one], port=25, user="opt")[0][0] == Target("10.0.0.1", "10.0.0.1", 25, user="opt")


def test_what_does_not_count_is_told_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    wishes = [
        at("10.0.0.1", user="a", credentials=("x",)),
        at("10.0.0.1", user="b", credentials=("y", "z"), host_key_alias="k", origin="hosts line 2"),
    ]

    assert joined(wishes, port=None, user="")[1] == [
        "1 time an address was named again; each is swept once.",
        "10.0.0.1: user b of 10.0.0.1 (hosts line 2) is not used; a counts.",
        "10.0.0.1: credentials y, z of 10.0.0.1 (hosts line 2) is not used; x counts.",
    ]
    monkeypatch.setattr(joining, "MOST_NOTES", 1)
    assert joined(wishes, port=None, user="")[1][-1] == "And 1 more of this kind."
