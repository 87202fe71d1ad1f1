"""What is kept between runs is what a run that begins anew would load."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb import cabling_memory
from cmdb.cabling import TYPES
from cmdb.cabling_estate import load
from cmdb.cabling_memory import Memory
from cmdb.deriving import UNSEEN_DAYS
from cmdb.model.times import SECOND
from cmdb.staleness import DAY
from tests.cmdb.building import START, Receiver, receiver
from tests.cmdb.wired import Site, forwarding, neighbours, ports

CHASSIS = [f"00:1c:73:00:0{n}:00" for n in range(4)]
NIC = [f"52:54:00:00:00:0{n}" for n in range(3)]
_EACH = st.integers(0, 3)


def hears(port: int, far: int, far_port: int) -> dict[str, Any]:
    chassis = f"mac {CHASSIS[far]}"
    return {"local_port": f"Eth{port}", "chassis": chassis, "port_id": f"text Eth{far_port}", "seen_as": chassis}


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("switch"), _EACH, st.lists(st.tuples(_EACH, _EACH, _EACH), max_size=4)),
        st.tuples(st.just("table"), _EACH, st.lists(st.tuples(_EACH, st.integers(0, 2)), max_size=4)),
        st.tuples(st.just("host"), st.integers(0, 2), st.just([])),
        st.tuples(st.just("rename"), _EACH, st.just([])),
        st.tuples(st.just("days"), st.integers(0, 40), st.just([])),
        st.tuples(st.just("elsewhere"), _EACH, st.just([])),
    ),
    min_size=1,
    max_size=12,
)


def change(site: Site, kind: str, which: int, more: list[tuple[int, ...]]) -> str | None:
    """Do it; returns the CI of which something came."""
    names = ports("Eth0", "Eth1", "Eth2", "Eth3")
    if kind == "switch":
        words = [hears(*word) for word in {word[0]: word for word in more if word[1] != which}.values()]
        return str(site.switch(f"sw{which}", CHASSIS[which], names, neighbours(*words))["ci"])
    if kind == "table":
        shown: dict[str, list[str]] = {}
        for port, nic in sorted(set(more)):
            shown.setdefault(f"Eth{port}", []).append(NIC[nic])
        return str(site.switch(f"sw{which}", CHASSIS[which], names, forwarding(**shown))["ci"])
    if kind == "host":
        return str(site.host(f"h{which}", ports("eth0", eth0={"mac": NIC[which]}), macs=[NIC[which]])["ci"])
    if kind == "rename":
        return str(site.switch(f"sw{which}", CHASSIS[which], ports("Eth0", "Eth9"), sys_name=f"new{which}")["ci"])
    if kind == "days":
        site.cmdb.now += which * 86_400
    return None


@settings(deadline=None, max_examples=25)
@given(CHANGES)
def test_runs_that_remember_leave_what_a_run_that_begins_anew_would(changes: list[tuple[str, int, Any]]) -> None:
    with receiver() as cmdb:
        site, memory = Site(cmdb), Memory()
        for kind, which, more in changes:
            if kind == "elsewhere":  # Another process, or one that was started again.
                site.derive()
                continue
            told = change(site, kind, which, more)
            found = site.derive(memory=memory, told=[told] if told else [])
            anew = site.derive(dry_run=True)

            assert anew["updated"] == 0, (found, anew)
            assert anew["unplaced"] == found["unplaced"]
            assert anew["links"] == found["links"]
            with cmdb.view() as view:
                since = (START + cmdb.now * SECOND) // DAY - UNSEEN_DAYS
                memory.forward(view, since, START + cmdb.now * SECOND)
                assert memory.estate.nodes == load(view, since).nodes
                assert memory.links == {link.key: link for link in view.scan_links(TYPES)}


def fabric(cmdb: Receiver) -> Site:
    site = Site(cmdb)
    for n in range(3):
        words = [hears(0, (n + 1) % 3, 1), hears(1, (n - 1) % 3, 0)]
        site.switch(f"sw{n}", CHASSIS[n], ports("Eth0", "Eth1"), neighbours(*words))
    return site


def test_of_a_device_that_changed_it_alone_is_loaded(cmdb: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    site, memory = fabric(cmdb), Memory()
    site.derive(memory=memory)
    site.derive(memory=memory)
    before = dict(memory.estate.nodes)
    monkeypatch.setattr(cabling_memory, "load_nodes", None)

    site.switch("sw1", CHASSIS[1], ports("Eth0", "Eth1", "Eth7"))
    found = site.derive(memory=memory)

    same = {node.name for id_, node in memory.estate.nodes.items() if before.get(id_) is node}
    assert same == {"sw0", "sw2"}
    assert found["links"]["confirmed"] == 3


def test_after_an_hour_and_on_another_past_all_of_it_is_loaded(cmdb: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    site, memory = fabric(cmdb), Memory()
    site.derive(memory=memory)
    before = dict(memory.estate.nodes)
    cmdb.now += 3_601
    site.derive(memory=memory)
    hour_later = dict(memory.estate.nodes)
    memory._digest = "of another store"
    site.derive(memory=memory)

    for some, others in ((before, hour_later), (hour_later, memory.estate.nodes)):
        assert some == others
        assert not any(some[id_] is others[id_] for id_ in some)
