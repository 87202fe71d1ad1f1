"""Three hosts, nginx -> application -> database over real TCP, reporting as agents to one server over TLS."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.hosts import REPOSITORY, Host, Lab

PYTHON = "/usr/bin/python3"
DATABASE = """
import socketserver
class Serve(socketserver.BaseRequestHandler):
    def handle(self):
        while self.request.recv(100):
            self.request.sendall(b"row\\n")
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
Server(("0.0.0.0", 5432), Serve).serve_forever()
"""
APPLICATION = """
import http.server, socket, sys
pool = socket.create_connection((sys.argv[1], 5432))
class Serve(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        pool.sendall(b"select"); body = pool.recv(100)
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Serve).serve_forever()
"""
NGINX = """
user www-data;
pid /run/nginx.pid;
events {{}}
http {{
  access_log off;
  upstream application {{ server {address}:8080; keepalive 2; }}
  server {{
    listen 80;
    location / {{ proxy_pass http://application; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


class Estate:
    """A surveying host with the server, and three hosts that report to it."""

    def __init__(self, lab: Lab) -> None:
        self.server = lab.host("survey")
        self.database = lab.host("db1")
        self.application = lab.host("app1")
        self.web = lab.host("web1")
        self._serve()

    def _serve(self) -> None:
        server = self.server
        server.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=survey", "-addext", f"subjectAltName=IP:{server.address}", "-keyout", "/root/key.pem",
            "-out", "/root/certificate.pem",
        )  # fmt: skip
        self._tokens: dict[str, str] = {}
        for host in (self.database, self.application, self.web):
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

    def report(self, *hosts: Host) -> None:
        """Each host runs one pass and sends it."""
        for host in hosts:
            host.write("/etc/survey-ca.pem", self._certificate)
            host.surveymark(
                "--server", f"https://{self.server.address}:8443", "agent", "once",
                env={"SURVEYMARK_TOKEN": self._tokens[host.name], "SSL_CERT_FILE": "/etc/survey-ca.pem"},
            )  # fmt: skip

    def start_application(self) -> None:
        self.application.write("/opt/app/app.py", APPLICATION)
        self.application.spawn(PYTHON, "/opt/app/app.py", self.database.address)
        self.application.wait_for("sh", "-c", "ss -Hltn | grep -q :8080")
        self.web.wait_for("curl", "-sf", "http://127.0.0.1/")

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
def estate(lab: Lab) -> Iterator[Estate]:
    estate = Estate(lab)
    estate.database.write("/opt/postgres/server.py", DATABASE)
    estate.database.spawn(PYTHON, "/opt/postgres/server.py")
    estate.database.wait_for("sh", "-c", "ss -Hltn | grep -q :5432")
    estate.web.write("/etc/nginx/nginx.conf", NGINX.format(address=estate.application.address))
    estate.web.spawn("/usr/sbin/nginx", "-g", "daemon off;")
    estate.web.wait_for("sh", "-c", "ss -Hltn | grep -q :80")
    return estate


def test_the_database_is_needed_by_the_application_and_by_nginx_from_when_the_application_ran(estate: Estate) -> None:
    estate.report(estate.database, estate.application, estate.web)
    earlier = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    time.sleep(1.1)  # `earlier` is a second between the two states, as a person would name it
    estate.start_application()
    estate.report(estate.database, estate.application, estate.web)

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
    estate.start_application()
    estate.report(estate.database, estate.application, estate.web)
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

    estate.application.run("pkill", "-f", "/opt/app/app.py")
    estate.report(estate.database, estate.application, estate.web)
    assert {d: estate.document(d) for d in pins} == first
    _, now = estate.ask("impact", database["id"])
    pinned = next(json.loads(first[d]) for d, p in pins.items() if p["kind"] == "impact")
    assert now["impacted"] != pinned["impacted"]
