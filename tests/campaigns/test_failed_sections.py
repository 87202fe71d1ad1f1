"""Each section of each fact of a recorded host failed in turn: nothing retires, the failure shows, and the next good pass
finds everything as it was.

A fact is failed by time-out, by permission, by output over the limit (all of its needs at once, then each by itself), and by a
pass that is not root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from agent import systemd
from agent.fact import Capacity, Collected, Content, Context, Fact, Missing, Need, SectionResult, Supplied
from agent.facts import FACTS, packages_dpkg
from agent.recording import RecordedShell
from agent.report import report
from agent.run import needs_of
from cmdb.model.batch import encode
from cmdb.model.times import SECOND
from cmdb.natural import natural_digest
from cmdb.stores.neo4j_store import Neo4jStore
from tests.agent.facts.machines import SERVER
from tests.agent.supplied import made
from tests.campaigns.length import either
from tests.cmdb.building import START, Receiver, open_store

RECORDINGS = ("debian12-root", "debian12-lab")
BESIDE: dict[Any, Any] = {
    packages_dpkg._QUERY: "adduser\t3.134\tall\tinstall ok installed\t\nnginx\t1.22.1-9\tamd64\tinstall ok installed\t\n",
    systemd.UNITS: "ssh.service loaded active running OpenBSD Secure Shell server\n",
    systemd.UNIT_FILES: "ssh.service enabled enabled\n",
    Capacity(): {"/": (100, 40)},
    "/.dockerenv": Missing("absent", "the one recording is of a container, the other of a host"),
    **SERVER,
}
"""What neither recording holds, so that every fact collects something; it is one host."""
KINDS = {"timeout": "timed out after 10 s", "denied": "Permission denied", "too_big": "more than 8 MiB"}


class FailingShell:
    """The recorded host, of which some needs are not met; as somebody who is not root where it may not read all."""

    def __init__(self, recorded: RecordedShell, fails: Iterable[Need] = (), kind: str = "", user: bool = False) -> None:
        self._recorded = recorded
        self._fails, self._kind = set(fails), kind
        self.privilege = "user" if user else recorded.privilege
        self.own_pids = recorded.own_pids

    def supply(self, needs: Iterable[Need]) -> dict[Need, Supplied]:
        found = self._recorded.supply(needs)
        for need, result in found.items():
            hidden = self.privilege == "user" and isinstance(result, Content) and not result.mode & 0o004
            if hidden or need in self._fails:
                found[need] = Missing(self._kind or "denied", KINDS[self._kind or "denied"])
        return found


def recorded() -> RecordedShell:
    """One host of what was recorded of two."""
    supplied: dict[Any, Any] = {}
    for name in RECORDINGS:
        shell = RecordedShell.load(Path(__file__).parents[1] / "recordings" / f"{name}.json")
        found = shell.supply(needs_of(shell, FACTS.values(), Context()))
        supplied.update((n, r) for n, r in found.items() if not isinstance(r, Missing))
    return made({**supplied, **BESIDE})


class Host:
    """A recorded host that reports to a receiver, a minute apart."""

    def __init__(self, cmdb: Receiver) -> None:
        self.cmdb = cmdb
        self.recorded = recorded()
        self.sequence = 0
        self.context = Context(digest_key=bytes(32))

    def passes(self, shell: Any) -> dict[str, Any]:
        """One pass; the receipt, with the sections as the store then has them under "standing"."""
        self.sequence += 1
        self.cmdb.now = 60 * self.sequence
        context = Context(digest_key=bytes(32), observed_at_us=START + self.cmdb.now * SECOND)
        passed = report(
            shell, context, FACTS.values(), id=f"b{self.sequence}", source="agent:recorded", sequence=self.sequence,
            agent_key="recorded",
        )  # fmt: skip
        receipt = self.cmdb.take(b"".join(encode(passed.header, passed.sections)))
        with self.cmdb.view() as view:
            standing = {s.section: s for s in view.scopes(receipt["ci"])}
        return {**receipt, "standing": standing, "results": {r.section: r for r in passed.results}}


def ways(host: Host) -> Iterator[tuple[str, FailingShell]]:
    """Every way to fail: what it is called, and the shell that fails so."""
    yield "as user", FailingShell(host.recorded, user=True)
    for fact in FACTS.values():
        for kind in KINDS:
            yield f"{fact.NAME} {kind}", FailingShell(host.recorded, _needs(host, fact), kind)
    every = dict.fromkeys(need for fact in FACTS.values() for need in _needs(host, fact))
    for place, need in enumerate(every):
        for kind in either([list(KINDS)[place % len(KINDS)]], list(KINDS)):
            yield f"{need} {kind}", FailingShell(host.recorded, [need], kind)


def _needs(host: Host, fact: Fact) -> list[Need]:
    return needs_of(host.recorded, [fact], host.context)


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.xdist_group("neo4j"))])
def cmdb(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Receiver]:
    with ExitStack() as stack:
        if request.param == "neo4j":
            store: Any = Neo4jStore.open(request.getfixturevalue("cleared_neo4j"))
        else:
            store = open_store(tmp_path / "cmdb.db")
        yield Receiver(stack.enter_context(closing(store)))


@pytest.mark.campaign
def test_no_way_in_which_a_section_fails_retires_anything(
    cmdb: Receiver, request: pytest.FixtureRequest, tell: Callable[[str], None]
) -> None:
    host = Host(cmdb)
    good = host.passes(host.recorded)
    host.passes(host.recorded)
    before = natural(cmdb)
    every = list(ways(host))
    sqlite = "sqlite" in request.node.name
    tried = every[:: either(2 if sqlite else 12, 1)]
    failed = 0
    for name, shell in tried:
        bad = host.passes(shell)
        hurt = [s for s, result in good["results"].items() if said(bad["results"][s]) != said(result)]
        for section in hurt:
            shown = bad["standing"][section]
            assert (shown.outcome, shown.privilege) != ("collected", "full"), (name, section, shown.reason)
        failed += len(set(hurt))
        assert bad["retired"] == 0, name
        again = host.passes(host.recorded)
        assert again["retired"] == 0, name
        assert natural(cmdb) == before, name
    assert failed > len(FACTS)
    tell(f"{len(tried)} ways to fail, {failed} sections that did, nothing retired")


def said(result: SectionResult) -> Any:
    """What a section told that is no reading."""
    if not isinstance(result.outcome, Collected):
        return type(result.outcome)
    told = [(type(i).__name__, i.attributes()) for i in result.outcome.items]
    return (result.privilege, told, [(r.type, r.subject, r.object) for r in result.outcome.relations])


def refused(receipt: dict[str, Any]) -> list[Any]:
    return [line for line in receipt["sections"] if line["outcome"] == "refused"]


def natural(cmdb: Receiver) -> str:
    with cmdb.view() as view:
        return natural_digest(view)
