"""One host at several addresses is looked at once; a clone with its key is looked at."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from collector.outcome import SAME_HOST, TIMED_OUT, Evidence, Stopped
from collector.same_host import SameHosts
from collector.target import Target

KEY = Evidence(host_key="ssh-ed25519 SHA256:one")
ONE, OTHER = Target("one", "10.0.0.1"), Target("other", "10.0.0.2")


def look(same: SameHosts, target: Target, evidence: Evidence = KEY, *addresses: str) -> None:
    with same.turn(target, evidence, 5):
        same.tells(target, evidence, addresses)


def test_the_second_address_of_a_host_is_not_looked_at_again() -> None:
    same = SameHosts()
    look(same, ONE, KEY, "10.0.0.1", "10.0.0.2", "fd00::1")

    for address in ("10.0.0.2", "fd00::1", "10.0.0.1"):
        with pytest.raises(Stopped, match="looked at as one") as stop, same.turn(Target("x", address), KEY, 5):
            pass
        assert (stop.value.outcome, stop.value.evidence) == (SAME_HOST, KEY)


def test_a_clone_another_zone_and_another_key_are_looked_at() -> None:
    same = SameHosts()
    look(same, ONE, KEY, "10.0.0.1", "10.0.0.9")

    look(same, OTHER)
    look(same, Target("far", "10.0.0.9", zone="dmz"))
    look(same, Target("new", "10.0.0.9"), Evidence(host_key="ssh-ed25519 SHA256:two"))
    look(same, Target("unknown", "10.0.0.9"), Evidence())


def test_those_with_one_key_take_turns_and_others_do_not_wait() -> None:
    same, inside, free = SameHosts(), threading.Event(), threading.Event()
    seen: list[str] = []

    def first() -> None:
        with same.turn(ONE, KEY, 30):
            inside.set()
            assert free.wait(30)
            same.tells(ONE, KEY, ["10.0.0.2"])
            seen.append("one")

    def second() -> None:
        with pytest.raises(Stopped), same.turn(OTHER, KEY, 30):
            pass
        seen.append("other")

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first)
        assert inside.wait(30)
        other = pool.submit(second)
        look(same, Target("third", "10.0.0.3"), Evidence(host_key="another"))
        free.set()
        one.result(30)
        other.result(30)
    assert seen == ["one", "other"]


def test_a_look_that_failed_lets_the_next_one_look() -> None:
    same = SameHosts()
    with pytest.raises(ValueError), same.turn(ONE, KEY, 5):
        raise ValueError
    look(same, Target("again", ONE.address))


def test_a_turn_that_does_not_come_is_said() -> None:
    same = SameHosts()
    with (
        same.turn(ONE, KEY, 5),
        pytest.raises(Stopped, match="same host key took over") as stop,
        same.turn(OTHER, KEY, 0.05),
    ):
        pass
    assert stop.value.outcome == TIMED_OUT
