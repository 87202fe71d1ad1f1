"""Operating system of a host.

Sources: os-release(5) in /etc, else in /usr/lib; on older systems /etc/lsb-release and the one-line release files
(/etc/oracle-release, since Oracle's /etc/redhat-release says Red Hat, /etc/redhat-release, /etc/SuSE-release);
/etc/debian_version and the release files for the point release.
Yields Host with `os`, `os_name`, `os_version`, `os_codename`, `os_family`. Applies to Linux.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agent.fact import Context, File, Material, Unavailable
from cmdb.model.classes.host import Host
from cmdb.model.dataclass import dataclass

_RELEASES = ("/etc/os-release", "/usr/lib/os-release")
_LINES = ("/etc/oracle-release", "/etc/centos-release", "/etc/redhat-release", "/etc/system-release")
_DEBIAN = "/etc/debian_version"
_FINER = (*_LINES, _DEBIAN, "/etc/alpine-release")

NAME = "os_release"
VERSION = 2
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True
NEEDS = tuple(File(path) for path in (*_RELEASES, *_FINER, "/etc/SuSE-release", "/etc/lsb-release"))

_LIKE = {
    "almalinux": ("rhel",),
    "amzn": ("fedora",),
    "centos": ("rhel",),
    "deepin": ("debian",),
    "linuxmint": ("ubuntu",),
    "neon": ("ubuntu",),
    "ol": ("rhel",),
    "opensuse": ("suse",),
    "raspbian": ("debian",),
    "rhel": ("fedora",),
    "rocky": ("rhel",),
    "sles": ("suse",),
    "ubuntu": ("debian",),
    "uos": ("debian",),
}
"""What a system is like where it does not say so itself."""
_NAMES = {"red hat": "rhel", "amazon": "amzn", "oracle": "ol", "scientific": "scientific", "suse linux": "sles"}


@dataclass(frozen=True)
class System:
    """An operating system as its own files describe it; an empty text is what they do not tell."""

    id: str
    name: str
    version: str
    codename: str
    family: tuple[str, ...]


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    texts = {need.path: found.text for need in NEEDS if (found := material.optional(need.path)) is not None}
    yield observe(parse(texts))


def parse(texts: Mapping[str, str]) -> System:
    """The operating system from the texts of release files by path.

    A release file is taken for a finer version only where it begins with the version of os-release ("12" and "12.5").
    Raises Unavailable where no file names a system.
    """
    release = next((found for path in _RELEASES if (found := assignments(texts.get(path, ""))).get("ID")), {})
    lsb = assignments(texts.get("/etc/lsb-release", ""))
    line = next((one for path in _LINES if (one := _line(texts.get(path, "")))), None)
    suse = _suse(texts.get("/etc/SuSE-release", ""))
    plain = _plain(texts)
    if release:
        system, name, version = release["ID"].lower(), release.get("PRETTY_NAME", ""), release.get("VERSION_ID", "")
        name = name or release.get("NAME", "")
    elif line:
        system, (name, version) = _id(line[0]), line[:2]
        name = f"{name} {version}"
    elif suse:
        system, name, version = suse
    elif lsb.get("DISTRIB_ID"):
        system, version = lsb["DISTRIB_ID"].lower(), lsb.get("DISTRIB_RELEASE", "")
        name = lsb.get("DISTRIB_DESCRIPTION", "") or lsb["DISTRIB_ID"]
    elif plain:
        system, name, version = plain
    else:
        raise Unavailable("no release file names the operating system; looked into " + ", ".join(n.path for n in NEEDS))
    codename = release.get("VERSION_CODENAME") or lsb.get("DISTRIB_CODENAME") or _codename(release.get("VERSION", ""))
    return System(
        system,
        name,
        _finer(version, texts, lsb),
        codename or (line[2] if line else ""),
        _family(system, release.get("ID_LIKE", "").lower().split()),
    )


def observe(system: System) -> Host:
    """What the CMDB should know of it."""
    return Host(
        os=system.id,
        os_name=system.name or None,
        os_version=system.version or None,
        os_codename=system.codename or None,
        os_family=list(system.family),
    )


def assignments(text: str) -> dict[str, str]:
    """Shell-like assignments as os-release(5) allows them: quotes and backslashes, no expansion."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = re.match(r"\s*([A-Z][A-Z0-9_]*)=(.*?)\s*\Z", line)
        if match:
            value = match[2]
            if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
                value = value[1:-1] if value[0] == "'" else re.sub(r"\\([\\\"$`])", r"\1", value[1:-1])
            found[match[1]] = value
    return found


def _line(text: str) -> tuple[str, str, str] | None:
    """Name, version and code name of "CentOS release 6.7 (Final)"."""
    match = re.match(r"\s*(\S.*?) (?:release|version) (\d[\w.]*)[^(\n]*(?:\((.*?)\))?", text)
    return (match[1], match[2], match[3] or "") if match else None


def _suse(text: str) -> tuple[str, str, str] | None:
    """Id, name and version of /etc/SuSE-release, which a PATCHLEVEL makes finer."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    numbers = dict(re.findall(r"(VERSION|PATCHLEVEL) *= *(\S+)", text))
    patch = numbers.get("PATCHLEVEL", "0")
    version = numbers.get("VERSION", "") + (f".{patch}" if patch != "0" else "")
    return ("opensuse" if lines[0].lower().startswith("opensuse") else "sles", lines[0], version)


def _plain(texts: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Id, name and version where a file with a bare version is all there is: Debian 6, Alpine 3.0."""
    for path, system, name in (
        ("/etc/alpine-release", "alpine", "Alpine Linux"),
        (_DEBIAN, "debian", "Debian GNU/Linux"),
    ):
        version = texts.get(path, "").strip()
        if re.match(r"\d[\w.]*\Z", version):
            return system, f"{name} {version}", version
    return None


def _finer(version: str, texts: Mapping[str, str], lsb: Mapping[str, str]) -> str:
    candidates = [texts.get("/etc/debian_version", "").strip(), texts.get("/etc/alpine-release", "").strip()]
    candidates += [line[1] for path in _LINES if (line := _line(texts.get(path, "")))]
    candidates.append(lsb.get("DISTRIB_RELEASE", ""))
    return next((c for c in candidates if re.match(re.escape(version) + r"\.\d[\w.]*\Z", c)), version)


def _codename(version: str) -> str:
    match = re.search(r"\(([^)]+)\)", version)
    return match[1] if match and "edition" not in match[1].lower() else ""


def _id(name: str) -> str:
    folded = name.lower()
    return next((i for start, i in _NAMES.items() if folded.startswith(start)), folded.split()[0])


def _family(system: str, like: list[str]) -> tuple[str, ...]:
    found = [system, *like]
    for name in found:  # grows while it is read
        found += [n for n in _LIKE.get(name, ()) if n not in found]
    return tuple(sorted(set(found)))
