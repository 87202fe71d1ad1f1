"""Many agents that come back at once, over real sockets: the server stays up, all get in, each batch once."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from agent.signature import Signed, sign
from api.agent_keys import SecretKeeper
from api.agents import Applicant
from api.app import create_app
from api.context import NAME
from api.installation_key import InstallationKey
from api.service import address, server, serving
from api.settings import Settings
from api.tokens import Enrolling, Tokens
from cmdb.agent_binding import KIND
from cmdb.chain import verify_chain
from cmdb.model.batch import Header, encode
from cmdb.model.times import SECOND, now
from cmdb.model.values import digest
from cmdb.stores.sqlite_store import SqliteStore
from tests.baselines.site import accounts, system
from tests.campaigns.length import either

pytestmark = pytest.mark.campaign

AGENTS = either(120, 1000)
MOST_SECONDS = either(200, 1000)


@dataclass
class Client:
    """An agent that comes back, and what it met. It hands its batch in so many `times`, as if receipts had been lost."""

    url: str
    name: str
    key: str
    secret: bytes
    times: int
    refusals: list[int] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""

    def batch(self) -> bytes:
        marks = {"machine_id": digest(self.name)[:32], "agent_key": digest(self.name)[:32]}
        header = Header(f"batch of {self.name}", "x", "agent", 1, now(), "Host", marks)
        return gzip.compress(b"".join(encode(header, [system(self.name), accounts("root", "www")])), mtime=0)

    def come_back(self, start: threading.Barrier) -> None:
        """Hand in the batch whenever the server says so."""
        body, ended = self.batch(), threading.Event()
        start.wait(MOST_SECONDS)
        begun = now()
        while len(self.receipts) < self.times and now() - begun < MOST_SECONDS * SECOND:
            try:
                status, headers, answer = self.hand_in(body)
            except OSError as error:
                self.problem = f"the server did not answer: {error}"
                return
            if status == 200:
                self.receipts.append(json.loads(answer))
            elif status == 429:
                self.refusals.append(int(headers["Retry-After"]))
                ended.wait(self.refusals[-1])
            else:
                self.problem = f"{status}: {answer[:300]!r}"
                return

    def hand_in(self, body: bytes) -> tuple[int, Any, bytes]:
        path, parts = "/api/v1/batches", urlsplit(self.url)
        fields = {"content-type": "application/x-ndjson", "content-encoding": "gzip"}
        signed = sign(Signed("POST", path, fields, body), self.key, self.secret, now() // SECOND)
        connection = http.client.HTTPConnection(str(parts.hostname), int(parts.port or 0), timeout=MOST_SECONDS)
        try:
            connection.request("POST", path, body, {**fields, **signed})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SqliteStore, list[Client]]]:
    """Agents that were enrolled, and the server that runs."""
    monkeypatch.setenv("SURVEYMARK_STATE", str(tmp_path / "state"))
    store = SqliteStore.open(tmp_path / "store.db")
    try:
        settings = Settings(port=0, batches_at_once=2)
        app = create_app(settings, store)
        made = server(app, settings)
        tokens, agents = Tokens(store), app.extensions[NAME].agents
        token = tokens.verify(tokens.create("os:root", "all", ["enrol"], enrolling=Enrolling(AGENTS))["token"])
        found = []
        for number in range(AGENTS):
            name = f"host{number}"
            told = agents.enrol(token, Applicant(name, digest(name)[:32], {"machine_id": digest(name)[:32]}), "::1")
            keeper = SecretKeeper(store.genesis(), InstallationKey())
            with store.view() as view:
                entry = view.entry(KIND, told["key"])
            assert entry is not None
            secret = keeper.opened(told["key"], entry.value["secrets"])[0][0]
            found.append(Client(address(made, settings), name, told["key"], secret, 2 if number % 4 == 0 else 1))
        with serving(made):
            yield store, found
    finally:
        store.close()


def test_agents_that_come_back_at_once_all_get_in_by_waiting_as_they_are_told(
    clients: tuple[SqliteStore, list[Client]], tell: Callable[[str], None]
) -> None:
    store, every = clients
    start, begun = threading.Barrier(AGENTS), now()
    threads = [threading.Thread(target=one.come_back, args=(start,), daemon=True) for one in every]
    for thread in threads:
        thread.start()
    with urllib.request.urlopen(f"{every[0].url}/api/v1/health", timeout=MOST_SECONDS) as answer:
        assert json.load(answer)["status"] == "ok"  # while they all wait
    for thread in threads:
        thread.join(MOST_SECONDS)

    assert [one.problem for one in every if one.problem] == []
    assert [one.name for one in every if len(one.receipts) != one.times] == []
    for one in every:
        assert len({receipt["revision"] for receipt in one.receipts} - {None}) == 1
    assert any(one.refusals for one in every)
    assert len({one.receipts[0]["revision"] for one in every}) == AGENTS
    with store.view() as view:
        assert view.counts()["Host"] == AGENTS
        assert {e.value["ci"] for e in view.entries(KIND)} == {one.receipts[0]["ci"] for one in every}
        assert len({e.value["ci"] for e in view.entries(KIND)}) == AGENTS
        assert list(verify_chain(view)) == []
    refused = sum(len(one.refusals) for one in every)
    longest = max(max(one.refusals, default=0) for one in every)
    tell(
        f"{AGENTS} agents at once: all in within {(now() - begun) // SECOND} s, each batch once, {refused} times told to wait, "
        f"{longest} s at most"
    )
