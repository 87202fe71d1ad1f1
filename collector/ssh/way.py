"""The way to a file of another host, judged by what lstat told of everything on it.

The rule is that of agent/files.py: a symbolic link counts only where root owns every directory on the way and nobody else
can write them, mounts that may hang are not entered, and only the last component may be a file.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.fact import Missing

_MOST_LINKS = 40
_ONLY_ROOT = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Status:
    """What lstat tells: `mode` with the type (st_mode), `target` of a symbolic link."""

    mode: int
    uid: int
    gid: int
    size: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path ends: the real path, what is there, and whether everyone may enter all directories on the way."""

    path: str
    status: Status
    entered: bool


class Ways:
    """A part of a host's tree, as wide as it was asked for."""

    def __init__(self, told: Iterable[tuple[str, Status]], closed: frozenset[str] = frozenset()) -> None:
        self._closed = closed
        self._tree: dict[str, Status] = {}
        self._folders: dict[str, str | None] = {"": "", "/": ""}
        pending = dict(told)
        self._tree[""] = pending.pop("/", Status(stat.S_IFDIR | 0o755, 0, 0, 0))
        grown = True
        while pending and grown:
            grown = False
            self._folders = {"": "", "/": ""}
            for path in list(pending):
                folder, _, name = path.rpartition("/")
                real = self._real(folder)
                if real is not None and name not in ("", ".", ".."):
                    self._tree[f"{real}/{name}"] = pending.pop(path)
                    grown = True
        self._folders = {"": "", "/": ""}

    def find(self, path: str, *, link: bool = False, denied: Iterable[str] = ()) -> Place | Missing:
        """Where a path ends; with `link` the last component is not followed. `denied` are paths that lstat was refused.

        Missing is absent where nothing told of it, denied where a link is not to be followed or a folder not entered.
        """
        refused = frozenset(denied) if not isinstance(denied, frozenset) else denied
        todo = _parts(path)
        stack = [("", self._tree[""])]
        trusted = [_only_root(stack[0][1])]
        links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                if len(stack) > 1:
                    stack.pop()
                    trusted.pop()
                continue
            here = f"{stack[-1][0]}/{name}"
            if here in self._closed:
                return Missing(
                    "unsupported",
                    f"{path} lies on the mount {here}, which is not entered: it may hang or shows processes",
                )
            status = self._tree.get(here)
            if status is None:
                return Missing("denied" if here in refused or path in refused else "absent", path)
            if stat.S_ISLNK(status.mode) and (todo or not link):
                links += 1
                if not trusted[-1] or links > _MOST_LINKS:
                    return Missing(
                        "denied",
                        f"{path}: {here} is a symbolic link where others than root can write, so it is not followed",
                    )
                if status.target.startswith("/"):
                    del stack[1:], trusted[1:]
                todo += _parts(status.target)
            elif todo:
                if not stat.S_ISDIR(status.mode):
                    return Missing("absent", path)
                stack.append((here, status))
                trusted.append(trusted[-1] and _only_root(status))
            else:
                return Place(here, status, all(s.mode & stat.S_IXOTH for _, s in stack))
        return Place(stack[-1][0] or "/", stack[-1][1], all(s.mode & stat.S_IXOTH for _, s in stack))

    def untrusted(self, path: str) -> str | None:
        """What on the way to a program others than root can write, None where nothing is; as agent/commands.py has it."""
        if not _only_root(self._tree[""]):
            return "/"
        end, whole = self._followed(path, _only_root)
        return None if whole else end

    def _real(self, folder: str) -> str | None:
        """The real path of a folder, None where a part of it is not known yet."""
        if folder not in self._folders:
            end, whole = self._followed(folder, lambda _: True)
            self._folders[folder] = end if whole else None
        return self._folders[folder]

    def _followed(self, path: str, good: Callable[[Status], bool]) -> tuple[str, bool]:
        """Follows a path through all of its links: the real path and true, or false and what it ended at: a part that nothing
        told of, one that is no link and not `good`, a link too many."""
        todo, done, links = _parts(path), [""], 0
        while todo:
            name = todo.pop()
            if name == "..":
                if len(done) > 1:
                    done.pop()
                continue
            here = f"{done[-1]}/{name}"
            status = self._tree.get(here)
            if status is None:
                return here, False
            if stat.S_ISLNK(status.mode):
                links += 1
                if links > _MOST_LINKS:
                    return here, False
                if status.target.startswith("/"):
                    done = [""]
                todo += _parts(status.target)
            elif not good(status):
                return here, False
            else:
                done.append(here)
        return done[-1], True


def _only_root(status: Status) -> bool:
    return status.uid == 0 and not status.mode & _ONLY_ROOT


def _parts(path: str) -> list[str]:
    return [p for p in path.split("/") if p not in ("", ".")][::-1]
