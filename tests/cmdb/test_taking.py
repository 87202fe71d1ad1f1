"""Whatever hosts report, in whatever order and however often: the same graph, and a sound store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdb.model.batch import Section
from cmdb.model.errors import InvalidDocument
from cmdb.model.values import canonical, digest
from cmdb.taking import Sender
from tests.cmdb.building import (
    Receiver,
    Reporter,
    accounts,
    depends,
    failed,
    flows,
    network,
    outcomes,
    packages,
    raw,
    receiver,
    software,
    system,
)

HOSTS = ("web", "app", "db")
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])

Pass = tuple[int, dict[str, int]]
"""Which host, and for each section that it sends a number that says what it found."""


def passes_of(reporters: int) -> st.SearchStrategy[list[Pass]]:
    """Passes of the first so many reporters: an agent on each host, then an ssh sweep of each."""
    return st.lists(
        st.tuples(
            st.integers(0, reporters - 1),
            st.dictionaries(
                st.sampled_from(["os", "packages", "network", "software", "flows", "dependencies", "accounts"]),
                st.integers(0, 15),
                min_size=1,
            ),
        ),
        min_size=1,
        max_size=10,
    )


PASSES = passes_of(len(HOSTS))
TWO_SOURCES = passes_of(2 * len(HOSTS))


def said(host: str, section: str, found: int) -> Section:
    """What a section says where it found this; 15 is a failure."""
    bits = [bool(found & 1 << n) for n in range(4)]
    some = [name for name, bit in zip("abcd", bits, strict=True) if bit]
    own = HOSTS.index(host)
    made = {
        "os": lambda: system(host, os=f"os {found}"),
        "packages": lambda: packages(*some, version=str(found // 8)),
        "accounts": lambda: accounts(*some, privilege="user" if bits[3] else "full"),
        "network": lambda: network(*(f"10.0.0.{n}" for n in (own, 3) if bits[n % 2])),
        "software": lambda: software(*(f"{name}:{5000 + n}" for n, name in enumerate(some)), silent=["client"]),
        "flows": lambda: flows(
            *[("client", f"10.0.0.{n}", 5000) for n in range(3) if bits[n]],
            heard=[(f"10.0.0.{n}", 5000) for n in range(3) if bits[3]] if host == "db" else [],
        ),
        "dependencies": lambda: depends(*[(f"10.0.0.{n}", 5001) for n in range(4) if bits[n]]),
    }[section]()
    return failed(made) if found == 15 else made


def batches(passes: Sequence[Pass]) -> list[tuple[str, bytes]]:
    """Each pass as (host, batch). Observed a minute apart; each host names first what its flows refer to."""
    reporters = [Reporter(host) for host in HOSTS]
    reporters += [Reporter(host, source=f"ssh:{host}", route="ssh") for host in HOSTS]
    opening = [(i, {"os": 0, "software": 1, "network": 1}) for i in range(len(HOSTS))]
    made = []
    for at, (place, sections) in enumerate([*opening, *passes]):
        host = reporters[place].host
        found = [said(host, name, what) for name, what in sections.items()]
        made.append((host, reporters[place].batch(*found, at=60 * at)))
    return made


def landed(data: Sequence[bytes]) -> str:
    with receiver() as cmdb:
        cmdb.now = 100_000
        for one in data:
            cmdb.take(one)
        cmdb.sound()
        return cmdb.natural()


@FEW
@given(TWO_SOURCES)
def test_every_history_leaves_a_sound_store_whose_replay_is_the_present(passes: list[Pass]) -> None:
    landed([data for _, data in batches(passes)])


@FEW
@given(TWO_SOURCES)
def test_ingesting_twice_changes_nothing(passes: list[Pass]) -> None:
    with receiver() as cmdb:
        cmdb.now = 100_000
        for _, data in batches(passes):
            first = cmdb.take(data)
            head, natural = cmdb.head(), cmdb.natural()
            second = cmdb.take(data)

            assert (cmdb.head(), cmdb.natural()) == (head, natural)
            if first["revision"] is not None:
                assert second == first


@pytest.mark.parametrize("steady", ["network", "flows"])
@FEW
@given(PASSES, st.randoms(use_true_random=False))
def test_the_order_of_batches_of_different_hosts_does_not_matter(steady: str, passes: list[Pass], chance: Any) -> None:
    # Whether a client had the address that a server heard of is a question of when it is asked: where addresses move, what
    # both ends confirmed once depends on who reported first. So either the addresses or the flows stay as they are.
    told = batches([(host, {n: f for n, f in found.items() if n != steady}) for host, found in passes])
    queues = {host: [data for h, data in told if h == host] for host in HOSTS}
    shuffled = [queues[host].pop(0) for host in chance.sample([h for h, _ in told], len(told))]

    assert landed(shuffled) == landed([data for _, data in told])


@FEW
@given(TWO_SOURCES)
def test_late_and_repeated_batches_change_nothing(passes: list[Pass]) -> None:
    told = [data for _, data in batches(passes)]

    assert landed([*told, *reversed(told)]) == landed(told)


@FEW
@given(PASSES)
def test_sending_only_what_is_not_held_gives_the_same_graph(passes: list[Pass]) -> None:
    held: dict[str, dict[str, str]] = {host: {} for host in HOSTS}
    whole, spare = {h: Reporter(h) for h in HOSTS}, {h: Reporter(h) for h in HOSTS}
    with receiver() as one, receiver() as other:
        one.now = other.now = 100_000
        for at, (place, sections) in enumerate(passes):
            host = HOSTS[place]
            found = [said(host, n, f) for n, f in sections.items()]
            one.take(whole[host].batch(*found, at=60 * at))
            receipt = other.take(spare[host].batch(*found, at=60 * at, held=held[host]))
            refused = {line["section"] for line in receipt["sections"] if line["outcome"] == "refused"}
            if refused:
                other.take(spare[host].batch(*found, at=60 * at))
            held[host] |= {s.name: s.digest for s in found if s.outcome == "collected" and s.name not in refused}

        assert other.natural() == one.natural()


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**70)
    | st.floats()
    | st.text(st.characters(codec=None), max_size=4)
    | st.sampled_from([".", "Host", "Endpoint", "TALKS_TO", "full", "collected", "10.0.0.1", "tcp/0.0.0.0/5000"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


def mutated(data: bytes, drawn: st.DataObject) -> bytes:
    """The batch with a value exchanged, a line lost or doubled, or a byte changed; digests of bodies are made to fit."""
    lines = data.splitlines()
    place = drawn.draw(st.integers(0, len(lines) - 1))
    kind = drawn.draw(st.sampled_from(["value", "value", "value", "lose", "double", "byte"]))
    if kind == "lose":
        del lines[place]
    elif kind == "double":
        lines.insert(place, lines[place])
    elif kind == "byte":
        at = drawn.draw(st.integers(0, len(lines[place]) - 1))
        lines[place] = lines[place][:at] + bytes([drawn.draw(st.integers(0, 255))]) + lines[place][at + 1 :]
    else:
        row: Any = json.loads(lines[place])
        target = row
        while target:
            step: Any = drawn.draw(st.sampled_from(sorted(target) if isinstance(target, dict) else range(len(target))))
            if not isinstance(target[step], (dict, list)) or drawn.draw(st.integers(0, 4)) == 0:
                target[step] = drawn.draw(ANYTHING)
                break
            target = target[step]
        old, lines[place] = lines[place], json.dumps(row).encode()
        if old.startswith(b'{"items"'):
            lines[place - 1] = lines[place - 1].replace(digest(old).encode(), digest(lines[place]).encode())
    return b"\n".join(lines)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(TWO_SOURCES.filter(lambda p: len(p) <= 4), st.data())
def test_a_mutated_batch_lands_or_is_refused_and_the_store_stays_sound(
    passes: list[Pass], drawn: st.DataObject
) -> None:
    told = [data for _, data in batches(passes)]
    with receiver() as cmdb:
        cmdb.now = 100_000
        for data in told[:-1]:
            cmdb.take(data)
        for _ in range(2):
            try:
                receipt = cmdb.take(mutated(told[-1], drawn), Sender("fuzz"))
            except InvalidDocument as error:
                canonical([error.message, error.path]).encode()
            else:
                canonical(json.loads(json.dumps(receipt))).encode()
        cmdb.take(told[-1])
        cmdb.sound()


def test_a_quarantined_subject_is_on_record_once(cmdb: Receiver) -> None:
    nobody = Reporter("x", marks={"fqdn": "x.example.com"})
    for _ in range(2):
        cmdb.take(nobody.batch(system("x")))

    with cmdb.view() as view:
        (entry,) = view.entries("conflict")
    assert entry.value["kind"] == "quarantine"
    assert entry.value["subject"] == {"class": "Host", "identifiers": {"fqdn": "x.example.com"}}
    assert cmdb.head() == 1


@pytest.mark.parametrize("route", ["manual", "import"])
def test_people_may_relate_cis_by_id(cmdb: Receiver, route: str) -> None:
    cmdb.take(Reporter("web").batch(system("web")))
    cmdb.take(Reporter("db").batch(system("db")))
    ids = {i.name: i.id for i in cmdb.found("class:Host")}
    row = {"type": "DEPENDS_ON", "subject": {"id": ids["web"]}, "object": {"id": ids["db"]}}
    record = Reporter("web", source="people", route=route)

    def told(*rows: dict[str, Any]) -> bytes:
        return record.batch(raw("own", {"items": [], "relations": list(rows)}, types=["DEPENDS_ON"]))

    assert outcomes(cmdb.take(told(row), Sender("me", route=route))) == {"own": "collected"}
    assert cmdb.links("DEPENDS_ON") == {("web", "DEPENDS_ON", "db")}
    unknown = {**row, "object": {"id": "0" * 26}}
    assert outcomes(cmdb.take(told(row, unknown), Sender("me", route=route))) == {"own": "refused"}
    assert outcomes(cmdb.take(told(unknown), Sender("agent", route="agent"))) == {"own": "refused"}
    cmdb.take(told(), Sender("me", route=route))
    assert cmdb.links("DEPENDS_ON") == set()
