"""Processors of a host.

Sources: /proc/cpuinfo (proc_cpuinfo(5); its fields differ by architecture), /sys/devices/system/cpu/online (a list of
ranges, "0-3,6"), /proc/loadavg (proc_loadavg(5)).
Yields Host with `cpu_model` and `cpu_count`, reading `load_1m`. Applies to Linux.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.fact import Context, File, Material, ParseError
from cmdb.model.classes.host import Host
from cmdb.model.dataclass import dataclass

_ONLINE = "/sys/devices/system/cpu/online"

NAME = "cpu"
VERSION = 1
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
NEEDS = (File("/proc/cpuinfo", 64 * 1024 * 1024), File(_ONLINE), File("/proc/loadavg"))

_MODELS = ("model name", "cpu model", "cpu", "Processor", "Hardware", "Model", "uarch", "Model Name")
"""Fields that name the model, by architecture: x86 and 32-bit ARM, MIPS, POWER, older ARM, RISC-V, LoongArch."""


@dataclass(frozen=True)
class Processors:
    """Model, empty where the kernel names none (most 64-bit ARM), and number of logical processors online."""

    model: str
    count: int


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    online = material.optional(_ONLINE)
    load = material.optional("/proc/loadavg")
    processors = parse(material.file("/proc/cpuinfo").text, online.text if online else "")
    yield observe(processors, load.text if load else "")


def parse(cpuinfo: str, online: str) -> Processors:
    """Processors from the text of /proc/cpuinfo and the list of those online, which is empty where /sys is not there.

    Raises ParseError where neither tells a number.
    """
    fields: dict[str, str] = {}
    listed = 0
    for line in cpuinfo.splitlines():
        name, colon, value = line.partition(":")
        name = name.strip()
        if colon and value.strip():
            fields.setdefault(name, " ".join(value.split()))
        # s390 writes "processor 0: version = FF, ...".
        listed += re.match(r"processor(\s+\d+)?\Z", name) is not None and bool(colon)
    count = _ranges(online) or listed
    if not count:
        raise ParseError(f"/proc/cpuinfo: names no processor: {cpuinfo[:200]!r}")
    return Processors(next((fields[name] for name in _MODELS if name in fields), ""), count)


def observe(processors: Processors, loadavg: str) -> Host:
    """What the CMDB should know of it."""
    load = re.match(r"\d+\.\d+", loadavg)
    return Host(cpu_model=processors.model or None, cpu_count=processors.count, load_1m=load[0] if load else None)


def _ranges(text: str) -> int:
    count = 0
    for part in text.strip().split(","):
        match = re.match(r"(\d+)(?:-(\d+))?\Z", part)
        if not match:
            return 0
        count += int(match[2] or match[1]) - int(match[1]) + 1
    return count
