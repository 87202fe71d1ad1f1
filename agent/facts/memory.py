"""Physical memory of a host.

Source: /proc/meminfo, proc_meminfo(5); values there are KiB.
Yields Host with `memory_bytes` and `swap_bytes`, reading `memory_available_bytes`. Applies to Linux.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.fact import Context, File, Material, ParseError
from cmdb.model.classes.host import Host
from cmdb.model.dataclass import dataclass

NAME = "memory"
VERSION = 1
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
NEEDS = (File("/proc/meminfo"),)


@dataclass(frozen=True)
class Memory:
    """Bytes; `available_bytes` is None before Linux 3.14."""

    total_bytes: int
    swap_bytes: int
    available_bytes: int | None


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    yield observe(parse(material.file("/proc/meminfo").text))


def parse(meminfo: str) -> Memory:
    """Totals from the text of /proc/meminfo; `swap_bytes` is 0 where swap is off.

    Raises ParseError where MemTotal or SwapTotal is missing, quoting the first line.
    """
    found = {name: int(value) * 1024 for name, value in re.findall(r"^(\w+): +(\d+) kB$", meminfo, re.MULTILINE)}
    for name in ("MemTotal", "SwapTotal"):
        if name not in found:
            first = meminfo.splitlines()[0] if meminfo.strip() else ""
            raise ParseError(f"/proc/meminfo: {name} is missing; it begins with {first[:200]!r}")
    return Memory(found["MemTotal"], found["SwapTotal"], found.get("MemAvailable"))


def observe(memory: Memory) -> Host:
    """What the CMDB should know of it."""
    return Host(
        memory_bytes=memory.total_bytes,
        swap_bytes=memory.swap_bytes,
        memory_available_bytes=memory.available_bytes,
    )
