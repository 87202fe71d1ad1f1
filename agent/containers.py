"""Whether this is a container or a namespace, where what the kernel says of the machine is not the host's own.

Sources: /run/systemd/container (systemd's container interface), /run/.containerenv of podman, /.dockerenv, cgroup names
of the first process, and the inode numbers of the namespaces that the kernel makes at boot (include/linux/proc_ns.h,
the same on every machine since 3.8). The environment of the first process would tell too and is never read.
"""

from __future__ import annotations

import re

from agent.fact import Content, File, Links, Material, Need

NEEDS: tuple[Need, ...] = (
    File("/run/systemd/container"),
    File("/run/.containerenv"),
    File("/.dockerenv"),
    File("/proc/1/cgroup"),
    Links("/proc/self/ns/pid"),
    Links("/proc/self/ns/uts"),
)

_INITIAL = {"pid": "pid:[4026531836]", "uts": "uts:[4026531838]"}
_CGROUPS = (
    ("kubepods", "kubernetes"),
    ("libpod", "podman"),
    ("docker", "docker"),
    ("lxc", "lxc"),
    ("machine.slice", "systemd-nspawn"),
)


def container(material: Material) -> str | None:
    """The kind of container ("docker", "lxc", "namespace" where nothing tells more), None outside of any.

    A mark alone is no proof: images built by docker keep /.dockerenv when they are booted as a virtual machine, so
    where the kernel says that the first pid and uts namespaces are ours it is none.
    """
    own = {name: _namespace(material, name) for name in _INITIAL}
    if own["pid"] == _INITIAL["pid"] and own["uts"] in (_INITIAL["uts"], None):
        return None
    kind = _marked(material)
    if own["pid"] is None or own["pid"] == _INITIAL["pid"]:
        return kind
    return kind or "namespace"


def _marked(material: Material) -> str | None:
    manager = _text(material, "/run/systemd/container").strip()
    if re.match(r"[a-z][a-z0-9\-]{1,30}\Z", manager):
        return manager
    if material.missing(File("/run/.containerenv")) is None:
        return "podman"
    cgroup = _text(material, "/proc/1/cgroup")
    kind = next((kind for mark, kind in _CGROUPS if mark in cgroup), None)
    return kind or ("docker" if material.missing(File("/.dockerenv")) is None else None)


def _namespace(material: Material, name: str) -> str | None:
    need = Links(f"/proc/self/ns/{name}")
    if material.missing(need):
        return None
    target = material.links(need).get(f"/proc/self/ns/{name}")
    return target if isinstance(target, str) else None


def _text(material: Material, path: str) -> str:
    """A mark's text, empty where it is not there or may not be read: a missing mark is only no mark."""
    if material.missing(File(path)):
        return ""
    found = material.file(path)
    assert isinstance(found, Content)
    return found.text
