"""A made-up estate for benchmarks, the same for the same seed: hosts with packages, accounts, services, software, files.

`hosts(200, 500, seed)` yields hosts of 500 CIs each; `Host.batch(n)` is a batch of it as its agent would send it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cmdb.model.batch import Header, Section, encode, item_json, section_body
from cmdb.model.classes.config_file import ConfigFile
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.classes.file_system import FileSystem
from cmdb.model.classes.host import Host as HostClass
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.classes.local_account import LocalAccount
from cmdb.model.classes.local_group import LocalGroup
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.classes.software_package import SoftwarePackage
from cmdb.model.classes.system_service import SystemService
from cmdb.model.declaration import CI, Relation
from cmdb.model.values import digest

START = 1_700_000_000_000_000  # an instant long past, so that no benchmark depends on the clock
WORDS = [
    "lib",
    "perl",
    "python",
    "net",
    "ssl",
    "core",
    "data",
    "tools",
    "common",
    "dev",
    "utils",
    "gtk",
    "media",
    "font",
    "kernel",
    "image",
    "doc",
    "server",
    "client",
    "base",
]


@dataclass
class EstateHost:
    """One made-up host: `sections` by name, each a list of CIs and of relations."""

    number: int
    sections: dict[str, tuple[list[CI], list[Relation], list[str], list[str]]] = field(default_factory=dict)

    def batch(self, sequence: int, held: dict[str, str] | None = None) -> bytes:
        """The batch that its agent would send, `sequence` minutes after the start."""
        number = self.number
        header = Header(
            id=f"batch-{number}-{sequence}",
            source=f"agent:{number:08x}",
            route="agent",
            sequence=sequence,
            observed_at=START + sequence * 60_000_000,
            subject_class="Host",
            marks={
                "agent_key": hashlib.sha256(b"key%d" % number).hexdigest()[:32],
                "machine_id": hashlib.sha256(b"machine%d" % number).hexdigest()[:32],
                "macs": [self.mac],
                "host_name": f"host{number:04d}",
            },
        )
        return b"".join(encode(header, self.encoded(), held or {}))

    @property
    def mac(self) -> str:
        return "02:" + ":".join(f"{b:02x}" for b in hashlib.sha256(b"mac%d" % self.number).digest()[:5])

    def encoded(self) -> list[Section]:
        """Its sections with bodies and digests."""
        found = []
        for name, (items, relations, classes, types) in sorted(self.sections.items()):
            rows: list[dict[str, Any]] = [item_json(i, isinstance(i, HostClass)) for i in items]
            bodies = section_body(rows, relations)
            digests = [digest(b) for b in bodies]
            found.append(
                Section(name, 1, classes, types, "full", "collected", "", {"wall_seconds": 0.01}, digests, list(bodies))
            )
        return found


def hosts(count: int, cis: int, seed: int) -> Iterator[EstateHost]:
    """`count` hosts of exactly `cis` CIs each (the host and its address among them)."""
    dice = random.Random(seed)
    names = sorted({f"{dice.choice(WORDS)}-{dice.choice(WORDS)}{n}" for n in range(3 * cis)})
    for number in range(count):
        yield _host(number, cis, dice, names)


def _host(number: int, cis: int, dice: random.Random, names: list[str]) -> EstateHost:
    host = EstateHost(number)
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    eth0 = NetworkInterface(
        name="eth0", kind="physical", mac=host.mac, mtu=1500, enabled=True, addresses=[f"{address}/8"]
    )
    ip = IPAddress(address=address, version=4)
    host.sections["network"] = (
        [eth0, ip], [Relation("HAS_ADDRESS", eth0.ref(), ip.ref())], ["NetworkInterface", "IPAddress"], ["HAS_ADDRESS"],
    )  # fmt: skip
    host.sections["os_release"] = (
        [HostClass(name=f"host{number:04d}", os="debian", os_version="12", os_name="Debian GNU/Linux 12 (bookworm)")],
        [], ["Host"], [],
    )  # fmt: skip
    accounts: list[CI] = [
        LocalAccount(name=f"user{n}", uid=1000 + n, gid=100, home=f"/home/user{n}", shell="/bin/bash")
        for n in range(25)
    ]
    host.sections["accounts"] = (accounts, [], ["LocalAccount"], [])
    host.sections["groups"] = ([LocalGroup(name=f"group{n}", gid=n) for n in range(25)], [], ["LocalGroup"], [])
    files: list[CI] = [
        ConfigFile(path=f"/etc/app/{n}.conf", digest="sha256:" + dice.randbytes(32).hex(), mode="0644", owner="root")
        for n in range(20)
    ]
    host.sections["config_files"] = (files, [], ["ConfigFile"], [])
    host.sections["filesystems"] = (
        [FileSystem(mount_point=m, type="ext4", source=f"/dev/mapper{m}", size_bytes=10**11) for m in ("/", "/var", "/srv")],
        [], ["FileSystem"], [],
    )  # fmt: skip
    services: list[CI] = [
        SystemService(name=f"service{n}.service", manager="systemd", startup="enabled", state="running")
        for n in range(30)
    ]
    host.sections["services"] = (services, [], ["SystemService"], [])
    software: list[CI] = []
    exposes = []
    for n in range(15):
        port = 5000 + n
        instance = SoftwareInstance(
            instance=f"unit service{n}.service", name=f"daemon{n}", unit=f"service{n}.service", user="root",
            executable=f"/usr/sbin/daemon{n}", command=f"/usr/sbin/daemon{n} --port {port}", ports=[f"tcp/{port}"],
        )  # fmt: skip
        end = Endpoint(name=f"tcp 0.0.0.0:{port}", protocol="tcp", address="0.0.0.0", port=port, exposed=True)
        software += [instance, end]
        exposes.append(Relation("EXPOSES", instance.ref(), end.ref()))
    host.sections["software"] = (software, exposes, ["Endpoint", "SoftwareInstance"], ["EXPOSES"])
    left = cis - 1 - sum(len(items) for name, (items, _, _, _) in host.sections.items() if name != "os_release")
    packages: list[CI] = [
        SoftwarePackage(
            manager="dpkg", name=name, architecture="amd64",
            versions=[f"{dice.randrange(9)}.{dice.randrange(30)}.{dice.randrange(9)}-{dice.randrange(4)}+deb12u1"],
        )
        for name in dice.sample(names, left)
    ]  # fmt: skip
    host.sections["packages"] = (packages, [], ["SoftwarePackage"], [])
    return host
