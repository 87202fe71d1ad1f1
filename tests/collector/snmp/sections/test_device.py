"""The device's own attributes."""

from __future__ import annotations

from collector.snmp.sections import device as section
from tests.collector.snmp.answers import device, ports, told


def test_what_people_set_on_it_and_what_it_says_of_itself() -> None:
    made = device(("1.3.6.1.2.1.1.6.0", "rack 4"), ("1.3.6.1.2.1.1.3.0", 4200), ports("eth0"))

    (found,) = told(section, made)

    assert (found.name, found.location, found.object_id) == ("sw1", "rack 4", "1.3.6.1.4.1.99999.1")
    assert (found.vendor, found.os, found.serial) == (None, None, None)
    assert found.readings() == {"uptime_seconds": 42}


def test_a_server_is_a_host_named_up_to_the_first_dot() -> None:
    made = device(
        ("1.3.6.1.2.1.1.1.0", "Linux web.example.net 5.14.0-70.el9.x86_64 #1 SMP x86_64"),
        ("1.3.6.1.2.1.1.2.0", "oid 1.3.6.1.4.1.8072.3.2.10"),
        ("1.3.6.1.2.1.1.5.0", "web.example.net"),
        ("1.3.6.1.2.1.25.2.2.0", 1024),
        ports("eth0"),
    )

    (found,) = told(section, made)

    assert made.is_host
    assert (found.name, found.fqdn) == ("web", "web.example.net")
    assert (found.kernel, found.kernel_release, found.architecture) == ("Linux", "5.14.0-70.el9.x86_64", "x86_64")
