"""What of a store's CIs and readings links are derived from."""

from __future__ import annotations

from cmdb.cabling_estate import load
from cmdb.cabling_evidence import Word
from cmdb.model.times import SECOND
from cmdb.staleness import DAY
from tests.cmdb.building import START, Receiver
from tests.cmdb.wired import Site, forwarding, neighbours, ports

A, NIC = "00:1c:73:00:00:0a", "52:54:00:00:00:01"


def test_hosts_and_devices_come_with_ports_words_and_stations(cmdb: Receiver) -> None:
    site = Site(cmdb)
    heard = {"local_port": "Eth1", "chassis": f"mac {NIC}", "port_id": "text eth0", "capabilities": ["station"]}
    site.switch("sw", A, ports("Eth1", "Eth2"), neighbours(heard), forwarding(Eth2=[NIC]))
    site.host("db", ports("eth0", eth0={"mac": NIC, "permanent_mac": A, "master": "bond0", "alias": "up"}))

    with cmdb.view() as view:
        estate = load(view)

    switch, host = sorted(estate.nodes.values(), key=lambda n: n.class_name, reverse=True)
    assert (switch.name, switch.discovered, host.class_name) == ("sw", True, "Host")
    (word,) = switch.words
    assert word == Word("lldp", "Eth1", f"mac {NIC}", f"mac {NIC}", "text eth0", capabilities=("station",))
    assert [(p.stations, p.station_count) for p in switch.ports.values()] == [(None, None), ((NIC,), 1)]
    (eth0,) = host.ports.values()
    assert (eth0.mac, eth0.permanent_mac, eth0.master, eth0.alias) == (NIC, A, "bond0", "up")


def test_a_device_that_is_only_told_of_and_shared_identifiers_are_known_as_such(cmdb: Receiver) -> None:
    site = Site(cmdb)
    site.switch(
        "sw", A, ports("Eth1"), neighbours({"local_port": "Eth1", "chassis": f"mac {NIC}", "seen_as": f"mac {NIC}"})
    )

    with cmdb.view() as view:
        found = [node.discovered for node in load(view).nodes.values()]

    assert sorted(found) == [False, True]


def test_stations_come_with_the_day_of_their_table_and_those_of_an_old_one_do_not_come(cmdb: Receiver) -> None:
    Site(cmdb).switch("sw", A, ports("Eth1"), forwarding(Eth1=[NIC]))
    day = (START + cmdb.now * SECOND) // DAY

    with cmdb.view() as view:
        found = [next(iter(node.ports.values())) for s in (day, day + 1) for node in load(view, s).nodes.values()]

    assert [(p.stations, p.station_count, p.read_on) for p in found] == [((NIC,), 1, day), (None, None, None)]


def test_addresses_come_with_what_was_resolved_on_the_port_and_the_day_of_that_table(cmdb: Receiver) -> None:
    resolved = forwarding(Eth1=[])
    resolved.name = "arp"
    resolved.readings = {
        "items": [{"class": "NetworkInterface", "key": "Eth1", "readings": {"resolved": [f"10.0.0.2 {NIC}"]}}]
    }
    Site(cmdb).switch("sw", A, ports("Eth1", Eth1={"addresses": ["10.0.0.1/30"]}), resolved)
    day = (START + cmdb.now * SECOND) // DAY

    with cmdb.view() as view:
        found = [next(iter(node.ports.values())) for s in (day, day + 1) for node in load(view, s).nodes.values()]

    assert [(p.addresses, p.resolved, p.resolved_on) for p in found] == [
        (("10.0.0.1/30",), (("10.0.0.2", NIC),), day),
        (("10.0.0.1/30",), (), None),
    ]
