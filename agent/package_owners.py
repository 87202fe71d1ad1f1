"""Which package owns a file, and in what version.

Sources: `dpkg-query -S` and -W (dpkg-query(1)), `rpm -qf` (rpm(8)), /lib/apk/db/installed (apk's database: P package, V version,
F folder, R file). The version is that of the software: without epoch and without the revision of its packaging.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agent.fact import Command, File, Material, Need
from agent.facts import packages_dpkg

_APK = File("/lib/apk/db/installed", 64 * 1024 * 1024)
_PATH = re.compile(r"(?:/[A-Za-z0-9_.+\-]{1,100}){2,12}\Z")
_MOST = 64
_USR = re.compile(r"/usr(?=/(?:s?bin|lib(?:64|exec)?)/)")
"""What /bin, /sbin and /lib are links to today: packages name a file by either."""


class Owner(NamedTuple):
    """A package; `version` is the software's."""

    package: str
    version: str


def needs(paths: Iterable[str]) -> Iterator[Need]:
    """What is to be asked for the owners of files; a path with any but plain characters is asked of nobody."""
    paths = list(paths)
    asked = _asked(paths)
    if asked:
        yield _dpkg(asked)
        yield from packages_dpkg.NEEDS
        yield _rpm(_plain(paths))
        yield _APK


def owners(paths: Iterable[str], material: Material) -> dict[str, Owner]:
    """Owners by path; a file that no package owns, or whose owner can not be told, is not in it."""
    paths = list(paths)
    asked, plain = _asked(paths), _plain(paths)
    if not asked:
        return {}
    found: dict[str, Owner] = {}
    if not material.missing(_APK):
        found.update(parse_apk(material.file(_APK.path).text, asked))
    if not material.missing(_dpkg(asked)) and not material.missing(packages_dpkg.NEEDS[0]):
        versions = {p.name: p.version for p in packages_dpkg.parse(material.output(packages_dpkg.NEEDS[0]).text)}
        for path, package in parse_dpkg(material.output(_dpkg(asked)).text).items():
            if package in versions:
                found[path] = Owner(package, upstream(versions[package]))
    if not material.missing(_rpm(plain)):
        found.update(zip_rpm(plain, material.output(_rpm(plain)).text))
    return {path: found[same] for path in paths for same in _names(path) if same in found}


def upstream(version: str) -> str:
    """The software's own version in that of a package: "5:7.0.15-1~deb12u4" is 7.0.15 (deb-version(7)), "1.24.0-r15" 1.24.0."""
    own = version.partition(":")[2] if ":" in version else version
    return own.rpartition("-")[0] or own


def parse_dpkg(text: str) -> dict[str, str]:
    """Packages by path from `dpkg-query -S`: "nginx: /usr/sbin/nginx", "a, b:amd64: /path"; of a diversion nothing is told."""
    found = {}
    for line in text.splitlines():
        packages, colon, path = line.rpartition(": ")
        if colon and path.startswith("/") and not packages.startswith("diversion "):
            found[path] = packages.split(",")[0].partition(":")[0].strip()
    return found


def zip_rpm(asked: Iterable[str], text: str) -> Iterator[tuple[str, Owner]]:
    """(path, owner) from the lines of `rpm -qf`, one for each path: "file ... is not owned by any package" of others.

    Where there are fewer, rpm has looked at a path in vain and nothing says at which one.
    """
    asked, lines = list(asked), text.splitlines()
    for path, line in zip(asked, lines) if len(asked) == len(lines) else ():
        name, tab, version = line.partition("\t")
        if tab and name and " " not in name:
            yield path, Owner(name, version)


def parse_apk(text: str, asked: Iterable[str]) -> dict[str, Owner]:
    """Owners of these paths from apk's database."""
    wanted = {path.lstrip("/"): path for path in asked}
    found = {}
    package = version = folder = ""
    for line in text.splitlines():
        key, value = line[:2], line[2:]
        if not line:
            package = version = folder = ""
        elif key == "P:":
            package = value
        elif key == "V:":
            version = value
        elif key == "F:":
            folder = value
        elif key == "R:" and f"{folder}/{value}" in wanted:
            found[wanted[f"{folder}/{value}"]] = Owner(package, upstream(version))
    return found


def _asked(paths: Iterable[str]) -> tuple[str, ...]:
    return _plain(name for path in paths for name in _names(path))


def _plain(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({p for p in paths if _PATH.match(p) and "/.." not in p})[:_MOST])


def _names(path: str) -> tuple[str, ...]:
    short = _USR.sub("", path, count=1) if path.startswith("/usr/") else path
    return (path,) if short == path else (path, short)


def _dpkg(asked: tuple[str, ...]) -> Command:
    return Command(("/usr/bin/dpkg-query", "-S", *asked))


def _rpm(asked: tuple[str, ...]) -> Command:
    return Command(("/usr/bin/rpm", "-qf", "--qf", "%{NAME}\\t%{VERSION}\\n", *asked))
