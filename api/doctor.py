"""Is everything sound: the store, the chain of its revisions, and what this machine offers. Each with its remedy."""

from __future__ import annotations

import importlib.util
import os
import platform
import pwd
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from agent.commands import OWN_ACCOUNT, PROGRAMS, distrust
from api.anchoring import standing
from baselines.verification import verify_documents
from cmdb.agent_binding import KIND as AGENT
from cmdb.anchors import MOST_CHARACTERS, compare
from cmdb.chain import verify
from cmdb.damage import Damage, Progress
from cmdb.model.errors import SurveymarkError, UsageError
from cmdb.model.times import iso, now
from cmdb.ports import Store
from cmdb.raw import DROPPED
from cmdb.retention import Run, show

Check = dict[str, Any]

MOST = 100
"""Breaks of the chain that are told; where there are as many, more will not help."""

_EXTRAS = {
    "psutil": "pip install psutil",
    "flask_openapi3": "pip install 'surveymark[server]'",
    "cheroot": "pip install 'surveymark[server]'",
    "apscheduler": "pip install 'surveymark[server]'",
    "numpy": "pip install 'surveymark[server]'",
    "neo4j": "pip install 'surveymark[neo4j]'; not needed for the embedded store",
}
_OPTIONAL = ("neo4j",)


def examine(
    store: Store, chain: bool = False, progress: Progress | None = None, anchors: Path | None = None
) -> dict[str, Any]:
    """{"checks": [{"check", "outcome": ok | warning | problem, "detail", "remedy"}], "findings": number of problems}.

    With `chain` every digest of the past is made again and all that is kept compared with it, which takes as long as there is
    past; each problem of the chain then has its "place" {"revision", "kind", "id", "attribute"}, and "first" is true of the
    first of them. `progress` is told how far it has come. `anchors` is a file of anchors (cmdb.anchors) that the store is
    compared with.
    """
    checks = [
        *_store(store),
        *_chain(store, chain, progress),
        *(_anchors(store, anchors) if anchors is not None else ()),
        *_sent(store),
        *_agents(store),
        *_raw(store),
        *_retention(store),
        *environment(),
    ]
    return {"checks": checks, "findings": sum(c["outcome"] == "problem" for c in checks)}


def environment() -> list[Check]:
    """What this machine offers."""
    version = platform.python_version()
    found = [
        _check("python", sys.version_info >= (3, 11), f"Python {version}", "install Python 3.11 or later"),
        _check(
            "privilege",
            os.geteuid() == 0,
            "root"
            if os.geteuid() == 0
            else f"user {os.geteuid()}: DMI, shadow and other users' sockets can not be seen",
            "run the agent as root for all of it",
            "warning",
        ),
    ]
    for name, remedy in _EXTRAS.items():
        there = importlib.util.find_spec(name) is not None
        bad = "warning" if name in _OPTIONAL else "problem"
        found.append(_check(f"module {name}", there, "there" if there else "missing", remedy, bad))
    found += [_program(name, places) for name, places in PROGRAMS.items()]
    return found


def _program(name: str, places: Iterable[str]) -> Check:
    """Whether a program that facts ask may be run; one that is missing is no fault, what it tells is not seen."""
    lacks = [distrust(place) for place in places]
    if None in lacks:
        return _check(f"program {name}", True, "there", "")
    account = OWN_ACCOUNT.get(name)
    if account is not None and account in map(_owner, places):
        return _check(f"program {name}", True, f"there, run with the rights of {account}", "")
    distrusted = [lack for lack in lacks if lack]
    if distrusted:
        return _check(f"program {name}", False, distrusted[0], "let it and the folders above belong to root alone")
    return _check(f"program {name}", False, "not installed", "install it to see what it tells", "warning")


def _owner(path: str) -> str:
    """The account that a file belongs to, empty where there is none."""
    try:
        return pwd.getpwuid(os.stat(path).st_uid).pw_name  # noqa: PTH116 - of a path as text, like all here
    except (OSError, KeyError):
        return ""


def _store(store: Store) -> Iterable[Check]:
    remedy = "restore the last backup; stop writing to this store until then"
    problems = list(map(str, _asked(lambda: list(store.check()))))
    if not problems:
        yield _check("store", True, store.url, "")
    for problem in problems:
        yield _check("store", False, problem, remedy)


def _chain(store: Store, whole: bool, progress: Progress | None) -> Iterable[Check]:
    """Numbers without a gap, times that only grow, each revision naming the one before; the `whole` of it on request."""
    broken = _asked(lambda: list(islice(_verified(store, progress) if whole else _breaks(store), MOST)))
    with store.view() as view:
        number = view.head().number
    if not broken:
        told = "all that is kept compared with it" if whole else "each naming the one before"
        yield _check("chain", True, f"{number} {'revision' if number == 1 else 'revisions'}, {told}", "")
    for place, line in enumerate(broken):
        remedy = "compare with a backup: something wrote past Surveymark, or a disk forgot"
        found = _check("chain", False, str(line), remedy)
        yield {**found, "place": line.place(), "first": place == 0} if isinstance(line, Damage) else found


def _anchors(store: Store, path: Path) -> Iterable[Check]:
    """Whether the store is what the anchors of a file say; the first one that differs is `first`."""
    lines = _Lines(path)
    with store.view() as view:
        damage = list(islice(compare(view, store.genesis(), lines), MOST))
    if not damage and not lines.count:
        yield _check("anchors", False, f"{path} has no anchor", "name the file that `surveymark anchor` wrote")
    elif not damage:
        told = f"{lines.count} {'anchor' if lines.count == 1 else 'anchors'} of {path}, each as it says"
        yield _check("anchors", True, told, "")
    remedy = "find out who wrote the store or the file since then; the last backup that agrees is the one to trust"
    for place, line in enumerate(damage):
        yield {**_check("anchors", False, str(line), remedy), "place": line.place(), "first": place == 0}


class _Lines:
    """The lines of a file, cut where they are longer than an anchor can be, and how many of them are not empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        try:
            with open(self._path, "rb") as file:
                while line := file.readline(MOST_CHARACTERS + 2):
                    part = line
                    while part and not part.endswith(b"\n"):
                        part = file.readline(MOST_CHARACTERS)
                    self.count += bool(line.strip())
                    yield line.decode("utf-8", "replace")
        except OSError as error:
            raise UsageError(f"{self._path} can not be read: {error.strerror}.") from error


def _sent(store: Store) -> Iterable[Check]:
    """What became of the anchors that were sent; nothing where none ever was."""
    for _, good, told in standing(store, now()):
        yield _check("anchor sent", good, told, "mend what it says, then `surveymark anchor --send`", "warning")


def _agents(store: Store) -> Iterable[Check]:
    """Whether the agents that were enrolled can be known; nothing where there are none."""
    with store.view() as view:
        if not view.entries(AGENT):
            return
    from api.agent_standing import standing as agents  # which needs cryptography

    for good, told, remedy in agents(store):
        yield _check("agents", good, told, remedy, "warning")


def _raw(store: Store) -> Iterable[Check]:
    """How far back the raw batches reach, and what has been dropped of them."""
    with store.view() as view:
        standing = view.raw_standing()
        dropped = view.unversioned(*DROPPED) or {"batches": 0, "until": 0}
    kept = f"{standing.batches} kept, {standing.size_bytes / 2**20:.1f} MiB"
    told = f"{kept}, the oldest of {iso(standing.oldest)}" if standing else kept
    if dropped["batches"]:
        told += f"; {dropped['batches']} dropped, up to {iso(dropped['until'])}"
    yield _check("raw batches", True, told, "")


def _retention(store: Store) -> Iterable[Check]:
    """What the next run of retention would free, where an age is set."""
    with store.view() as view:
        ages = show(view)["ages"]
    if not ages:
        yield _check("retention", True, "the past is kept for ever", "")
        return
    found = Run(store, "", dry_run=True).run()
    told = ", ".join(f"{a['class'] or 'all others'} {a['days']}d" for a in ages)
    yield _check(
        "retention",
        True,
        f"{told}; the next run would free {found['states']} states and {found['links']} relations, {found['bytes']} bytes of "
        f"values; {found['held']} kept by holds",
        "",
    )


def _verified(store: Store, progress: Progress | None) -> Iterator[Damage]:
    with store.view() as view:
        yield from verify(view, progress)
        yield from verify_documents(view, progress)


def _breaks(store: Store) -> Iterator[str]:
    with store.view() as view:
        head = view.head()
        number, time, digest = 0, 0, ""
        while rows := view.revisions(number):
            for row in rows:
                if row.number != number + 1:
                    yield f"revision {number + 1} is missing"
                elif row.previous != digest:
                    yield f"revision {row.number} does not follow from revision {number}"
                if row.committed_at <= time:
                    yield f"revision {row.number} was committed before revision {number}"
                number, time, digest = row.number, row.committed_at, row.digest
        if (head.number, head.digest) != (number, digest):
            yield f"the head says revision {head.number}, the last one there is {number}"


def _asked(question: Callable[[], Sequence[Damage | str]]) -> Sequence[Damage | str]:
    try:
        return question()
    except SurveymarkError as error:
        return [error.message]


def _check(name: str, good: bool, detail: str, remedy: str, bad: str = "problem") -> Check:
    return {"check": name, "outcome": "ok" if good else bad, "detail": detail, "remedy": "" if good else remedy}
