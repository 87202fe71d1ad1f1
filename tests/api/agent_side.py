"""An agent as its server meets it: enrolled over HTTP, its requests signed, its batches made from classes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from agent.signature import Signed, sign
from api.tokens import Enrolling, Tokens
from cmdb.model.batch import Header, Section, encode
from cmdb.model.times import SECOND
from cmdb.model.values import digest
from tests.baselines.site import Site, accounts, system

BATCHES = "/api/v1/batches"


def enrol_token(site: Site, count: int = 10, *networks: str, approve: bool = False, expires: str = "never") -> str:
    made = Tokens(site.store, site.clock, site.randomness).create(
        "os:root", "enrolment", ["enrol"], expires, None, Enrolling(count, networks, approve)
    )
    return str(made["token"])


@dataclass
class AgentSide:
    """One installation of an agent."""

    client: FlaskClient
    site: Site
    name: str
    key: str = ""
    secret: bytes = b""
    sequence: int = 0
    marks: dict[str, Any] = field(default_factory=dict)
    last: tuple[bytes, dict[str, str]] = (b"", {})

    def __post_init__(self) -> None:
        number = hashlib.sha256(self.name.encode()).hexdigest()
        mac = ":".join(["02", *(number[i : i + 2] for i in range(0, 10, 2))])
        uuid = f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:32]}"
        self.marks = {"machine_id": digest(self.name)[:32], "dmi_uuid": uuid, "macs": [mac], **self.marks}

    @property
    def agent_key(self) -> str:
        return digest(f"installation of {self.name}")[:32]

    def enrol(self, token: str, **options: Any) -> Any:
        told = {"host_name": self.name, "agent_key": self.agent_key, "marks": self.marks, "version": "1.0"}
        headers = {"Host": "localhost", "Authorization": f"Bearer {token}", **options.pop("headers", {})}
        answer = self.client.post(
            "/api/v1/agent/enrolments", json=told | options.pop("told", {}), headers=headers, **options
        )
        if answer.status_code == 201:
            made: Any = answer.json
            self.key, self.secret = made["key"], base64.b64decode(made["secret"])
        return answer

    def batch(self, *sections: Section, id_: str = "") -> bytes:
        self.sequence += 1
        header = Header(
            id=id_ or f"{self.name}-{self.key}-{self.sequence}",
            source="whatever it says",
            route="manual",
            sequence=self.sequence,
            observed_at=self.site.time,
            subject_class="Host",
            marks={**self.marks, "agent_key": self.agent_key},
        )
        return b"".join(encode(header, sections or (system(self.name), accounts("root"))))

    def report(self, *sections: Section, data: bytes = b"", **options: Any) -> Any:
        """Hands in what these sections say, or a batch as it is."""
        body = gzip.compress(data or self.batch(*sections), mtime=0)
        fields = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        return self.ask("POST", BATCHES, body, fields, **options)

    def ask(
        self, method: str, path: str, body: bytes = b"", fields: dict[str, str] | None = None, **options: Any
    ) -> Any:
        """A signed request; `created` and `nonce` may be said, and `sent` another body than was signed."""
        fields = dict(fields or {})
        created = options.pop("created", self.site.clock() // SECOND)
        lower = {name.lower(): value for name, value in fields.items()}
        signed = Signed(method, path, lower, body)
        added = sign(signed, self.key, options.pop("secret", self.secret), created, options.pop("nonce", None))
        headers = {"Host": "localhost", "User-Agent": "surveymark-agent/1.1", **fields, **added}
        self.last = (body, headers)
        data = options.pop("sent", body)
        return self.client.open(path, method=method, data=data, headers=headers, **options)

    def again(self, method: str, path: str) -> Any:
        """The last request once more, byte for byte."""
        body, headers = self.last
        return self.client.open(path, method=method, data=body, headers=headers)


def enrolled(app: OpenAPI, site: Site, name: str, token: str = "", **options: Any) -> AgentSide:
    """An agent that may report."""
    made = AgentSide(app.test_client(), site, name, **options)
    answer = made.enrol(token or enrol_token(site))
    assert answer.status_code == 201, answer.text
    assert answer.json["state"] == "active", json.dumps(answer.json)
    return made
