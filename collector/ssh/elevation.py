r"""What a sweep may run with the rights of root where it signs in as somebody else: a fixed list of exact command lines.

Each is one line of sudoers(5) or doas.conf(5) without a wildcard, so that the account can run nothing else. `sudoers`
prints those lines. The script never runs a shell, a redirection or a file of its own as root.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.commands import OWN_ACCOUNT, PROGRAMS
from collector.secret import Secret
from collector.ssh.wanted import Wanted, listed

FIND, GREP = "/usr/bin/find", "/usr/bin/grep"
PLACES = {**PROGRAMS, FIND: (FIND, "/bin/find"), GREP: (GREP, "/bin/grep")}
"""Where each program is looked for; sudoers(5) compares paths, so every place is a line."""

_OF_ROOT = re.compile(r"/sys/class/dmi/id/[a-z_]+\Z|/proc/sys/(fs/protected|vm/mmap_rnd)_[a-z_]+\Z")
"""Files of the kernel that only root may read, on some kernels or on all."""
_WILD = re.compile(r"[*?[]")
_ALWAYS_THERE = "/proc/sys/kernel/ostype"
TABLE = r"%y %m %U %G %s %p\0%l\0"
LINKS = r"%p\0%l\0"


@dataclass(frozen=True)
class Elevation:
    """Whether and how rights of root are asked for: `program` is "sudo", "doas" or empty (never); sudo is given the
    password where there is one, else it is told to ask for none."""

    program: str = "sudo"
    password: Secret | None = None

    def __post_init__(self) -> None:
        if self.program not in ("", "sudo", "doas"):
            raise ValueError(f"{self.program!r} is no way to the rights of root; there are sudo and doas")
        if self.password and self.program != "sudo":
            raise ValueError("only sudo takes a password over standard input; let doas ask for none (nopass)")


@dataclass(frozen=True)
class Line:
    """One command: the section that it makes, the program as `PLACES` knows it, its arguments."""

    key: str
    program: str
    arguments: tuple[str, ...]


def lines(wanted: Wanted) -> list[Line]:
    """The fixed list for what is wanted; the first line always prints something where rights are given."""
    numbers = [path for path in wanted.texts if _OF_ROOT.match(path)]
    texts = [*numbers, *(path for path in wanted.files if not _WILD.search(path))]
    folders = [folder for folder in listed(wanted.files) if not _WILD.search(folder)]
    places = _places([*wanted.digests, *wanted.files])
    found = [
        Line("xtexts", GREP, ("-arHs", "-D", "skip", "-e", "^", _ALWAYS_THERE, *texts, *folders)),
        Line("xlinks", FIND, ("/proc", *_PROCESSES)),
    ]
    if places:
        size = ("-size", f"-{wanted.digest_limit + 1}c")
        found.append(Line("xway", FIND, (*places, "-maxdepth", "1", "-printf", TABLE)))
        found.append(
            Line(
                "xdigests",
                FIND,
                (*places, "-maxdepth", "1", "-type", "f", *size, "-exec", "/usr/bin/sha256sum", "{}", "+"),
            )
        )
    found += [
        Line(f"x{number}", command.argv[0], command.argv[1:])
        for number, command in enumerate(wanted.commands)
        if command.root
    ]
    return found


def sudoers(user: str, found: Iterable[Line]) -> str:
    """Lines for a file in /etc/sudoers.d that allow `user` these commands without a password, and nothing else; those whose
    program may belong to somebody else stand there as comments."""
    _check_account(user)
    rows = _allowed(
        found,
        lambda line, place: (
            f"{user} ALL=(root) NOPASSWD: {place}{''.join(' ' + _escaped(word) for word in line.arguments)}"
        ),
    )
    return "\n".join(["# What a sweep of Surveymark may run as root. Check with: visudo -cf FILE", *rows]) + "\n"


def doas(user: str, found: Iterable[Line]) -> str:
    """The same for /etc/doas.conf."""
    _check_account(user)
    rows = _allowed(
        found,
        lambda line, place: (
            f"permit nopass {user} as root cmd {place} args {' '.join(map(_doas_word, line.arguments))}"
        ),
    )
    return "\n".join(rows) + "\n"


def _allowed(found: Iterable[Line], rule: Callable[[Line, str], str]) -> list[str]:
    rows = []
    for line in found:
        places = PLACES[line.program]
        account = OWN_ACCOUNT.get(line.program)
        if account:
            rows.append(
                f"# Not allowed: where {' or '.join(places)} belongs to {account} (see ls -l), this would give that "
                "account the rights of root. Uncomment it where the program is root's."
            )
        rows += [("# " if account else "") + rule(line, place) for place in places]
    return rows


def _check_account(user: str) -> None:
    if not re.match(r"[A-Za-z_][A-Za-z0-9_.-]*\$?\Z", user):
        raise ValueError(f"{user!r} is no name of an account")


_PRUNED = ("attr", "cwd", "map_files", "net", "ns", "root", "sys", "task")
_PROCESSES = (
    "-maxdepth",
    "3",
    "(",
    *[word for name in _PRUNED for word in ("-o", "-name", name)][1:],
    ")",
    "-prune",
    "-o",
    "(",
    "-name",
    "exe",
    "-o",
    "-lname",
    "socket:*",
    ")",
    "-printf",
    LINKS,
)


def _places(patterns: Iterable[str]) -> list[str]:
    """Files as they are, folders in the place of what is matched in them; what matches folders too is not covered."""
    found: dict[str, None] = {}
    for pattern in patterns:
        place = pattern.rpartition("/")[0]
        if not _WILD.search(pattern):
            found[pattern] = None
        elif place and not _WILD.search(place):
            found[place] = None
    return list(found)


def _escaped(word: str) -> str:
    """A word of sudoers(5), where the arguments are a pattern of fnmatch(3) once its own escapes are gone."""
    pattern = re.sub(r"([\\*?\[\]!])", r"\\\1", word)
    return re.sub(r"(\\\\|[,:= #])", lambda m: r"\\\\" if m[1] == r"\\" else "\\" + m[1], pattern)


def _doas_word(word: str) -> str:
    return '"' + re.sub(r"([\\\"])", r"\\\1", word) + '"'
