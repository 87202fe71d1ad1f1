"""A small shop of three hosts, as batches of their agents: nginx talks to an application, that to a database.

Hostile text stands where hosts can put it. Time is a clock that stands still until it is moved.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.caller import Caller
from api.context import NAME
from api.settings import Settings
from cmdb.ingest import Ingest
from cmdb.model import batch as batches
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.classes.file_system import FileSystem
from cmdb.model.classes.host import Host
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.classes.local_account import LocalAccount
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.classes.software_package import SoftwarePackage
from cmdb.model.declaration import CI, SUBJECT, Relation
from cmdb.model.query_language import parse
from cmdb.model.times import SECOND
from cmdb.model.values import digest, text
from cmdb.ports import Store
from cmdb.stores.sqlite_store import SqliteStore
from cmdb.taking import Sender

START = 1_760_000_000 * SECOND
SCRIPT = "<script>alert(document.domain)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
TERMINAL = "\x1b]0;owned\x07\x1b[31mred\u202egnp.exe"
JAVASCRIPT = "javascript:alert(1)"
HUGE = "A" * 1_000_000 + "</td></table>"


class Clock:
    """Microseconds since 1970, moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


class Shop:
    """A store, its application, and the agents that report to it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = Clock()
        self.app: Flask = create_app(Settings(), store, self.clock)
        self._ingest = Ingest(store, self.clock)
        self._sequence = 0

    def report(self, machine: str, sections: list[batches.Section]) -> None:
        self._sequence += 1
        self.clock.now += 90 * SECOND
        number = int(machine[-1])
        header = batches.Header(
            f"batch-{self._sequence}",
            f"agent:{machine}",
            "agent",
            self._sequence,
            self.clock.now,
            "Host",
            {"machine_id": hashlib.md5(machine.encode()).hexdigest(), "macs": [f"02:00:00:00:00:0{number}"]},
        )
        self._ingest.submit(b"".join(batches.encode(header, sections)), Sender("agent"))

    def signed_in(self, *roles: str) -> FlaskClient:
        """A browser that has the cookie of somebody with these roles."""
        client = self.app.test_client()
        assert client.get(self.address(*roles)).status_code == 303
        return client

    def address(self, *roles: str) -> str:
        """A one-time address."""
        code = self.app.extensions[NAME].sessions.code(Caller("os:tester", roles or ("reader",)))
        return f"/sign-in/{code}"

    def id(self, query: str) -> str:
        """The id of the only CI that a query finds."""
        with self.store.view() as view:
            (item,) = view.find(parse(query)).items
        return item.id


@contextmanager
def empty_shop(folder: Path) -> Iterator[Shop]:
    store = SqliteStore.open(folder / "shop.db")
    try:
        yield Shop(store)
    finally:
        store.close()


@contextmanager
def shop(folder: Path) -> Iterator[Shop]:
    """All three hosts, seen three times; then the database's host has another package version."""
    with empty_shop(folder) as found:
        for _ in range(3):
            for machine in ("web1", "app2", "db3"):
                found.report(machine, host(machine))
        found.report("db3", host("db3", version="16.5-1"))
        yield found


def host(machine: str, version: str = "16.4-1", packages: int = 3) -> list[batches.Section]:
    """What one host's agent reports."""
    number = int(machine[-1])
    name, port, peer = {"web1": ("nginx", 443, 2), "app2": ("shop", 8080, 3), "db3": ("postgres", 5432, 0)}[machine]
    software = SoftwareInstance(
        instance=f"unit {name}.service", name=name, unit=f"{name}.service", user=name, ports=[f"tcp/{port}"],
        kind={"nginx": "web server", "postgres": "database"}.get(name), resident_bytes=52_428_800,
    )  # fmt: skip
    odd = SoftwareInstance(instance=f"exe /opt/{number}", name=text(SCRIPT if number == 1 else TERMINAL))
    endpoint = _endpoint("0.0.0.0", port, True)
    local = _endpoint("127.0.0.1", 9000 + number, False)
    link = NetworkInterface(
        name="eth0", kind="physical", mac=f"02:00:00:00:00:0{number}", mtu=1500, speed_bps=1_000_000_000, rx_bytes=12
    )
    address = IPAddress(address=f"10.0.0.{number}", version=4)
    talks = [Relation("TALKS_TO", software.ref(), _at(peer, 8080 if peer == 2 else 5432))] if peer else []
    heard = [Relation("TALKS_TO", {"address": f"10.0.0.{number - 1}"}, endpoint.ref())] if number > 1 else []
    gateway = {"why": "default gateway", "evidence": "ip route: default via 10.0.0.254 dev eth0", "strength": "hard"}
    return [
        section("os", [_host(machine)], [], subject=True),
        section("network", [link, address], [Relation("HAS_ADDRESS", link.ref(), address.ref())]),
        section(
            "dependencies", [], [Relation("DEPENDS_ON", SUBJECT, {"address": "10.0.0.254"}, gateway)], ["DEPENDS_ON"]
        ),
        section(
            "software",
            [software, odd, endpoint, local],
            [Relation("EXPOSES", software.ref(), endpoint.ref()), Relation("EXPOSES", software.ref(), local.ref())],
        ),
        section("flows", [], [*talks, *heard], ["TALKS_TO"]),
        section("filesystems", [FileSystem(mount_point="/", type="ext4", size_bytes=41_943_040_000, free_bytes=9)], []),
        section("packages_dpkg", _packages(name, version, packages), []),
        section("accounts", [LocalAccount(name="root", uid=0, full_name=text(HUGE)), LocalAccount(name=IMAGE)], []),
        failed("hardware", f"/sys/class/dmi/id/product_serial: permission denied {SCRIPT}; run as root"),
        failed("config_files", "no key for digests"),
        batches.Section("services", 1, ["SystemService"], [], "full", "not_applicable", "no init system"),
    ]


def section(
    name: str,
    items: list[CI],
    relations: list[Relation],
    relation_types: list[str] | None = None,
    subject: bool = False,
) -> batches.Section:
    """A section that was collected in full."""
    bodies = batches.section_body([batches.item_json(i, subject) for i in items], relations)
    rows = [
        {"class": type(i).__name__, "key": "" if subject else i.local_key(), "readings": i.readings()} for i in items
    ]
    readings: dict[str, Any] = {"items": [row for row in rows if row["readings"]]}
    return batches.Section(
        name=name,
        version=1,
        classes=sorted({type(i).__name__ for i in items}),
        relations=relation_types or sorted({r.type for r in relations}),
        privilege="full",
        outcome="collected",
        digests=[digest(body) for body in bodies],
        bodies=list(bodies),
        readings=readings if readings["items"] else None,
        parts=len(bodies),
    )


def failed(name: str, reason: str) -> batches.Section:
    return batches.Section(name, 1, ["ConfigFile"], [], "user", "failed", reason)


def links_of(html: str) -> set[str]:
    """Targets of all links of a page."""
    return set(re.findall(r'href="([^"]*)"', html))


def _host(machine: str) -> Host:
    return Host(
        name=machine, os="debian", os_name="Debian GNU/Linux 12 (bookworm)", os_version="12.7", kernel_release="6.1.0-26",
        architecture="x86_64", cpu_count=4, memory_bytes=8_232_345_600, swap_bytes=0, virtualization="kvm",
        vendor=IMAGE, product=JAVASCRIPT, resolvers=["10.0.0.53"], uptime_seconds=273_600, load_1m="0.12",
    )  # fmt: skip


def _endpoint(address: str, port: int, exposed: bool) -> Endpoint:
    return Endpoint(name=f"tcp {address}:{port}", protocol="tcp", address=address, port=port, exposed=exposed)


def _at(number: int, port: int) -> dict[str, Any]:
    return {"address": f"10.0.0.{number}", "protocol": "tcp", "port": port}


def _packages(name: str, version: str, count: int) -> list[CI]:
    own: list[CI] = [SoftwarePackage(manager="dpkg", name=name, architecture="amd64", versions=[version])]
    return own + [
        SoftwarePackage(manager="dpkg", name=f"lib{n:04}", architecture="amd64", versions=["1"]) for n in range(count)
    ]
