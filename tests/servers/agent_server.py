"""What a Surveymark server does with signed requests of an agent, as a model in memory.

It verifies, writes out, takes and remembers. It is no store: it keeps the last body of each section and every effect in order, so
that a test sees what was told twice, or never. Runs under Python 3.9 too.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
import zlib
from collections.abc import Callable
from email.utils import formatdate
from typing import Any, Optional

from agent.signature import SignatureRefused, Signed, parse, verify
from cmdb.model import again
from cmdb.model.batch import Batch, decode
from cmdb.model.errors import SurveymarkError
from tests.servers.https_server import answer, content, fields, raw

SECRET = b"s" * 32
KEY = "0123456789ab"
DIGEST_KEY = "ab" * 32
TOKEN = "smt_enrols"


class AgentServer:
    """Answers requests (`__call__`); `faults` are what the next ones meet: a status, "html", "lost", "half" or "nothing"."""

    def __init__(self) -> None:
        self.secrets = [SECRET]
        self.faults: list[Any] = []
        self.wishes: list[str] = []
        self.ends_at = ""
        self.refused: set[str] = set()
        self.most_bytes = 10**9
        self.clock: Callable[[], float] = time.time
        self.memory: Optional[again.Remembered] = None
        self.receipts: dict[str, dict[str, Any]] = {}
        self.batches: list[Batch] = []
        self.held: dict[str, str] = {}
        self.effects: list[tuple[str, str]] = []
        """(section, body) in the order in which they were applied."""
        self.said: list[str] = []
        """What was asked, and the status answered."""
        self.dates: list[str] = []
        self.enrolled: list[dict[str, Any]] = []
        """What was said by who enrolled."""
        self.state, self.reason = "active", ""
        self._nonces: set[str] = set()
        self._sequence: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, request: bytes) -> bytes:
        with self._lock:
            fault = self.faults.pop(0) if self.faults else None
            path = request.split(b" ", 2)[1].decode()
            if fault in ("lost", "half", None):
                made = self._answered(request)
            elif isinstance(fault, bytes):
                made = fault
            elif fault == "html":
                made = raw(200, b"<html>Please sign in</html>", {"Content-Type": "text/html"})
            elif fault == "nothing":
                made = b""
            else:
                made = problem(fault, "injected", {"Retry-After": "7"} if fault in (429, 503) else {})
            self.said.append(f"{path} {made[9:12].decode()}{'' if fault in (None, *range(1000)) else f' {fault}'}")
            return b"" if fault == "lost" else made[: len(made) // 2] if fault == "half" else made

    def _answered(self, request: bytes) -> bytes:
        method, target, _ = request.split(b"\r\n", 1)[0].decode().split(" ")
        named = dict(fields(request))
        if target.endswith("/agent/enrolments"):
            return self._enrolled(named, json.loads(content(request)))
        self.dates.append(named.get("date", ""))
        signed = Signed(method, target, named, content(request))
        try:
            signature = parse(named)
            place = verify(signed, signature, self.secrets, int(self.clock()))
        except SignatureRefused as error:
            return problem(401, error.why, {"Date": formatdate(self.clock(), usegmt=True)})
        assert signature.nonce not in self._nonces, "a nonce was used twice"
        self._nonces.add(signature.nonce)
        if place > 0:
            del self.secrets[:place]
            self.ends_at = "2099-01-01T00:00:00.000000Z"
        try:
            return answer(
                200, {**self._done(target, content(request)), "wishes": self._wished(), "secret_ends_at": self.ends_at}
            )
        except SurveymarkError as error:
            return problem(error.http_status, error.kind, {})

    def _enrolled(self, named: dict[str, str], said: dict[str, Any]) -> bytes:
        if named.get("authorization") != f"Bearer {TOKEN}":
            return problem(401, "unauthorized", {})
        self.enrolled.append(said)
        secret = base64.b64encode(SECRET).decode()
        told = {"key": KEY, "secret": secret, "source": "agent:1", "state": self.state, "reason": self.reason}
        return answer(201, {**told, "secret_ends_at": "2099-01-01T00:00:00.000000Z"})

    def _wished(self) -> list[str]:
        wished, self.wishes = self.wishes, []
        return wished

    def _done(self, target: str, data: bytes) -> dict[str, Any]:
        if target.endswith("/agent/wishes"):
            return {}
        if target.endswith("/agent/digest-key"):
            return {"key": DIGEST_KEY}
        if target.endswith("/agent/rotations"):
            self.secrets = [self.secrets[0], os.urandom(32)]
            return {"secret": base64.b64encode(self.secrets[1]).decode()}
        assert target.endswith("/batches"), target
        return self._taken(zlib.decompress(data, 31))

    def _taken(self, data: bytes) -> dict[str, Any]:
        if len(data) > self.most_bytes:
            raise _TooLarge("too large")
        written = again.expand(self.memory, data)
        batch = decode(written)
        self.batches.append(batch)
        if batch.header.id in self.receipts:
            return self.receipts[batch.header.id]
        rows = []
        for section in batch.sections:
            outcome = section.outcome
            if section.name in self.refused:
                outcome = "refused"
            elif section.outcome == "collected" and section.bodies != [None]:
                if self.held.get(section.name) != section.digest and self._newer(section.name, batch):
                    self.held[section.name] = section.digest
                    self.effects.append((section.name, (section.bodies[0] or b"").decode()))
            elif section.outcome == "collected":
                outcome = "unchanged" if self.held.get(section.name) == section.digest else "refused"
            rows.append({"section": section.name, "outcome": outcome, "problem": {"title": "no", "path": "/"}})
        kept = again.remembered(self.memory, written)
        gone = {row["section"] for row in rows if row["outcome"] == "refused"}
        self.memory = again.Remembered(kept.header, {n: rows for n, rows in kept.lines.items() if n not in gone})
        receipt = {"batch": batch.header.id, "sections": rows, "quarantined": [], "superseded": []}
        self.receipts[batch.header.id] = receipt
        return receipt

    def _newer(self, name: str, batch: Batch) -> bool:
        if self._sequence.get(name, -1) > batch.header.sequence:
            return False
        self._sequence[name] = batch.header.sequence
        return True

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The effects as (section, text) of tests.agent.reports."""
        return [(name, json.loads(body)["items"][0]["attributes"]["name"]) for name, body in self.effects]


class _TooLarge(SurveymarkError):
    kind = "too-large"
    http_status = 413


def problem(status: int, kind: str, named: dict[str, str]) -> bytes:
    """A problem document (RFC 9457)."""
    said = {"type": f"urn:surveymark:{kind}", "title": kind, "status": status, "detail": f"it is {kind}"}
    return raw(status, json.dumps(said).encode(), {"Content-Type": "application/problem+json", **named})
