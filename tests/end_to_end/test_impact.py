"""Three hosts, nginx -> application -> database over real TCP, reporting as agents to one server over TLS."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.end_to_end.three_tiers import ThreeTiers
from tests.lab.hosts import REPOSITORY, Lab


class Estate:
    """A surveying host with the server, and three hosts that report to it."""

    def __init__(self, lab: Lab) -> None:
        self.server = lab.host("survey")
        self.tiers = ThreeTiers(lab)
        self._serve()

    def _serve(self) -> None:
        server = self.server
        server.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=survey", "-addext", f"subjectAltName=IP:{server.address}", "-keyout", "/root/key.pem",
            "-out", "/root/certificate.pem",
        )  # fmt: skip
        self._tokens: dict[str, str] = {}
        for host in self.tiers.hosts:
            shown = json.loads(host.surveymark("--json", "agent", "once", "--print").stdout)
            made = server.surveymark(
                "--json", "token", "create", host.name, "--role", "agent", "--source", shown["lines"][0]["source"]
            )
            self._tokens[host.name] = json.loads(made.stdout)["token"]
        server.spawn(
            str(REPOSITORY / ".venv/bin/surveymark"), "serve", "--listen", f"{server.address}:8443",
            "--certificate", "/root/certificate.pem", "--key", "/root/key.pem",
        )  # fmt: skip
        server.wait_for("sh", "-c", "ss -Hltn | grep -q :8443")
        self._certificate = server.run("cat", "/root/certificate.pem").stdout

    def report(self) -> None:
        """Each host runs one pass and sends it."""
        for host in self.tiers.hosts:
            host.write("/etc/survey-ca.pem", self._certificate)
            host.surveymark(
                "--server", f"https://{self.server.address}:8443", "agent", "once",
                env={"SURVEYMARK_TOKEN": self._tokens[host.name], "SSL_CERT_FILE": "/etc/survey-ca.pem"},
            )  # fmt: skip

    def ask(self, *arguments: str) -> tuple[int, Any]:
        done = self.server.surveymark("--json", *arguments, check=False)
        return done.returncode, json.loads(done.stdout)

    def document(self, digest: str) -> str:
        """The document behind a permalink, as the server gives it."""
        made = self.server.surveymark("--json", "token", "create", "auditor", "--role", "reader").stdout
        self.server.write("/root/auditor", f"Authorization: Bearer {json.loads(made)['token']}", 0o600)
        url = f"https://{self.server.address}:8443/api/v1/documents/{digest}"
        return self.server.run("curl", "-sf", "--cacert", "/root/certificate.pem", "-H", "@/root/auditor", url).stdout

    def one(self, query: str) -> dict[str, Any]:
        _, found = self.ask("ci", "find", query)
        assert len(found["items"]) == 1, found
        return dict(found["items"][0])


@pytest.fixture
def estate(lab: Lab) -> Estate:
    return Estate(lab)


def test_the_database_is_needed_by_the_application_and_by_nginx_from_when_the_application_ran(estate: Estate) -> None:
    estate.report()
    earlier = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    time.sleep(1.1)  # `earlier` is a second between the two states, as a person would name it
    estate.tiers.start_application()
    estate.report()

    database = estate.one("class:Endpoint port:5432")
    status, report = estate.ask("impact", database["id"])
    assert status == 0
    assert report["complete"] is True
    impacted = {(i["class"], i["name"]): i for i in report["impacted"]}
    application, nginx = impacted["SoftwareInstance", "app"], impacted["SoftwareInstance", "nginx"]
    assert (application["level"], nginx["level"]) == ("possible", "possible")
    hosts = {h["name"]: h["id"] for h in estate.ask("ci", "find", "class:Host")[1]["items"]}
    assert (application["on"], nginx["on"]) == (hosts["app1"], hosts["web1"])
    assert [step["type"] for step in application["path"]][-1] == "TALKS_TO"
    assert application["id"] in [step["id"] for step in nginx["path"]]

    status, before = estate.ask("impact", database["id"], "--at", earlier)
    assert status == 0
    assert not {n for _, n in ((i["class"], i["name"]) for i in before["impacted"])} & {"app", "nginx"}


def test_what_a_record_pins_stays_the_same_while_the_graph_moves_on(estate: Estate) -> None:
    estate.tiers.start_application()
    estate.report()
    database = estate.one("class:Endpoint port:5432")
    estate.server.surveymark("baseline", "create", "golden", "--scope", "")
    for kind, key in (("change", "CHG0030001"), ("incident", "INC0010023")):
        status, record = estate.ask(
            kind,
            "add",
            key,
            "--title",
            "replace the database",
            "--ci",
            database["id"],
            "--impact",
            "--drift",
            "golden",
        )
        assert status == 0, record
        assert len(record["pins"]) >= 2
    pins = {p["digest"]: p for p in record["pins"]}
    first = {d: estate.document(d) for d in pins}

    estate.tiers.end_application()
    estate.report()
    assert {d: estate.document(d) for d in pins} == first
    _, now = estate.ask("impact", database["id"])
    pinned = next(json.loads(first[d]) for d, p in pins.items() if p["kind"] == "impact")
    assert now["impacted"] != pinned["impacted"]
