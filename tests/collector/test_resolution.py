"""Names looked up within a bound of time."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from collector import resolution
from collector.resolution import Resolved, look_up, resolve


def test_this_machine_is_known_by_its_name() -> None:
    found = resolve(["localhost"])["localhost"]

    assert found.addresses
    assert set(found.addresses) <= {"127.0.0.1", "::1"}
    assert len(found.addresses) == len(set(found.addresses))


def test_a_name_that_does_not_exist_says_why() -> None:
    found = resolve(["no-such-host.invalid"], seconds=60)["no-such-host.invalid"]

    assert (found.addresses, found.late) == ((), False)
    assert "the resolver says: " in found.reason


def test_a_name_that_is_no_name_for_the_resolver_says_why() -> None:
    assert "the resolver says: " in resolve(["x" * 300])["x" * 300].reason


def test_addresses_have_one_writing_and_keep_the_order() -> None:
    found = resolve(["web"], look=lambda name: ["2001:DB8::1", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0"])

    assert found["web"].addresses == ("2001:db8::1", "10.0.0.1", "fe80::1%eth0")


def test_a_name_without_an_address_says_so() -> None:
    assert resolve(["web"], look=lambda name: [])["web"].reason == "the resolver knows no address of it"


def test_many_names_are_looked_up_at_once_and_each_one_once() -> None:
    together = threading.Barrier(8, timeout=60)
    asked: list[str] = []

    def look(name: str) -> list[str]:
        asked.append(name)
        together.wait()
        return ["10.0.0.1"]

    names = [f"web{number}" for number in range(8)]
    found = resolve(names * 2, at_once=8, seconds=60, look=look)

    assert sorted(asked) == names
    assert all(found[name].addresses == ("10.0.0.1",) for name in names)


def test_no_more_than_allowed_are_looked_up_at_once() -> None:
    lock = threading.Lock()
    now = most = 0

    def look(name: str) -> list[str]:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.001)
        with lock:
            now -= 1
        return []

    resolve([str(number) for number in range(40)], at_once=3, seconds=60, look=look)

    assert 1 <= most <= 3


def test_a_resolver_that_hangs_costs_its_time_and_no_more() -> None:
    end = threading.Event()

    def look(name: str) -> list[str]:
        if name.startswith("dead"):
            end.wait(60)
        return ["10.0.0.1"]

    begun = time.monotonic()
    found = resolve(["dead1", "web", "dead2"], seconds=0.2, at_once=2, look=look)
    end.set()

    assert time.monotonic() - begun < 30
    assert found["web"].addresses == ("10.0.0.1",)
    assert found["dead1"] == found["dead2"] == Resolved(reason="no answer of the resolver within 0.2 s", late=True)


def test_where_too_many_hang_the_rest_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolution, "MOST_LEFT", 3)
    end = threading.Event()
    asked: list[str] = []

    def look(name: str) -> list[str]:
        asked.append(name)
        end.wait(60)
        return []

    found = resolve([f"dead{number}" for number in range(50)], seconds=0.05, at_once=2, look=look)
    end.set()

    assert len(found) == 50
    assert all(one.late for one in found.values())
    assert len(asked) <= 5


def test_progress_is_told() -> None:
    told: list[int] = []

    resolve(["a", "b", "c"], look=lambda name: [], progress=told.append)

    assert told == [1, 2, 3]


def test_names_are_asked_of_the_resolver_and_never_of_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def getaddrinfo(*words: object, **named: object) -> list[object]:
        asked.append((*words, named))
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    assert look_up("web") == []
    assert asked == [("web", None, {"type": socket.SOCK_STREAM})]
