"""Interfaces by their names."""

from __future__ import annotations

import pytest

from collector.snmp.mibs.if_mib import Interface, InterfaceMore
from collector.snmp.mibs.lldp_mib import Identifier, Own
from collector.snmp.ports import Ports, of_lldp
from tests.collector.snmp.answers import device

IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"


def ports(*rows: tuple[int, str | None, str | None]) -> Ports:
    """(ifIndex, ifName, ifDescr)."""
    made = device(
        {f"{IF}.2.{i}": descr or "" for i, _, descr in rows},
        {f"{IF}.3.{i}": 6 for i, _, _ in rows},
        {f"{IFX}.1.{i}": name for i, name, _ in rows if name},
    )
    return Ports.read(made.reading)


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([(1, "Gi1", "GigabitEthernet1"), (2, None, "lo")], ["Gi1", "lo"]),
        ([(1, "eth", "eth0"), (2, "eth", "eth1")], ["eth0", "eth1"]),
        ([(1, "eth", "port"), (2, "eth", "port")], ["eth 1", "eth 2"]),
        ([(1, "eth", "x"), (2, "eth", "y"), (3, "x", "z")], ["eth 1", "y", "x"]),
        ([(5, None, None)], ["ifIndex 5"]),
    ],
)
def test_names_are_those_of_ifname_and_never_alike(
    rows: list[tuple[int, str | None, str | None]], names: list[str]
) -> None:
    assert list(ports(*rows).names.values()) == names


def test_what_several_are_called_means_none_of_them() -> None:
    made = ports((1, "Gi1", "a"), (2, "Gi2", "a"), (3, "a", "c"))

    assert (made.called("gi1"), made.called("c"), made.called("a"), made.called(None)) == (1, 3, 3, None)
    assert ports((1, "Gi1", "a"), (2, "Gi2", "a")).called("a") is None


def test_the_port_of_a_neighbour_is_found_by_its_id_its_text_and_last_by_its_number() -> None:
    interfaces = {i: Interface((i,), f"port{i}", "ethernetCsmacd", mac=f"00:1c:73:00:00:0{i}") for i in (1, 2, 3)}
    made = Ports({i: f"Gi{i}" for i in interfaces}, interfaces, {i: InterfaceMore((i,), f"Gi{i}") for i in interfaces})
    own = Own(
        None,
        None,
        {
            7: (Identifier("text", "Gi2"), None),
            8: (Identifier("mac", "00:1c:73:00:00:03"), None),
            9: (Identifier("text", "?"), "port3"),
            1: (Identifier("text", "3"), None),
        },
    )

    found = {n: of_lldp(n, False, own, made, {40: 2}) for n in (7, 8, 9, 1, 2, 40, 99)}

    assert found == {7: 2, 8: 3, 9: 3, 1: 3, 2: 2, 40: 2, 99: None}
    assert of_lldp(2, True, own, made, {}) == 2
    assert of_lldp(9, True, own, made, {}) is None


def test_a_mac_of_one_interface_means_it_and_of_several_none_without_looking_through_all_again() -> None:
    class Once(dict[int, Interface]):
        read = 0

        def items(self):  # type: ignore[no-untyped-def]
            self.read += 1
            return super().items()

    shared = "00:1c:73:00:00:ff"
    interfaces = Once(
        (i, Interface((i,), f"port{i}", "ethernetCsmacd", mac=mac))
        for i, mac in ((1, "00:1c:73:00:00:01"), (2, shared), (3, shared), (4, shared), (5, None))
    )
    made = Ports({i: f"Gi{i}" for i in interfaces}, interfaces, {})

    assert [made.with_mac(mac) for mac in ("00:1c:73:00:00:01", shared, "00:00:5e:00:01:01")] == [1, None, None]
    assert interfaces.read == 1
