"""An enrolled agent and the real server over TLS, which goes away, comes back, and is reached by a line that breaks: every change
made on the host is in the graph once."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent import transport
from agent.backoff import Backoff
from agent.delivery import Clocks, Delivery
from agent.discovery import discover_once
from agent.enrolment import Enrolled, enrol, host_marks, load
from agent.report import Report
from agent.state import State
from agent.transport import server as server_at
from api.app import create_app
from api.service import server, serving
from api.settings import Settings
from api.tokens import Enrolling, Tokens
from cmdb import query
from cmdb.model.times import SECOND, from_iso
from cmdb.stores.sqlite_store import SqliteStore
from tests.agent.reports import report, section
from tests.campaigns.length import either
from tests.servers import certificates

FATES = ("whole", "whole", "no answer", "half an answer", "half a request", "refused")
STEPS = 18


class Estate:
    """A server over a store of a test, and a line to it that may break; the line's address stays."""

    def __init__(self, folder: Path) -> None:
        self.certificate = certificates.issue(folder, "own", "IP:127.0.0.1")
        self.store_path = folder / "store.db"
        self.fate = "whole"
        self._port = 0
        self._running = ExitStack()
        self._line = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._carry, daemon=True).start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._line.getsockname()[1]}"

    def start(self) -> None:
        store = self._running.enter_context(_open(self.store_path))
        settings = Settings(port=0, certificate=self.certificate.certificate, key=self.certificate.key)
        made = server(create_app(settings, store), settings)
        self._running.enter_context(serving(made))
        self._port = made.bind_addr[1]

    def stop(self) -> None:
        self._port = 0
        self._running.close()

    def close(self) -> None:
        self.stop()
        self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def token(self) -> str:
        with _open(self.store_path) as store:
            made = Tokens(store).create("os:root", "test", ["enrol"], "never", None, Enrolling(10, (), False))
            return str(made["token"])

    def names(self) -> list[str]:
        """What the one host was called, in order."""
        return [row["after"] for row in self.history()]

    def history(self) -> list[dict[str, Any]]:
        """How the one host's name changed, in order."""
        with _open(self.store_path) as store, store.view() as view:
            (host,) = view.scan(["Host"])
            found = query.history(view, host.id, view.head().number, None, 1000)["items"]
        return [row for row in found if row["attribute"] == "name"]

    def _carry(self) -> None:
        while True:
            try:
                client, _ = self._line.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client, self.fate), daemon=True).start()

    def _one(self, client: socket.socket, fate: str) -> None:
        """What comes after the handshake, of some 1.5 kB each way, is lost in part."""
        with client:
            if fate == "refused" or not self._port:
                return
            try:
                with socket.create_connection(("127.0.0.1", self._port), 20) as there:
                    most = (
                        {"half a request": 700}.get(fate, 1 << 30),
                        {"no answer": 1100, "half an answer": 1700}.get(fate, 1 << 30),
                    )
                    back = threading.Thread(target=_copy, args=(there, client, most[1]), daemon=True)
                    back.start()
                    _copy(client, there, most[0])
                    back.join(20)
            except OSError:
                pass


def _copy(source: socket.socket, target: socket.socket, most: int) -> None:
    try:
        while most > 0 and (block := source.recv(min(65536, most))):
            target.sendall(block)
            most -= len(block)
        if most <= 0:
            for end in (source, target):
                end.shutdown(socket.SHUT_RDWR)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def _open(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(path)
    try:
        yield store
    finally:
        store.close()


class Agent:
    """An enrolled agent whose waiting takes no time."""

    def __init__(self, state: State, enrolled: Enrolled) -> None:
        self.state, self._enrolled = state, enrolled
        self.marks = host_marks()
        self.wrong = 0
        """Seconds by which the host's clock is ahead."""
        self._now = 0.0
        self.delivery = self._made()

    def _made(self) -> Delivery:
        clocks = Clocks(lambda: time.time() + self.wrong, self._steady)
        return Delivery(self.state, self._enrolled, None, {}, clocks, Backoff(), ask_seconds=1e9)

    def _steady(self) -> float:
        self._now += 1000.0
        return self._now

    def restart(self) -> None:
        self.delivery.close()
        self._enrolled = load(self.state) or self._enrolled
        self.delivery = self._made()

    def tell(self, found: Report) -> None:
        self.delivery.put(found)
        self.delivery.flush()


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    monkeypatch.setenv("SURVEYMARK_STATE", str(tmp_path / "server"))
    made = Estate(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def agent(estate: Estate, tmp_path: Path) -> Iterator[Agent]:
    """Enrolled; the server runs."""
    token = estate.token()
    estate.start()
    state = State(tmp_path / "agent")
    enrolled, _ = enrol(state, server_at(estate.url, fingerprint=estate.certificate.fingerprint), token, {})
    made = Agent(state, enrolled)
    yield made
    made.delivery.close()


def numbered(number: int, agent: Agent) -> Report:
    """A report in which the host is called by the number."""
    marks = {**agent.marks, "agent_key": agent.state.agent_key()}
    return report(number, section("kernel", f"h{number:03}"), section("memory", "same"), marks=marks)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", either([1], list(range(1, 41))))
def test_every_change_is_in_the_graph_once_whatever_breaks(estate: Estate, agent: Agent, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(1, STEPS + 1):
        if number in (STEPS // 3, 2 * STEPS // 3):
            estate.stop()
        elif number in (STEPS // 3 + 2, 2 * STEPS // 3 + 2):
            estate.start()
        estate.fate = chance.choice(FATES)
        if chance.random() < 0.2:
            agent.restart()
        agent.tell(numbered(number, agent))
    estate.fate = "whole"
    for _ in range(3):
        agent.delivery.flush()

    names = estate.names()
    assert agent.delivery.problem == ""
    assert agent.delivery.waiting == 0
    assert names == sorted(set(names)), "out of order, or twice"
    assert names[-1] == f"h{STEPS:03}"


@pytest.mark.parametrize("wrong", [-86_400, 86_400])
def test_times_of_a_host_whose_clock_is_wrong_are_the_servers(estate: Estate, agent: Agent, wrong: int) -> None:
    agent.wrong = wrong
    for number in (1, 2):
        found = numbered(number, agent)
        at = int((time.time() + wrong) * SECOND)
        agent.tell(replace(found, header=replace(found.header, observed_at=at)))

    assert agent.delivery.problem == ""
    (change,) = estate.history()
    assert change["after"] == "h002"
    seen = from_iso(change["not_after"]) / SECOND
    assert abs(seen - time.time()) < 600


def test_this_host_says_in_under_a_kilobyte_that_nothing_changed(
    estate: Estate, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    sendall = transport.Line.sendall

    def counted(line: transport.Line, data: bytes) -> None:
        sent.append(len(data))
        sendall(line, data)

    monkeypatch.setattr(transport.Line, "sendall", counted)
    first = discover_once(agent.state, None, lambda _: None)
    agent.tell(first)
    whole = sum(sent)
    sent.clear()
    again = discover_once(agent.state, None, lambda _: None)
    again.sections[:] = first.sections  # what this machine did in between is no matter here

    agent.tell(again)

    assert agent.delivery.problem == ""
    assert len(sent) == 1
    assert sent[0] < 1000
    assert whole > 10 * sent[0]
