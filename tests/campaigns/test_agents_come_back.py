"""Many agents that come back to one server at once: it sends away whom it has no place for, they obey, and each is taken once."""

from __future__ import annotations

import base64
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent.delivery import Clocks, Delivery
from agent.enrolment import Enrolled
from agent.state import State
from agent.transport import Answer
from api.agents import Applicant
from api.app import create_app
from api.context import NAME, Server
from api.service import server, serving
from api.settings import Settings
from api.tokens import Enrolling, Tokens
from cmdb.stores.sqlite_store import SqliteStore
from tests.agent.reports import report, section
from tests.campaigns.length import either
from tests.servers import certificates

pytestmark = pytest.mark.campaign
AGENTS = either(16, 1000)
TOGETHER = either(10, 64)
"""Agents that run at the same time; the others follow them."""
PLACES = either(1, 4)
PATIENCE_SECONDS = either(120.0, 1800.0)


class Coming:
    """An agent with one report, and what it was answered when."""

    def __init__(self, state: State, enrolled: Enrolled, number: int) -> None:
        marks = {"agent_key": f"{number:032x}", "machine_id": f"{number:032x}", "host_name": f"h{number}"}
        self.delivery = Delivery(state, enrolled, None, {}, Clocks(time.time, time.monotonic), ask_seconds=1e9)
        self.delivery.put(report(number, section("kernel", f"h{number}"), marks=marks, id=secrets.token_hex(16)))
        self.answers: list[tuple[float, float, int, float]] = []
        """Asked at, answered at, status, and seconds of Retry-After."""
        self._request = self.delivery._exchange.transport.request
        self.delivery._exchange.transport.request = self._noted  # type: ignore[method-assign, assignment]

    def _noted(self, *arguments: object) -> Answer:
        asked = time.monotonic()
        found = self._request(*arguments)  # type: ignore[arg-type]
        wait = float(found.fields.get("retry-after", "0"))
        self.answers.append((asked, time.monotonic(), found.status, wait))
        return found

    def come(self, until: float) -> None:
        while self.delivery.waiting and time.monotonic() < until:
            wait, _ = self.delivery.flush()
            if self.delivery.waiting:
                time.sleep(min(wait, max(until - time.monotonic(), 0)))
        self.delivery.close()


def test_all_are_taken_once_and_nobody_comes_before_it_was_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None]
) -> None:
    monkeypatch.setenv("SURVEYMARK_STATE", str(tmp_path / "server"))
    own = certificates.issue(tmp_path, "own", "IP:127.0.0.1")
    with closing(SqliteStore.open(tmp_path / "store.db")) as store:
        settings = Settings(port=0, certificate=own.certificate, key=own.key, batches_at_once=PLACES)
        app = create_app(settings, store)
        here: Server = app.extensions[NAME]
        token = here.tokens.verify(_token(here.tokens))
        assert token is not None
        made = server(app, settings)
        with serving(made):
            url = f"https://127.0.0.1:{made.bind_addr[1]}"
            agents = []
            for number in range(1, AGENTS + 1):
                marks = {"machine_id": f"{number:032x}"}
                said = here.agents.enrol(token, Applicant(f"h{number}", f"{number:032x}", marks), "127.0.0.1")
                enrolled = Enrolled(url, said["key"], _secret(said), fingerprint=own.fingerprint, digest_key="ab" * 32)
                agents.append(Coming(State(tmp_path / f"agent{number}"), enrolled, number))
            began = time.monotonic()
            _together([lambda one=one: one.come(began + PATIENCE_SECONDS) for one in agents])  # type: ignore[misc]
            took = time.monotonic() - began
        with store.view() as view:
            names = sorted(host.name for host in view.scan(["Host"]))
            revisions = view.head().number

    answers = [answer for one in agents for answer in one.answers]
    statuses = {status for _, _, status, _ in answers}
    assert names == sorted(f"h{number}" for number in range(1, AGENTS + 1))
    assert statuses <= {200, 429}, statuses
    for one in agents:
        for (_, answered, _, wait), (asked, *_) in zip(one.answers, one.answers[1:]):
            assert asked - answered >= wait, "it came before it was told to"
    away = sum(status == 429 for _, _, status, _ in answers)
    assert revisions >= AGENTS
    tell(f"{AGENTS} agents came back at once, {away} times one was sent away, all were taken once in {took:.0f} s.")


def _together(calls: list[Callable[[], None]]) -> None:
    waiting = iter(calls)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                call = next(waiting, None)
            if call is None:
                return
            call()

    threads = [threading.Thread(target=work) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _token(tokens: Tokens) -> str:
    made = tokens.create("os:root", "test", ["enrol"], "never", None, Enrolling(AGENTS, (), False))
    return str(made["token"])


def _secret(said: dict[str, object]) -> bytes:
    return base64.b64decode(str(said["secret"]))
