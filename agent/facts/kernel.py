"""Kernel of a host.

Sources: /proc/sys/kernel/{ostype,osrelease,version} and, since Linux 6.1, arch (proc_sys_kernel(5)), before that
uname(1) -m; /proc/uptime (proc_uptime(5)).
Yields Host with `kernel`, `kernel_release`, `kernel_version`, `architecture`, reading `uptime_seconds`. Applies to
Linux.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.fact import Command, Context, File, Material, Need, ParseError, Usual
from cmdb.model.classes.host import Host
from cmdb.model.dataclass import dataclass

_ARCH = "/proc/sys/kernel/arch"
_PATHS = ("/proc/sys/kernel/ostype", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/version")
_UNAME = Command(("/usr/bin/uname", "-m"), limit=4096)

NAME = "kernel"
VERSION = 1
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
NEEDS = (*(File(path) for path in _PATHS), File(_ARCH), File("/proc/uptime"))
USUAL = (Usual(_UNAME, unless=_ARCH),)


@dataclass(frozen=True)
class Kernel:
    """Names as uname(2) gives them; `uptime_seconds` since boot."""

    name: str
    release: str
    version: str
    architecture: str
    uptime_seconds: int


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    if material.missing(File(_ARCH)):
        yield _UNAME


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    known = material.optional(_ARCH)
    architecture = known.text if known else material.output(_UNAME).text
    names = [material.file(path).text for path in _PATHS]
    yield observe(parse(names[0], names[1], names[2], architecture, material.file("/proc/uptime").text))


def parse(ostype: str, osrelease: str, version: str, architecture: str, uptime: str) -> Kernel:
    """The kernel from the texts of its files. Raises ParseError where one is empty or the uptime no number."""
    names = [text.strip() for text in (ostype, osrelease, version, architecture)]
    if not all(names):
        raise ParseError(f"the kernel's names are not complete: {names!r}")
    try:
        seconds = int(float(uptime.split()[0]))
    except (IndexError, ValueError):
        raise ParseError(f"/proc/uptime: not understood: {uptime[:200]!r}") from None
    return Kernel(names[0], names[1], names[2], names[3], seconds)


def observe(kernel: Kernel) -> Host:
    """What the CMDB should know of it."""
    return Host(
        kernel=kernel.name,
        kernel_release=kernel.release,
        kernel_version=kernel.version,
        architecture=kernel.architecture,
        uptime_seconds=kernel.uptime_seconds,
    )
