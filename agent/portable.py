"""What psutil tells of a host, where the agent has no files of a kernel to read: macOS, Windows.

Source: psutil 5.9 and the standard library's `platform`. Each topic is a mapping of plain values, which a fact of
portable_facts.py makes CIs of; what a system does not show this process is left out of it, or the topic is missing with the
reason. psutil runs on Linux too, so that all of this does.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping
from typing import Any, Union

from agent.fact import Missing


def supply(topic: str) -> Union[Mapping[str, Any], Missing]:
    """What is told of a topic, or why it is not."""
    try:
        import psutil
    except ImportError:
        return Missing("absent", f"on {sys.platform} the agent needs psutil; pip install psutil")
    try:
        return _TOPICS[topic](psutil)
    except psutil.AccessDenied:
        return Missing("denied", f"{topic}: {sys.platform} shows this to an administrator only; run as root")
    except (psutil.Error, OSError) as error:
        return Missing("failed", f"{topic} can not be told: {error}")


def _system(psutil: Any) -> Mapping[str, Any]:
    version, name = "", ""
    if sys.platform == "darwin":
        version, name = platform.mac_ver()[0], "macOS"
    elif sys.platform == "win32":
        version, name = platform.win32_ver()[1], f"Windows {platform.win32_ver()[0]}"
    uname = platform.uname()
    return {
        "name": uname.node,
        "kernel": uname.system,
        "release": uname.release,
        "version": uname.version,
        "machine": uname.machine,
        "os": {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform),
        "os_name": f"{name} {version}".strip() if sys.platform == "darwin" else name,
        "os_version": version,
        "booted": psutil.boot_time(),
    }


def _cpu(psutil: Any) -> Mapping[str, Any]:
    return {"count": psutil.cpu_count(), "model": platform.processor(), "load": list(psutil.getloadavg())}


def _memory(psutil: Any) -> Mapping[str, Any]:
    memory = psutil.virtual_memory()
    return {"total": memory.total, "available": memory.available, "swap": psutil.swap_memory().total}


def _filesystems(psutil: Any) -> Mapping[str, Any]:
    """By mount point; capacity only of disks of the host itself, since a network one may not answer."""
    found: dict[str, Any] = {}
    for part in psutil.disk_partitions(all=False):
        options = [word for word in part.opts.split(",") if word]
        row: dict[str, Any] = {"device": part.device, "type": part.fstype, "options": options}
        row["network"] = part.fstype.lower() in ("smbfs", "nfs", "afpfs", "webdav", "cifs") or "remote" in options
        if not row["network"] and part.fstype:
            try:
                usage = psutil.disk_usage(part.mountpoint)
                row.update(size=usage.total, free=usage.free)
            except OSError:  # an empty drive
                pass
        found[part.mountpoint] = row
    return found


def _interfaces(psutil: Any) -> Mapping[str, Any]:
    stats, counters = psutil.net_if_stats(), psutil.net_io_counters(pernic=True)
    found: dict[str, Any] = {}
    for name, addresses in psutil.net_if_addrs().items():
        row: dict[str, Any] = {"addresses": [], "mac": ""}
        for each in addresses:
            if each.family == psutil.AF_LINK:
                row["mac"] = each.address.replace("-", ":").lower()
            else:
                row["addresses"].append([each.address, each.netmask or ""])
        if name in stats:
            row.update(up=stats[name].isup, mtu=stats[name].mtu, speed=stats[name].speed)
        if name in counters:
            row.update(received=counters[name].bytes_recv, sent=counters[name].bytes_sent)
        found[name] = row
    return found


def _listening(psutil: Any) -> Mapping[str, Any]:
    """Processes that listen, by pid: "processes"; sockets as [protocol, address, port, pid]: "sockets"."""
    sockets, processes = [], {}
    for each in psutil.net_connections(kind="inet"):
        protocol = "tcp" if each.type == 1 else "udp"  # socket.SOCK_STREAM
        if each.laddr and (each.status == psutil.CONN_LISTEN if protocol == "tcp" else not each.raddr):
            sockets.append([protocol, each.laddr.ip, each.laddr.port, each.pid or 0])
    for pid in {row[3] for row in sockets} - {0, os.getpid()}:
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                processes[str(pid)] = {
                    "name": process.name(),
                    "exe": _shown(process.exe),
                    "argv": _shown(process.cmdline),
                    "user": _shown(process.username),
                    "resident": process.memory_info().rss,
                    "started": process.create_time(),
                }
        except psutil.Error:  # noqa: PERF203 - each by itself: it has ended, or is another account's
            continue
    return {"sockets": sockets, "processes": processes}


def _services(psutil: Any) -> Mapping[str, Any]:
    """Services of Windows by name; other systems have no list that psutil knows."""
    if not hasattr(psutil, "win_service_iter"):
        return {}
    return {each.name(): each.as_dict() for each in psutil.win_service_iter()}


def _shown(ask: Callable[[], Any]) -> Any:
    """What a process says of itself, nothing where it is not shown."""
    import psutil

    try:
        return ask() or ""
    except psutil.AccessDenied:
        return ""


_TOPICS: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "system": _system,
    "cpu": _cpu,
    "memory": _memory,
    "filesystems": _filesystems,
    "interfaces": _interfaces,
    "listening": _listening,
    "services": _services,
}
