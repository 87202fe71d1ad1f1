"""What one journey to a host is to bring: needs, sorted by how a shell of the far side supplies them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.fact import Capacity, Certificates, Command, Digests, File, Files, Links, Need, Portable, Usual

KERNEL = ("/proc/", "/sys/")
_WILD = re.compile(r"[*?[]")


@dataclass
class Wanted:
    """Paths and patterns by kind, each once and in a fixed order. `texts` are of the kernel's own files, `lines` those of
    which only some lines are wanted; `files`, `links`, `digests` and `certificates` lie on disks; `commands` stand with the
    path where, the one unless, and the one without which they are run."""

    texts: list[str] = field(default_factory=list)
    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kernel_links: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    certificates: list[str] = field(default_factory=list)
    certificate_limit: int = 0
    digest_limit: int = 0
    commands: dict[Command, tuple[str, str, str]] = field(default_factory=dict)
    capacity: bool = False


def wanted(needs: Iterable[Need], usual: Iterable[Usual] = ()) -> Wanted:
    """The needs in their places; what no shell may be asked for (a path that is no plain absolute one) is left out."""
    found = Wanted()
    for each in (*(Usual(need) for need in needs), *usual):
        _add(found, each)
    for paths in (
        *(found.texts, found.kernel_links, found.sockets),
        *(found.files, found.links, found.digests, found.certificates),
    ):
        paths[:] = dict.fromkeys(paths)
    return found


def plain(path: str) -> bool:
    """True of what can be asked for: absolute, without steps up, and one line without control characters."""
    return path.startswith("/") and "/../" not in f"{path}/" and "//" not in path and path.isprintable()


def folders(patterns: Iterable[str]) -> list[str]:
    """All that lies on the way to the patterns, "/" first, each once."""
    found = {"/": None}
    for pattern in patterns:
        parts = pattern.strip("/").split("/")
        found.update(dict.fromkeys("/" + "/".join(parts[:n]) for n in range(1, len(parts))))
    return list(found)


def listed(patterns: Iterable[str]) -> list[str]:
    """The folders that have to be listed for the patterns, themselves patterns."""
    found: dict[str, None] = {}
    for pattern in patterns:
        parts = pattern.strip("/").split("/")
        found.update({"/" + "/".join(parts[:n]): None for n, part in enumerate(parts) if _WILD.search(part)})
    return list(found)


def _add(found: Wanted, each: Usual) -> None:
    need = each.need
    if isinstance(need, Command):
        found.commands.setdefault(need, (each.where, each.unless, each.lacking))
        return
    if isinstance(need, Capacity):
        found.capacity = True
        return
    if isinstance(need, Portable):  # of no use over SSH, where the far side is read by its files
        return
    path = need.path if isinstance(need, File) else need.pattern
    if not plain(path):
        return
    kernel = path.startswith(KERNEL)
    if isinstance(need, Links):
        starting = need.starting == "socket:["
        (found.sockets if kernel and starting else found.kernel_links if kernel else found.links).append(path)
    elif isinstance(need, Digests):
        found.digests.append(path)
        found.digest_limit = max(found.digest_limit, need.limit)
    elif isinstance(need, Certificates):
        found.certificates.append(path)
        found.certificate_limit = max(found.certificate_limit, need.limit)
    elif isinstance(need, Files) and kernel and need.keep:
        found.lines[path] = need.keep
    else:
        (found.texts if kernel else found.files).append(path)
