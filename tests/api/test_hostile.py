"""One host that writes whatever it can into whatever it can, through every output of this package.

The page has its own test of this kind (tests/api/ui).
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable

import pytest

from api.host_summary import summary_of
from cmdb.model.batch import Header, Section, encode
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.classes.host import Host
from cmdb.model.classes.local_account import LocalAccount
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.classes.software_package import SoftwarePackage
from cmdb.model.declaration import CI, SUBJECT, Relation
from cmdb.model.values import canonical, digest, text
from cmdb.taking import Sender
from tests.api.conftest import Api, Done
from tests.baselines.site import Site, collected

Run = Callable[..., Done]

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[1A\x9b31m\x00\r\n\x08"
FORMULA = "=cmd|' /C calc'!A0"
BIDI = "\u202egpj.exe\u2066\u200b\ufeff\u2028"
MARKDOWN = "](javascript:alert(1)) | `x` ![i](http://evil.example)"
DOT = '"]; evil [label="\\N'
NASTY = (SCRIPT, ESCAPES, FORMULA, BIDI, MARKDOWN, DOT, "\U000e0001tag", "A" * 1_000_000)


def nasty(number: int) -> str:
    """Hostile text as the model lets it in."""
    return text(NASTY[number])


@pytest.fixture
def hostile(site: Site) -> Site:
    """A second host, all of whose words are hostile, and a section that the receiver refuses."""
    packages: list[CI] = [
        SoftwarePackage(manager="dpkg", name=nasty(n), architecture="amd64", versions=[nasty(n)])
        for n in range(len(NASTY))
    ]
    server = SoftwareInstance(instance=nasty(0), name=nasty(0), user=nasty(1))
    endpoint = Endpoint(name=nasty(3), protocol="tcp", address=nasty(1)[:60], port=80, exposed=True)
    bad = collected("bad", ["LocalAccount"], [LocalAccount(name=NASTY[1] + NASTY[7])])
    failed = Section("accounts", 1, ["LocalAccount"], [], "user", "failed", reason=nasty(1) + nasty(0) + nasty(3))
    sections = [
        collected("system", ["Host"], [Host(name=nasty(2), os=nasty(0), gateways=sorted(map(nasty, range(7))))]),
        collected("packages", ["SoftwarePackage"], packages),
        collected(
            "software",
            ["Endpoint", "SoftwareInstance"],
            [server, endpoint],
            [
                Relation("EXPOSES", server.ref(), endpoint.ref()),
                Relation("DEPENDS_ON", SUBJECT, {"address": ESCAPES[1:9]}, {"why": nasty(1)}),
            ],
        ),
        bad,
        failed,
    ]
    sections[0].readings = {"items": [{"class": "Host", "key": "", "readings": {"load_1m": nasty(1) + BIDI}}]}
    marks = {"agent_key": nasty(1) + "k", "machine_id": digest("x")[:32], "host_name": SCRIPT}
    header = Header(ESCAPES[:5] + "b", ESCAPES[:5] + SCRIPT, "agent", 1, site.time, "Host", marks)
    receipt = site._ingest.submit(b"".join(encode(header, sections)), site_sender())
    assert [s["section"] for s in receipt["sections"] if s["outcome"] == "refused"] == ["bad"]
    site.report("web", collected("later", ["LocalAccount"], [LocalAccount(name="later")]))
    return site


def site_sender() -> Sender:
    return Sender(ESCAPES[:5] + "actor")


def harmless(output: str) -> None:
    """Nothing in it acts on a terminal."""
    bad = {c for c in output if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")}
    assert not bad, bad


HOST = "class:Host -name:web"
COMMANDS = [
    ("ci", "find"),
    ("ci", "find", "--format", "md"),
    ("ci", "show", HOST),
    ("ci", "history", HOST),
    ("ci", "explain", HOST),
    ("ci", "neighbours", HOST),
    ("ci", "neighbours", "class:SoftwareInstance -name:nginx"),
    ("ci", "find", f'"{SCRIPT}'),
    ("ci", "find", ESCAPES.replace("\0", "")),
    ("ci", "show", BIDI),
    ("impact", HOST),
    ("impact", "--format", "dot", HOST),
    ("impact", "class:SoftwarePackage name:=cmd*"),
    ("drift", "before"),
    ("drift", ESCAPES.replace("\0", "")),
    ("baseline", "list"),
    ("baseline", "show", "before"),
    ("baseline", "verify", "before"),
    ("baseline", "create", BIDI + SCRIPT, "--scope", ""),
    (
        "change",
        "add",
        "C1",
        "--title",
        ESCAPES.replace("\0", "") + BIDI + SCRIPT,
        "--ci",
        HOST,
        "--impact",
        "--drift",
        "before",
    ),
    ("change", "show", "C1"),
    ("incident", "add", SCRIPT + BIDI),
    ("token", "create", ESCAPES.replace("\0", "") + SCRIPT),
    ("token", "list"),
    ("token", "revoke", BIDI),
    ("doctor",),
    ("sweep", "list"),
    ("sweep", "show", BIDI),
    ("sweep", "--dry-run", ESCAPES.replace("\0", "")),
    ("sweep", "--dry-run", "127.0.0.1", "--inventory", BIDI),
    ("sweep", "--resume", SCRIPT),
    (BIDI,),
]


def test_no_command_lets_anything_act_on_a_terminal(surveymark: Run, hostile: Site) -> None:
    surveymark("baseline", "create", "before", "--scope", "")
    drifted = [SoftwarePackage(manager="dpkg", name=nasty(n), architecture="amd64", versions=["2"]) for n in range(3)]
    hostile.report("web", collected("packages", ["SoftwarePackage"], drifted))
    for command in COMMANDS:
        for flags in ((), ("--json",)):
            done = surveymark(*command, *flags)
            harmless(done.out)
            harmless(done.err)
            assert "Surveymark's own" not in done.err, done.err
            if flags:
                json.loads(done.out)


def test_json_tells_exactly_what_the_host_said(surveymark: Run, hostile: Site) -> None:
    found = surveymark("ci", "find", "class:SoftwarePackage", "--json").json["items"]
    assert {nasty(n) for n in range(len(NASTY))} < {ci["name"] for ci in found}


def test_a_spreadsheet_computes_nothing(surveymark: Run, hostile: Site) -> None:
    out = surveymark("ci", "find", "--format", "csv").out
    cells = [cell for row in csv.reader(io.StringIO(out)) for cell in row]
    assert any(FORMULA in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    harmless(out.replace("\r\n", "\n"))


def test_markdown_has_no_link_no_html_and_whole_rows(surveymark: Run, hostile: Site) -> None:
    out = surveymark("ci", "find", "--format", "md").out
    assert "<" not in out
    assert "](" not in out
    assert {row.replace("\\|", "").count("|") for row in out.splitlines()} == {6}


def test_a_graph_stays_a_graph(surveymark: Run, hostile: Site) -> None:
    out = surveymark("impact", HOST, "--format", "dot").out
    for line in out.splitlines()[1:-1]:
        bare = line.replace("\\\\", "").replace('\\"', "")
        assert bare.count('"') % 2 == 0
        outside = "".join(bare.split('"')[::2])
        assert outside.strip() in ("[label=];", "[label= color= penwidth=2];", "->  [label=];"), line


def test_the_api_answers_with_json_and_never_with_a_page(api: Api, hostile: Site) -> None:
    with hostile.store.view() as view:
        (host,) = [i.id for i in view.scan(["Host"]) if i.name != "web"]
        assert summary_of(view, host)["depends_on"]
    for path in (
        "/cis", f"/cis/{host}", f"/cis/{host}/history", f"/cis/{host}/neighbours", f"/cis/{host}/summary",
        f"/cis/{host}/explain",
        f"/impact?ci={host}", "/cis?q=" + "%3Cscript%3E%22", "/cis/%3Cscript%3E", "/drift/%3Cscript%3E", "/nowhere/%3Cscript%3E",
        "/baselines/%1b%5b2J", "/changes/%E2%80%AE", "/documents/%3Cscript%3E",
    ):  # fmt: skip
        answer = api("GET", path)
        assert answer.content_type in ("application/json", "application/problem+json"), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        json.loads(answer.data)


def test_no_header_carries_what_somebody_sent(app: object, api: Api) -> None:
    for value in ("evil.example\r\nX-Evil: 1", "%0d%0aX-Evil:1"):
        answer = api("GET", "/cis", query_string={"q": value, "cursor": value})
        assert "X-Evil" not in answer.headers
    assert "X-Evil" not in str(api("GET", "/sign-in/%0d%0aX-Evil:1").headers)


def test_a_million_characters_are_refused_by_their_section_and_the_others_land(hostile: Site) -> None:
    body = canonical({"items": [{"class": "Host", "attributes": {"os": NASTY[7]}}], "relations": []}).encode()
    bad = Section("os", 1, ["Host"], [], "full", "collected", digests=[digest(body)], bodies=[body])
    marks = {"agent_key": "another", "machine_id": digest("y")[:32]}
    header = Header("b-million", "agent:y", "agent", 1, hostile.time, "Host", marks)
    good = collected("system", ["Host"], [Host(name="small")])

    receipt = hostile._ingest.submit(b"".join(encode(header, [bad, good])), site_sender())

    assert {s["section"]: s["outcome"] for s in receipt["sections"]} == {"os": "refused", "system": "collected"}
    assert len(json.dumps(receipt)) < 2000
    assert hostile.id("small")
