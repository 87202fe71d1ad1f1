"""What a host's own tools say that it consists of, for comparison with what Surveymark found.

Independent of the agent: dpkg-query(1), getent(1), ss(8), ip(8) and findmnt(8) tell, and what the model leaves out is left out
here by other code. Each thing is one text, so that a difference reads by itself.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

Run = Callable[..., str]
"""Runs a command on the host and returns what it printed."""

Things = dict[str, set[str]]
"""Texts by class of CI."""

_WITHOUT_DATA = re.compile(
    r"autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|fuse\.(lxcfs|portal|gvfsd-fuse|snapfuse)"
    r"|hugetlbfs|mqueue|nsfs|overlay|proc|pstore|ramfs|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs"
)
_ENGINES = (
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/run/containerd",
    "/run/netns",
    "/run/user",
)
_BY_THE_ENGINE = ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf")


def witnessed(run: Run) -> Things:
    """What the tools say now."""
    return {
        "SoftwarePackage": _packages(run),
        "LocalAccount": _accounts(run),
        "Endpoint": _listening(run),
        "NetworkInterface": _interfaces(run),
        "FileSystem": _file_systems(run),
    }


def found(items: Callable[[str], Iterable[dict[str, Any]]], run: Run) -> Things:
    """The same texts from CIs: `items` gives those of a class. Ports that the kernel gives out by itself are left out."""
    given_out = _given_out(run)
    made: Things = {}
    for name, text in _TEXTS.items():
        made[name] = {text(i["attributes"]) for i in items(name)}
    made["Endpoint"] = {e for e in made["Endpoint"] if int(e.rpartition(" ")[2]) not in given_out}
    return made


def _packages(run: Run) -> set[str]:
    rows = run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Architecture} ${Version}\\n").splitlines()
    states = ("installed ", "triggers-awaited ", "triggers-pending ")
    return {row.partition(" ")[2] for row in rows if row.startswith(states)}


def _accounts(run: Run) -> set[str]:
    # The host's own accounts: those of a directory are others'.
    rows = [row.split(":") for row in run("getent", "--service=files", "passwd").splitlines()]
    return {f"{name} {uid} {gid} {home} {shell}" for name, _, uid, gid, _, home, shell in rows}


def _listening(run: Run) -> set[str]:
    given_out = _given_out(run)
    made = set()
    for row in run("ss", "-Hltnu").splitlines():
        protocol, _, _, _, local, _ = row.split()[:6]
        address, _, port = local.rpartition(":")
        if int(port) not in given_out:
            host = address.strip("[]").partition("%")[0]
            made.add(f"{protocol} {_plain('::' if host == '*' else host)} {port}")
    return made


def _given_out(run: Run) -> range:
    first, last = map(int, run("cat", "/proc/sys/net/ipv4/ip_local_port_range").split())
    return range(first, last + 1)


def _interfaces(run: Run) -> set[str]:
    made = set()
    for each in json.loads(run("ip", "-j", "-d", "addr")):
        held = [a for a in each.get("addr_info", []) if not a.get("temporary")]
        # The host's end of a container's interface: its other end is elsewhere, and it has no address of its own.
        kind = each.get("linkinfo", {}).get("info_kind", "")
        beyond = "link_netnsid" in each and not any(a["scope"] == "global" for a in held)
        if (kind == "veth" and beyond) or (kind == "tun" and "master" in each):
            continue
        addresses = sorted(f"{_plain(a['local'])}/{a['prefixlen']}" for a in held)
        mac = each.get("address", "") if each.get("link_type") == "ether" else ""
        made.add(" ".join([each["ifname"], mac, str(each["mtu"]), *addresses]))
    return made


def _file_systems(run: Run) -> set[str]:
    columns = "TARGET,FSTYPE,FSROOT,MAJ:MIN"
    # Of what is mounted over each other the last one is in sight.
    rows = {m["target"]: m for m in json.loads(run("findmnt", "-J", "-l", "-o", columns))["filesystems"]}
    kept = [m for m in rows.values() if m["target"] == "/" or _holds_data(m)]
    return {f"{m['target']} {m['fstype']}" for m in kept if m["target"] == "/" or not _is_shown_twice(m, kept)}


def _holds_data(mount: dict[str, str]) -> bool:
    target = mount["target"]
    if (
        _WITHOUT_DATA.fullmatch(mount["fstype"])
        or target in _BY_THE_ENGINE
        or target.startswith(("/dev/", "/proc/", "/sys/"))
    ):
        return False
    return not any(PurePosixPath(target).is_relative_to(engine) for engine in _ENGINES)


def _is_shown_twice(mount: dict[str, str], others: list[dict[str, str]]) -> bool:
    """True of a directory that is mounted a second time while the rest of its file system is mounted too."""
    if mount["fstype"] == "btrfs":
        return False
    inside = PurePosixPath(mount["fsroot"])
    same = [PurePosixPath(o["fsroot"]) for o in others if o["maj:min"] == mount["maj:min"]]
    return any(inside != root and inside.is_relative_to(root) for root in same)


def _plain(address: str) -> str:
    held = ipaddress.ip_address(address)
    mapped = held.ipv4_mapped if isinstance(held, ipaddress.IPv6Address) else None
    return str(mapped or held)


_TEXTS: dict[str, Callable[[dict[str, Any]], str]] = {
    # dpkg lists one row a version; nothing but kernels by hand has two under one name.
    "SoftwarePackage": lambda a: f"{a['name']} {a['architecture']} {' '.join(a['versions'])}",
    "LocalAccount": lambda a: f"{a['name']} {a['uid']} {a['gid']} {a.get('home', '')} {a.get('shell', '')}",
    "Endpoint": lambda a: f"{a['protocol']} {a['address']} {a['port']}",
    "NetworkInterface": lambda a: " ".join([a["name"], a.get("mac", ""), str(a["mtu"]), *sorted(a["addresses"])]),
    "FileSystem": lambda a: f"{a['mount_point']} {a['type']}",
}
