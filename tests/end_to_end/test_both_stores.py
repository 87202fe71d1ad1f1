"""What three real hosts report, taken by both stores: equal answers, digests and ids, as of every revision."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.caller import Caller
from api.doctor import examine
from api.local_estate import LocalEstate
from baselines import baseline, records
from cmdb.chain import verify_chain
from cmdb.model.errors import UsageError
from cmdb.model.times import SECOND, from_iso
from cmdb.natural import natural_digest
from cmdb.ports import Store
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.stores.sqlite_store import SqliteStore
from tests.cmdb.building import GENESIS, START, Receiver, state
from tests.end_to_end.three_tiers import ThreeTiers
from tests.lab.hosts import REPOSITORY, Host, Lab

ADMIN = Caller("os:root", ("admin",))
KEPT_PACKAGES = 30
"""Of this machine's hundreds, which would say the same again."""

QUERIES = (
    "",
    "class:Host",
    "class:Host name:web*",
    "class:Host os:debian",
    "class:Host memory_bytes:>1 cpu_count:>=1",
    "class:Host has:gateways",
    "class:Host -name:db1",
    "class:Endpoint",
    "class:Endpoint port:<1024",
    "class:Endpoint port:>=5432 exposed:true",
    "class:Endpoint protocol:tcp -port:80",
    "class:Endpoint rel:EXPOSES",
    "rel:TALKS_TO",
    "rel:RUNS_ON class:SoftwareInstance",
    "class:SoftwareInstance -rel:TALKS_TO",
    "class:SoftwarePackage",
    "class:SoftwarePackage name:a*",
    "class:SoftwarePackage name:>b name:<d",
    "class:SoftwarePackage -architecture:all",
    "class:LocalAccount uid:0",
    "class:LocalAccount uid:>=1000",
    "class:LocalAccount shell:/usr/sbin/* -name:s*",
    "class:LocalGroup has:members",
    "class:ConfigFile name:/etc/*",
    "class:ConfigFile size_bytes:>1000 -name:/etc/ssh*",
    "class:IPAddress address:10.88.0.*",
    "class:NetworkInterface has:mac",
    "class:FileSystem",
    "class:ServiceSetting",
    "class:Subnet",
    "class:ChangeRecord rel:AFFECTS",
    "nginx",
    '"python 3" -class:Host',
    "root",
    "ETC pass",
    "127.0.0.1",
)
QUERIES_OF_THE_PAST = ("class:Endpoint", "rel:TALKS_TO", "class:LocalAccount -name:s*", "class:Host has:name", "nginx")

MASS = ("ConfigFile", "LocalAccount", "LocalGroup", "SoftwarePackage")

Moment = list[bytes]
"""The batches of one moment, in the order in which they are handed in."""


@pytest.fixture
def moments(lab: Lab) -> list[Moment]:
    """What the hosts say before the application runs, while it does, with one host changed, and when it was killed."""
    tiers = ThreeTiers(lab)
    for host in tiers.hosts:
        _keep_some_packages(host)
        host.surveymark("agent", "once")  # a store of its own, with a key for digests
    found = [_passes(tiers)]
    tiers.start_application()
    found += [_passes(tiers), _passes(tiers)]
    _change(tiers.web)
    found += [[_pass(tiers.web), _pass_of_a_user(tiers.web)]]
    tiers.end_application()
    return [*found, [_pass(tiers.web), _pass(tiers.application)], _passes(tiers)]


def _passes(tiers: ThreeTiers) -> Moment:
    return [_pass(host) for host in tiers.hosts]


def _pass(host: Host) -> bytes:
    return host.surveymark("agent", "once", "--print").stdout.encode()


def _pass_of_a_user(host: Host) -> bytes:
    """What another agent of the host sees, which is nobody to it and has no key for digests."""
    home = {"HOME": "/home/surveyor", "SURVEYMARK_STATE": "/home/surveyor/state"}
    return host.run(
        str(REPOSITORY / ".venv/bin/surveymark"), "agent", "once", "--print", user="surveyor", env=home
    ).stdout.encode()


def _keep_some_packages(host: Host) -> None:
    status = host.run("cat", "/var/lib/dpkg/status").stdout.split("\n\n")
    host.write("/var/lib/dpkg/status", "\n\n".join(status[:KEPT_PACKAGES]) + "\n\n")


def _change(host: Host) -> None:
    """An account, a file, a package, a listener and a name, all at once."""
    host.run("useradd", "--create-home", "--comment", "Vermessung «Süd» 東京", "surveyor")
    host.run("sh", "-c", "echo 192.0.2.7 intranet >> /etc/hosts")
    status = host.run("cat", "/var/lib/dpkg/status").stdout.split("\n\n")
    host.write("/var/lib/dpkg/status", "\n\n".join(status[1:]))
    host.spawn("/usr/bin/python3", "-m", "http.server", "8000")
    host.wait_for("sh", "-c", "ss -Hltn | grep -q :8000")


class Told:
    """A store that took all moments, was frozen in between, and answers."""

    def __init__(self, store: Store, moments: list[Moment]) -> None:
        self.store = store
        self.receiver = Receiver(store)
        self.estate = LocalEstate(store, ADMIN, self._clock)
        self.receipts: list[dict[str, Any]] = []
        self._take(moments[:1])
        self._freeze("first", "")
        self._take(moments[1:3])
        self._freeze("second", "")
        self._freeze("web", "class:Host name:web* -class:LocalAccount")
        self._record("CHG0030001")
        self._take(moments[3:])
        self._freeze("third", "")
        self._record("INC0010023", "incident")
        with store.view() as view:
            self.revisions = view.revisions()

    def _clock(self) -> int:
        self.receiver.now += 1
        return START + self.receiver.now * SECOND

    def _take(self, moments: list[Moment]) -> None:
        """Each batch a minute after the one before, so that flows come to be confirmed, and never before it was seen."""
        for batch in itertools.chain(*moments):
            seen = (from_iso(json.loads(batch.partition(b"\n")[0])["observed_at"]) - START) // SECOND + 1
            self.receiver.now = max(seen, self.receiver.now + 60)
            self.receipts.append(self.receiver.take(batch))

    def _freeze(self, name: str, scope: str) -> None:
        drawn = self._clock, self.receiver.random
        made = baseline.create(self.store, name, scope, "ann", None, *drawn)
        baseline.approve(self.store, name, made["digest"], "bob", None, *drawn)

    def _record(self, number: str, kind: str = "change") -> None:
        drawn: dict[str, Any] = {"clock": self._clock, "randomness": self.receiver.random}
        said: dict[str, Any] = {"title": "replace the database", "cis": ["class:Endpoint port:5432"]}
        records.add(self.store, kind, number, "ann", **said, **drawn)
        records.pin_impact(self.store, kind, number, "ann", **drawn)
        records.pin_drift(self.store, kind, number, "ann", "first", **drawn)

    def answers(self) -> Iterator[tuple[str, Any]]:
        """Everything that can be asked, in the same order whatever the store: (question, answer)."""
        yield "born as", (self.store.genesis(), self.store.digest_key())
        yield "receipts", self.receipts
        yield "revisions", self.revisions
        with self.store.view() as view:
            yield "counts", view.counts()
            for revision in self.revisions:
                at = revision.number
                yield f"changes of {at}", view.changed(at - 1, at)
                yield f"natural digest at {at}", natural_digest(view, at)
                yield f"states at {at}", state(view, at)
            yield "natural digest", natural_digest(view)
            yield "chain", list(verify_chain(view))
        yield "found by doctor", examine(self.store)["findings"]
        yield from self._found()
        yield from self._cis()
        yield from self._reports()

    def _found(self) -> Iterator[tuple[str, Any]]:
        for query in QUERIES:
            yield f"find {query}", self._pages(query)
        for revision, query in itertools.product(self.revisions[::2], QUERIES_OF_THE_PAST):
            yield f"find {query} at {revision.number}", self._pages(query, str(revision.number), 40)

    def _pages(self, query: str, at: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        pages = [self.estate.find(query, at, None, limit)]
        while pages[-1]["next"]:
            pages.append(self.estate.find(query, at, pages[-1]["next"], limit))
        return pages

    def _cis(self) -> Iterator[tuple[str, Any]]:
        estate, middle = self.estate, str(self.revisions[-1].number // 2)
        for id_ in self._some():
            yield f"show {id_}", estate.show(id_)
            yield f"history {id_}", estate.history(id_)
            yield f"neighbours {id_}", estate.neighbours(id_, limit=30)
            yield f"show {id_} at {middle}", self._asked(estate.show, id_, middle)
            yield f"neighbours {id_} at {middle}", self._asked(estate.neighbours, id_, middle)

    def _some(self) -> list[str]:
        """All CIs that ever were; of the classes that have hundreds one in twenty, and each that changed."""
        with self.store.view() as view:
            ids = {id_ for _, _, id_ in view.changed(0, self.revisions[-1].number) if " " not in id_}
            states = sorted(view.last_states(ids).values(), key=lambda item: item.id)
        mass = [item for item in states if item.class_name in MASS and item.since == item.born and item.until is None]
        spared = {item.id for place, item in enumerate(mass) if place % 20}
        return [item.id for item in states if item.id not in spared]

    def _reports(self) -> Iterator[tuple[str, Any]]:
        estate = self.estate
        database = estate.find("class:Endpoint port:5432")["items"][0]["id"]
        hosts = [host["id"] for host in estate.find("class:Host")["items"]]
        yield "impact", estate.impact([database], keep=True)
        yield "impact of hosts", estate.impact(hosts[:1], hosts[1:])
        for revision in self.revisions:
            question = f"impact at {revision.number}"
            yield question, self._asked(lambda id_, at: estate.impact([id_], at=at), database, str(revision.number))
        for host in hosts:
            yield f"summary of {host}", estate.summary(host)
        yield "baselines", estate.baselines()
        for name in ("first", "second", "third", "web"):
            shown = estate.baseline(name)
            yield f"baseline {name}", (shown, estate.document(shown["digest"]), estate.verify_baseline(name))
            later: tuple[str | None, ...] = (None, str(shown["revision"] + 3))
            for at in later:
                yield f"drift {name} at {at}", self._asked(estate.drift, name, at)
        yield "drift against", estate.drift("first", against="third", keep=True)
        for kind in ("change", "incident"):
            yield f"{kind} records", estate.records(kind)
            for row in estate.records(kind)["items"]:
                record = estate.record(kind, row["key"])
                yield f"{kind} record", record
                yield f"pins of {kind}", [estate.document(pin["digest"]) for pin in record["pins"]]

    def _asked(self, question: Callable[[str, str | None], Any], about: str, at: str | None) -> Any:
        """The answer, or why there is none as of then."""
        try:
            return question(about, at)
        except UsageError as error:
            return error.message, error.details


@pytest.mark.timeout(900)
def test_both_stores_tell_the_same_of_three_hosts(moments: list[Moment], tmp_path: Path, empty_neo4j: str) -> None:
    drawn: dict[str, Any] = {"genesis": GENESIS, "clock": lambda: START, "randomness": bytes}
    with (
        closing(SqliteStore.open(tmp_path / "site.db", **drawn)) as embedded,
        closing(Neo4jStore.open(empty_neo4j, **drawn)) as server,
    ):
        here, there = Told(embedded, moments), Told(server, moments)
        seen: dict[str, Any] = {}
        for (question, answer), (other, answer_there) in zip(here.answers(), there.answers(), strict=True):
            assert other == question
            assert answer_there == answer, question
            seen[question] = answer
        there.receiver.sound()
        here.receiver.sound()
    _lived(seen)


def _lived(seen: dict[str, Any]) -> None:
    """What was asked had something to tell."""
    assert seen["chain"] == []
    assert seen["found by doctor"] == 0
    assert len({row.digest for row in seen["revisions"]}) == len(seen["revisions"]) > 15
    assert sum(bool(receipt["revision"]) for receipt in seen["receipts"]) < len(seen["receipts"])
    assert any(receipt["conflicts"] for receipt in seen["receipts"])
    empty = [query for query in QUERIES if not seen[f"find {query}"][0]["items"]]
    assert empty == ["rel:TALKS_TO"], "the application is gone"
    talked = [seen[f"find rel:TALKS_TO at {row.number}"][0]["total"] for row in seen["revisions"][::2]]
    assert max(talked) > 2
    reached = [len(seen[f"impact at {row.number}"]["impacted"]) for row in seen["revisions"]]
    assert max(reached) > reached[-1]
    assert all(seen[f"drift {name} at None"]["findings"] for name in ("first", "second", "web"))
    assert seen["drift third at None"]["findings"] == 0, "nothing but a record came after it"
    assert [len(seen[f"pins of {kind}"]) for kind in ("change", "incident")] == [3, 3]


@contextmanager
def listening() -> Iterator[int]:
    """A port on which a program listens that was not there before; none of the ephemeral ones, which are left out."""
    port = next(port for port in range(20_000, 30_000) if _free(port))
    command = [sys.executable, "-u", "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith(b"Serving")
            yield port
        finally:
            process.terminate()


def _free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("kind", ["sqlite", "neo4j"])
def test_the_whole_way_on_this_machine(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = request.getfixturevalue("empty_neo4j") if kind == "neo4j" else f"sqlite://{tmp_path}/site.db"
    for name in [name for name in os.environ if name.startswith("SURVEYMARK_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SURVEYMARK_STATE", str(tmp_path / "state"))

    def ask(*arguments: str) -> tuple[int, Any]:
        command = [str(REPOSITORY / ".venv/bin/surveymark"), "--json", "--store", store, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout)

    status, summary = ask("up", "--once")
    assert status == 0, summary
    host = summary["host"]["id"]
    assert ask("ci", "find", "class:Host")[1]["items"][0]["id"] == host
    assert ask("ci", "find", "colour:red")[0] == 2
    assert ask("ci", "show", "0" * 26)[0] == 2
    assert ask("ci", "history", host)[0] == 0
    assert ask("ci", "neighbours", host, "--limit", "5")[1]["next"]
    status, made = ask("baseline", "create", "golden", "--scope", "")
    assert (status, made["state"]) == (0, "proposed")
    assert ask("baseline", "create", "golden", "--scope", "")[0] == 2
    assert ask("baseline", "approve", "golden", "--digest", "0" * 64, "--self", "only one of us")[0] == 2
    assert ask("baseline", "approve", "golden", "--digest", made["digest"], "--self", "only one of us")[0] == 0
    assert ask("baseline", "verify", "golden")[0] == 0
    status, drift = ask("drift", "golden")
    assert (status, drift["deviations"]) == (0, [])
    status, report = ask("impact", host)
    assert (status, report["complete"]) == (0, True)
    status, record = ask("change", "add", "CHG1", "--ci", host, "--impact", "--drift", "golden")
    assert (status, len(record["pins"])) == (0, 3)
    assert ask("change", "show", "CHG1")[1] == record
    assert ask("drift", "none")[0] == 2
    with listening() as port:
        assert ask("agent", "once")[0] == 0
    status, drift = ask("drift", "golden")
    assert status == 1
    assert ("added", f"tcp 127.0.0.1:{port}") in {(d["kind"], d["name"]) for d in drift["deviations"]}
    status, drift = ask("drift", "golden", "--at", str(summary["receipt"]["revision"]))
    assert (status, drift["deviations"]) == (0, [])
    status, found = ask("doctor", "--chain")
    assert (status, found["findings"]) == (0, 0), found
