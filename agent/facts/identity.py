"""What a host calls itself.

Sources: /proc/sys/kernel/hostname (proc_sys_kernel(5)), /etc/hosts (hosts(5)), /etc/machine-id (machine-id(5)), before
systemd /var/lib/dbus/machine-id.
Yields Host with `name`, `fqdn`, `machine_id`; marks `machine_id`, `host_name`, `fqdn`. Applies to Linux.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.fact import Context, File, Material, ParseError
from cmdb.model.classes.host import Host
from cmdb.model.dataclass import dataclass
from cmdb.model.identity import host_name
from cmdb.model.values import Value

_MACHINE_IDS = ("/etc/machine-id", "/var/lib/dbus/machine-id")

NAME = "identity"
VERSION = 1
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
NEEDS = (File("/proc/sys/kernel/hostname"), File("/etc/hosts"), *(File(path) for path in _MACHINE_IDS))


@dataclass(frozen=True)
class Identity:
    """Names of a host; None is what it has not."""

    name: str
    fqdn: str | None
    machine_id: str | None


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    yield observe(_read(material))


def marks(material: Material, context: Context) -> dict[str, Value]:  # noqa: ARG001 - as every fact
    """By which marks the host is known; names that installers leave do not identify."""
    identity = _read(material)
    found = {"machine_id": identity.machine_id, "host_name": host_name(identity.name), "fqdn": host_name(identity.fqdn)}
    return {name: value for name, value in found.items() if value}


def parse(hostname: str, hosts: str, machine_ids: list[str]) -> Identity:
    """Names from the texts of the files.

    The qualified name is the kernel's where it has dots, else the first name with dots on the first line of /etc/hosts
    that lists the host name, as hostname(1) -f finds it. Of the machine ids the first that is 32 hex digits counts: a
    fresh image has an empty one or "uninitialized". Raises ParseError where the kernel has no host name.
    """
    name = hostname.strip()
    if not name or name == "(none)":
        raise ParseError(f"/proc/sys/kernel/hostname: no host name: {hostname[:200]!r}")
    short = name.split(".")[0] or name
    fqdn = name if "." in name.strip(".") else _listed(hosts, short)
    ids = [text.strip().lower() for text in machine_ids]
    return Identity(short, fqdn, next((i for i in ids if re.match(r"[0-9a-f]{32}\Z", i) and set(i) != {"0"}), None))


def observe(identity: Identity) -> Host:
    """What the CMDB should know of it."""
    return Host(name=identity.name, fqdn=identity.fqdn, machine_id=identity.machine_id)


def _read(material: Material) -> Identity:
    hosts = material.optional("/etc/hosts")
    ids = [found.text for path in _MACHINE_IDS if (found := material.optional(path))]
    return parse(material.file("/proc/sys/kernel/hostname").text, hosts.text if hosts else "", ids)


def _listed(hosts: str, name: str) -> str | None:
    for line in hosts.splitlines():
        names = line.split("#")[0].split()[1:]
        if name in names or any(n.split(".")[0] == name for n in names):
            return next((n for n in names if "." in n and not n.startswith("localhost")), None)
    return None
