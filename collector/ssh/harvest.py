"""What a journey brought, in tables: texts, digests, links and ways by path, programs by number.

A host may send anything: what does not parse is left out of its table, so that a need which it would have met is a
failure. Paths are bytes of the host, here text with surrogate escapes.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.files import certificates_of
from collector.ssh.frames import Frames, Section
from collector.ssh.way import Status

_TYPES = {
    "f": stat.S_IFREG,
    "d": stat.S_IFDIR,
    "l": stat.S_IFLNK,
    "p": stat.S_IFIFO,
    "s": stat.S_IFSOCK,
    "b": stat.S_IFBLK,
    "c": stat.S_IFCHR,
}
_ROW = re.compile(r"([a-zA-Z?]) ([0-7]+) (\d+) (\d+) (\d+) (/.*)\Z", re.DOTALL)
_PLAIN_ROW = re.compile(r"([0-9a-f]+) (\d+) (\d+) (\d+) (/.*)\Z", re.DOTALL)
_LS = re.compile(r"l\S+ +\d+ +\d+ +\d+ +\d+ +\S+ +\S+ +\S+ (.+?) -> (.*)\Z")
_LINES = re.compile(rb"([^\0]*)\0([^\n]*\n(?:\1\0[^\n]*\n)*+)")
"""A path, and all lines that come in a row with it."""
_DIGEST = re.compile(rb"(\\?)([0-9a-f]{64}) [ *]")
_ERROR = re.compile(r"(?:\S*/)?(?:grep|find|sha256sum|stat|ls|busybox|sudo|doas): (.*): ([A-Z][^:]*)\Z")
_CANNOT = re.compile(r"(?:cannot|can't) (?:access|open|read symbolic link|read|stat|lstat) ")


@dataclass
class Harvest:
    """`errors` has what the kernel said of a path that could not be had (the text of strerror in the C locale)."""

    texts: dict[str, bytes] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    certificates: dict[str, bytes | None] = field(default_factory=dict)
    """Certificate blocks by path, None of a file that may not be read."""
    links: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Status] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    link_errors: dict[str, str] = field(default_factory=dict)
    """The same of symbolic links that could not be read, and of folders of them that could not be listed."""
    unlisted: set[str] = field(default_factory=set)
    capacity: dict[str, tuple[int, int]] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    raised_rows: set[str] = field(default_factory=set)
    """Paths among `rows` that were looked at with the rights of root, folders with all that is in them."""


def harvest(frames: Frames) -> Harvest:
    """The tables of an answer; later words on a path (those of root) stand above earlier ones."""
    found = Harvest()
    sections = frames.sections
    about = sections.get("about")
    for line in about.data.decode("utf-8", "replace").splitlines() if about else ():
        name, _, value = line.partition(" ")
        found.about[name] = value
    zero = found.about.get("dialect") != "plain"
    for key, section in sections.items():
        raised = key.startswith("x")
        if key == "texts" or key == "files" or key.startswith("lines"):
            found.texts.update(_texts(section.data) if zero else _plain_texts(section.data))
        elif key == "xtexts":
            found.texts.update(_plain_texts(section.data))
        elif key in ("links", "xlinks"):
            links = _links(section.data) if zero else _listed_links(section.data)
            # Where an account may not read a link, find shows it without its target.
            found.links.update({p: target for p, target in links.items() if target or p not in found.links})
        elif key in ("way", "xway"):
            rows = _rows(section.data) if zero else _plain_rows(section.data)
            found.rows.update(rows)
            found.raised_rows.update(rows if raised else ())
        elif key in ("digests", "xdigests"):
            found.digests.update(_digests(section.data))
        elif key == "certificates":
            found.certificates.update(_certificates(section.data))
        elif key == "unlisted":
            found.unlisted.update(section.data.decode("utf-8", "surrogateescape").splitlines())
        elif key == "capacity":
            found.capacity.update(_capacity(section.data))
        else:
            continue
        if not raised:
            (found.link_errors if key == "links" else found.errors).update(blamed(section))
    for path in (*found.texts, *found.digests):
        found.errors.pop(path, None)
    by_root = sections.get("xlinks")
    for path, target in found.links.items():
        if by_root and by_root.data and path.startswith("/proc/"):
            found.link_errors.pop(path.rpartition("/")[0], None)  # root could list what the account could not
        if target:
            found.link_errors.pop(path, None)
    return found


def blamed(section: Section) -> dict[str, str]:
    """What programs said of paths on standard error, in the words of strerror(3) in the C locale."""
    found = {}
    for line in section.errors.decode("utf-8", "surrogateescape").splitlines():
        match = _ERROR.match(line)
        if match:
            path = _CANNOT.sub("", match[1]).strip("'`")
            found[_absolute(path)] = match[2]
    return found


def _texts(data: bytes) -> dict[str, bytes]:
    """From `grep -aHZ`: "PATH NUL LINE" for each line. A line end behind the last line may be grep's own."""
    found: dict[str, list[bytes]] = {}
    last = data.rfind(b"\0", 0, data.rfind(b"\n") + 1)
    if last < 0:
        return {}
    # What is behind is no line, and would be searched to its end from each of its bytes.
    for match in _LINES.finditer(data, 0, data.find(b"\n", last) + 1):
        name, lines = match.groups()
        found.setdefault(_path(name), []).append(lines.replace(b"\n" + name + b"\0", b"\n"))
    return {path: b"".join(parts) for path, parts in found.items()}


def _plain_texts(data: bytes) -> dict[str, bytes]:
    """From `grep -aH`: "PATH:LINE"; no path has a colon."""
    found: dict[str, list[bytes]] = {}
    for line in data.splitlines(keepends=True) if b"\r" not in data else _lines(data):
        path, colon, rest = line.partition(b":")
        if colon:
            found.setdefault(_path(path), []).append(rest)
    return {path: b"".join(lines) for path, lines in found.items()}


def _lines(data: bytes) -> Iterator[bytes]:
    for line in data.split(b"\n")[:-1]:
        yield line + b"\n"


def _links(data: bytes) -> dict[str, str]:
    fields = data.decode("utf-8", "surrogateescape").split("\0")
    return {_absolute(path): target for path, target in zip(fields[::2], fields[1::2])}


def _listed_links(data: bytes) -> dict[str, str]:
    """From `ls -ln`, where find has no -printf."""
    found = {}
    for line in data.decode("utf-8", "surrogateescape").splitlines():
        match = _LS.match(line)
        if match:
            found[_absolute(match[1])] = match[2]
    return found


def _rows(data: bytes) -> dict[str, Status]:
    found: dict[str, Status] = {}
    fields = data.decode("utf-8", "surrogateescape").split("\0")
    for row, target in zip(fields[::2], fields[1::2]):
        match = _ROW.match(row)
        if match:
            kind, mode, uid, gid, size, path = match.groups()
            found[path] = Status(_TYPES.get(kind, 0) | int(mode, 8), int(uid), int(gid), int(size), target)
    return found


def _plain_rows(data: bytes) -> dict[str, Status]:
    """From stat(1) of BusyBox, with "> PATH" and "> TARGET" for links behind their rows."""
    found: dict[str, Status] = {}
    targets: list[str] = []
    for line in data.decode("utf-8", "surrogateescape").splitlines():
        match = _PLAIN_ROW.match(line)
        if match:
            mode, uid, gid, size, path = match.groups()
            found.setdefault(path, Status(int(mode, 16), int(uid), int(gid), int(size)))
        elif line.startswith("> "):
            targets.append(line[2:])
    for path, target in zip(targets[::2], targets[1::2]):
        row = found.get(path)
        if row:
            found[path] = Status(row.mode, row.uid, row.gid, row.size, target)
    return found


def _digests(data: bytes) -> dict[str, str]:
    found = {}
    for line in data.split(b"\n"):
        match = _DIGEST.match(line)
        if match:
            name = line[match.end() :]
            if match[1]:
                name = re.sub(rb"\\(.)", lambda m: b"\n" if m[1] == b"n" else b"\r" if m[1] == b"r" else m[1], name)
            found[_path(name)] = match[2].decode()
    return found


def _certificates(data: bytes) -> dict[str, bytes | None]:
    """PATH NUL and blocks behind "=", or "!", NUL; what is behind a pair that is none is not read."""
    found: dict[str, bytes | None] = {}
    fields = data.split(b"\0")
    for name, told in zip(fields[::2], fields[1::2]):
        if not name.startswith(b"/") or told[:1] not in (b"=", b"!"):
            break
        found[_path(name)] = certificates_of(told[1:]) if told[:1] == b"=" else None
    return found


def _capacity(data: bytes) -> dict[str, tuple[int, int]]:
    found = {}
    for line in data.decode("utf-8", "surrogateescape").splitlines():
        words = line.split(" ", 3)
        if len(words) == 4 and all(word.isascii() and word.isdecimal() for word in words[:3]):
            blocks, size, free = map(int, words[:3])
            if blocks:
                found[words[3]] = (blocks * size, free * size)
    return found


def _path(raw: bytes) -> str:
    return _absolute(raw.decode("utf-8", "surrogateescape"))


def _absolute(path: str) -> str:
    return path if path.startswith("/") else f"/proc/{path}"
