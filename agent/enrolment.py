"""Enrolment: what the agent knows of its server, and the secret with which it signs.

POST /api/v1/agent/enrolments with a token that enrols gives a key of the agent's own; its secret is told that once and stands in
`enrolment.json` in the agent's folder, for its owner alone, with the server and how that is verified. The host's identifying
marks go along, since an operator has to say so where another agent has them.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any, Optional

from agent.state import State, secret_file
from agent.transport import Answer, Server, Transport, server
from agent.version import VERSION
from agent.whole_file import write_whole
from cmdb.model.dataclass import dataclass
from cmdb.model.errors import SurveymarkError, UsageError
from cmdb.model.times import now
from cmdb.model.values import canonical

FILE = "enrolment.json"
ENROLMENTS = "/api/v1/agent/enrolments"
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_HEX = re.compile(r"[0-9a-f]{32,128}\Z")


class NotEnrolled(UsageError):
    """This agent has no server yet."""

    kind = "not-enrolled"

    def __init__(self) -> None:
        super().__init__("This agent is enrolled at no server: surveymark-agent enrol --server URL --token-file FILE")


@dataclass(frozen=True)
class Enrolled:
    """An agent's key at a server. `previous` is the secret before, until the new one was used; `ends_at` when the secret ends, as
    the server wrote it; `digest_key` keys digests of files (hex), empty until it is known. No secret is shown."""

    url: str
    key: str
    secret: bytes = field(repr=False)
    ca_file: str = ""
    fingerprint: str = ""
    previous: bytes = field(default=b"", repr=False)
    ends_at: str = ""
    digest_key: str = field(default="", repr=False)

    @property
    def server(self) -> Server:
        return server(self.url, self.ca_file, self.fingerprint)


def load(state: State) -> Optional[Enrolled]:
    """What is known of the server, None where the agent was not enrolled. Raises SurveymarkError where the file is spoilt, or
    others may read it."""
    path = state.folder / FILE
    if not path.exists():
        return None
    try:
        found = json.loads(secret_file(path))
        return Enrolled(
            url=str(found["url"]),
            key=_matching(found["key"], _KEY),
            secret=_secret(found["secret"]),
            ca_file=str(found["ca_file"]),
            fingerprint=str(found["fingerprint"]),
            previous=_secret(found["previous"]) if found["previous"] else b"",
            ends_at=str(found["ends_at"]),
            digest_key=_matching(found["digest_key"], _HEX) if found["digest_key"] else "",
        )
    except (ValueError, KeyError, TypeError):
        raise SurveymarkError(f"{path} is not what was written there; enrol this agent anew.") from None


def save(state: State, enrolled: Enrolled) -> None:
    """Keep it, for the owner alone. Raises SurveymarkError where that fails; what stood there before stays then."""
    path = state.made(FILE)
    said = {
        "url": enrolled.url,
        "key": enrolled.key,
        "secret": base64.b64encode(enrolled.secret).decode("ascii"),
        "ca_file": enrolled.ca_file,
        "fingerprint": enrolled.fingerprint,
        "previous": base64.b64encode(enrolled.previous).decode("ascii"),
        "ends_at": enrolled.ends_at,
        "digest_key": enrolled.digest_key,
    }
    try:
        write_whole(path, canonical(said).encode())
    except OSError as error:
        raise SurveymarkError(f"{path} can not be written: {error.strerror}.") from error


def keep_secrets(state: State, enrolled: Enrolled) -> None:
    """Keep what changed of the secrets. How the server is verified may have been changed by somebody else meanwhile, and stays;
    so does all where the agent was enrolled anew. Raises SurveymarkError."""
    kept = load(state) or enrolled
    if kept.key == enrolled.key:
        save(state, replace(enrolled, url=kept.url, ca_file=kept.ca_file, fingerprint=kept.fingerprint))


def renewed(enrolled: Enrolled, said: Mapping[str, Any]) -> Enrolled:
    """With the new secret that the server gave. Raises ValueError, KeyError or TypeError where it gave none."""
    new = _secret(said["secret"])
    return replace(enrolled, secret=new, previous=enrolled.secret, ends_at=str(said.get("secret_ends_at", "")))


def enrol(
    state: State, at: Server, token: str, environment: Optional[Mapping[str, str]] = None
) -> tuple[Enrolled, Mapping[str, Any]]:
    """Enrol this host; returns what was kept, and what the server said (`state`, `reason`).

    Raises SurveymarkError: the server was not reached, or refuses, or this agent is enrolled already.
    """
    known = load(state)
    if known is not None:
        raise UsageError(
            f"This agent is enrolled at {known.url} with the key {known.key}. To enrol it anew, remove {state.folder / FILE}."
        )
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        raise UsageError("That is no token that enrols: it reads smt_…, without spaces.")
    if at.ca_file:
        at = replace(at, ca_file=str(Path(at.ca_file).absolute()))
    state.made(FILE)  # before the server counts an agent more
    marks = host_marks()
    said = {
        "host_name": str(marks.get("host_name", "")),
        "agent_key": state.agent_key(),
        "marks": marks,
        "version": VERSION,
    }
    fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    transport = Transport(at, VERSION, os.environ if environment is None else environment)
    found = _said(transport.request("POST", ENROLMENTS, fields, json.dumps(said).encode()), at)
    try:
        enrolled = Enrolled(
            at.url,
            _matching(found["key"], _KEY),
            _secret(found["secret"]),
            at.ca_file,
            at.fingerprint,
            ends_at=str(found.get("secret_ends_at", "")),
        )
    except (ValueError, KeyError, TypeError):
        raise SurveymarkError(f"The server {at.url} answered not as a Surveymark server does.") from None
    save(state, enrolled)
    return enrolled, found


def trust(state: State, ca_file: str = "", fingerprint: str = "") -> Enrolled:
    """Verify the server in another way from now on: a certificate that was pinned is renewed, say. With neither, by the
    authorities of the system. Raises NotEnrolled, UsageError where that is no way, SurveymarkError where it can not be kept."""
    known = load(state)
    if known is None:
        raise NotEnrolled
    at = server(known.url, str(Path(ca_file).absolute()) if ca_file else "", fingerprint)
    enrolled = replace(known, ca_file=at.ca_file, fingerprint=at.fingerprint)
    save(state, enrolled)
    return enrolled


def host_marks() -> dict[str, Any]:
    """By what this host is known, as its reports will say."""
    from agent.fact import Context
    from agent.portable_facts import facts_of
    from agent.run import observe_pass
    from agent.shell import LocalShell

    shell = LocalShell()
    context = Context(privilege=shell.privilege, own_pids=shell.own_pids, digest_key=None, observed_at_us=now())
    _, marks = observe_pass(
        shell, context, [fact for fact in facts_of(sys.platform).values() if hasattr(fact, "marks")]
    )
    return dict(sorted(marks.items()))


def _said(answer: Answer, at: Server) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.content)
    except ValueError:
        found = None
    if answer.status == 201 and isinstance(found, dict):
        return found
    detail = str(found.get("detail", ""))[:500] if isinstance(found, dict) else "not as a Surveymark server does"
    raise SurveymarkError(f"The server {at.url} answered {answer.status}: {' '.join(detail.split())}")


def _secret(text: Any) -> bytes:
    found = base64.b64decode(str(text), validate=True)
    if not 16 <= len(found) <= 128:
        raise ValueError("no secret")
    return found


def _matching(value: Any, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.match(value):
        raise ValueError("of another form")
    return value
