"""A host with clocks of its own, whose agent hands in to a model of the server over real TLS. Runs under Python 3.9 too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from agent import enrolment
from agent.backoff import Backoff
from agent.delivery import Clocks, Delivery
from agent.enrolment import Enrolled
from agent.spool import Limits
from agent.state import State
from cmdb.model.batch import Section
from tests.agent.reports import report
from tests.servers.agent_server import DIGEST_KEY, KEY, SECRET, AgentServer
from tests.servers.certificates import Certificate
from tests.servers.https_server import HttpsServer

NOW = 1_764_000_000


class Host:
    """An agent with clocks of its own, before a model of the server."""

    def __init__(self, folder: Path, at: HttpsServer, fingerprint: str, model: AgentServer) -> None:
        self.state, self.at, self.model = State(folder), at, model
        self.wall, self.steady = float(NOW), 1000.0
        model.clock = lambda: NOW + self.steady - 1000.0
        self.enrolled = Enrolled(at.url, KEY, SECRET, fingerprint=fingerprint, digest_key=DIGEST_KEY)
        self.delivery = self._made()
        self.number = 0

    def _made(self, limits: Optional[Limits] = None) -> Delivery:
        clocks = Clocks(lambda: self.wall, lambda: self.steady)
        return Delivery(self.state, self.enrolled, limits, {}, clocks, Backoff(lambda: 1.0))

    def restart(self) -> None:
        self.delivery.close()
        self.enrolled = enrolment.load(self.state) or self.enrolled
        self.delivery = self._made()

    def put(self, *sections: Section, **other: Any) -> None:
        self.number += 1
        self.delivery.put(report(self.number, *sections, **other))

    def tell(self, *sections: Section, **other: Any) -> tuple[float, frozenset[str]]:
        self.put(*sections, **other)
        return self.delivery.flush()

    def later(self, seconds: float) -> tuple[float, frozenset[str]]:
        self.pass_by(seconds)
        return self.delivery.flush()

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@contextmanager
def hosted(folder: Path, certificate: Certificate) -> Iterator[Host]:
    """A host and its server; fails where two requests come at once."""
    model = AgentServer()
    with HttpsServer(certificate.context(), model) as at:
        made = Host(folder, at, certificate.fingerprint, model)
        yield made
        made.delivery.close()
        assert at.busiest <= 1, "two requests at once"
