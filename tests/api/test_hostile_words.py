"""What people say and decide, and what identities are made of, in words that would act on whoever reads them.

The words, and what a hostile host reports, are those of test_hostile.py.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cmdb.ingest import Ingest
from cmdb.model.times import SECOND
from cmdb.model.values import digest
from cmdb.taking import Sender
from tests.api.conftest import Api
from tests.api.test_hostile import BIDI, ESCAPES, FORMULA, MARKDOWN, NASTY, SCRIPT, Run, harmless, hostile, nasty
from tests.baselines.site import Site
from tests.cmdb.building import Reporter, system

__all__ = ["hostile"]

ALL = ESCAPES.replace("\0", "") + BIDI + SCRIPT + FORMULA + MARKDOWN
"""Everything at once, as an argument of a command can carry it."""


@pytest.fixture
def contested(hostile: Site) -> Site:
    """Machines of one image with hostile names, and a subject in quarantine whose marks and source are hostile."""
    ingest = Ingest(hostile.store, hostile.clock)
    for n in (0, 1, 3):
        marks = {
            "machine_id": digest(str(n))[:32],
            "agent_key": f"{nasty(n)[:20]}{n}",
            "dmi_uuid": "4c4c4544-0051-3610-8052-b4c04f4a4e31",
        }
        ingest.submit(Reporter(f"clone {n}", marks=marks).batch(system(nasty(n))), Sender(nasty(1)))
    nobody = Reporter("x", source=ESCAPES[:5] + SCRIPT + BIDI, marks={"fqdn": ESCAPES[1:9] + SCRIPT, "macs": [BIDI]})
    ingest.submit(nobody.batch(system("x")), Sender(ESCAPES[:5]))
    return hostile


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A row that lands, one of a host that there is not, and a heading, all hostile."""
    path = tmp_path / f"{FORMULA[:5]}\x1b[31m\u202e.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "owner"])
        rows.writerow(["web", ALL])
        rows.writerow([ALL, ALL])
    return path


def both(surveymark: Run, *command: str) -> str:
    """Run a command for people and for programs; neither output acts. Returns both outputs for people."""
    people, programs = surveymark(*command), surveymark(*command, "--json")
    for said in (people.out, people.err, programs.out, programs.err):
        harmless(said)
    assert "Surveymark's own" not in people.err + programs.err, people.err
    json.loads(programs.out)
    return people.out + people.err


def test_conflicts_and_explanations_name_what_is_hostile_and_do_nothing(surveymark: Run, contested: Site) -> None:
    listed = surveymark("conflict", "list", "--json").json["items"]
    assert {c["kind"] for c in listed} >= {"shared", "quarantine"}
    assert any(SCRIPT in json.dumps(c, ensure_ascii=False).replace('\\"', '"') for c in listed)

    both(surveymark, "conflict", "list", "--all")
    for conflict in listed:
        assert "proposal" in both(surveymark, "conflict", "show", str(conflict["number"])).lower()
    with contested.store.view() as view:
        hosts = list(view.scan(["Host"]))
    assert len(hosts) == 5
    for host in hosts:
        both(surveymark, "ci", "explain", host.id)
    both(surveymark, "conflict", "show", ALL)
    both(surveymark, "conflict", "resolve", str(listed[0]["number"]), "--as", ALL, "--reason", ALL)
    both(surveymark, "conflict", "resolve", str(listed[0]["number"]), "--as", "keep-apart", "--reason", ALL)
    assert surveymark("conflict", "show", str(listed[0]["number"]), "--json").json["state"] == "resolved"


def test_what_people_declare_tag_and_set_does_nothing(surveymark: Run, hostile: Site) -> None:
    for command in (
        ("attribute", "add", "note", "--class", "Host", "--text", ALL, "--reason", ALL),
        ("attribute", "add", ALL, "--class", "Host"),
        ("attribute", "add", "other", "--class", ALL),
        ("ci", "set", "name:=web", f"note={ALL}", "--reason", ALL, "--dry-run"),
        ("ci", "set", "name:=web", f"note={ALL}", "--reason", ALL, "--yes"),
        ("ci", "set", "name:=web", f"{ALL}=1", "--reason", ALL, "--yes"),
        ("tag", "add", "name:=web", ALL, "--reason", ALL, "--yes"),
        ("tag", "add", "name:=web", "=cmd", "--reason", ALL, "--yes"),
        ("attribute", "list"),
        ("tag", "list"),
        ("ci", "show", "name:=web"),
        ("ci", "history", "name:=web"),
        ("ci", "explain", "name:=web"),
        ("attribute", "remove", ALL, "--class", "Host", "--reason", ALL),
        ("attribute", "remove", "note", "--class", "Host", "--reason", ALL),
    ):
        both(surveymark, *command)


def test_what_people_set_is_kept_as_the_model_lets_it_in(surveymark: Run, hostile: Site) -> None:
    surveymark("attribute", "add", "note", "--class", "Host", "--text", ALL)

    assert surveymark("ci", "set", "name:=web", f"note={FORMULA}{SCRIPT}", "--reason", ALL, "--yes").status == 0
    assert hostile.item("web").attributes["note"] == FORMULA + SCRIPT
    cells = [c for row in csv.reader(io.StringIO(surveymark("ci", "find", "--format", "csv").out)) for c in row]
    assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_cells_of_a_file_do_nothing(surveymark: Run, hostile: Site, sheet: Path) -> None:
    rows = ("import", str(sheet), "--class", "Host", "--match", "name")
    assert "is no name of a source" in both(surveymark, *rows)
    how = (*rows, "--source", "sheet")

    assert "<script>" in both(surveymark, *how, "--dry-run")  # a terminal gives it no meaning
    both(surveymark, *how)
    both(surveymark, *how, "--source", ALL)
    both(surveymark, *how, "--map", f"{ALL}={ALL}")
    both(surveymark, *how, "--partly")

    assert SCRIPT in str(hostile.item("web").attributes["owner"])
    for command in (("ci", "show", "name:=web"), ("ci", "explain", "name:=web"), ("ci", "history", "name:=web")):
        both(surveymark, *command)


def test_holds_retention_and_freshness_do_nothing(surveymark: Run, hostile: Site) -> None:
    for command in (
        ("hold", "add", ALL, "--scope", f'"{SCRIPT}', "--reason", ALL),
        ("hold", "add", "case 7", "--scope", "class:Host", "--reason", ALL),
        ("hold", "list"),
        ("hold", "release", ALL, "--reason", ALL),
        ("hold", "release", "case 7", "--reason", ALL),
        ("retention", "set", "--age", ALL, "--reason", ALL),
        ("retention", "set", "--age", "400d", "--class", ALL, "--reason", ALL),
        ("retention", "set", "--age", "400d", "--reason", ALL),
        ("retention", "show"),
        ("retention", "run", "--dry-run"),
        ("retention", "run"),
    ):
        both(surveymark, *command)
    hostile.time += 8 * 86_400 * SECOND
    for later in (("freshness", "--dry-run"), ("freshness",), ("ci", "find", "is:stale")):
        both(surveymark, *later)


def test_what_is_merged_split_retired_and_restored_does_nothing(surveymark: Run, contested: Site) -> None:
    with contested.store.view() as view:
        one, two = [h.id for h in view.scan(["Host"]) if h.name in map(nasty, (0, 1))]
    for command in (
        ("ci", "merge", one, two, "--reason", ALL),
        ("ci", "show", two),
        ("ci", "explain", one),
        ("ci", "history", one),
        ("ci", "split", two, "--reason", ALL),
        ("ci", "merge", one, ALL, "--reason", ALL),
        ("ci", "split", ALL, "--reason", ALL),
        ("ci", "retire", one, "--reason", ALL),
        ("ci", "find", "is:retired"),
        ("ci", "show", one),
        ("ci", "restore", one, "--reason", ALL),
        ("ci", "restore", ALL, "--reason", ALL),
    ):
        both(surveymark, *command)


def test_the_api_of_what_people_do_answers_with_json(api: Api, contested: Site) -> None:
    said = {"reason": ALL}
    with contested.store.view() as view:
        hosts = [h.id for h in view.scan(["Host"])]
    asked = [
        ("POST", "/attributes", {"class": "Host", "name": "note", "type": "string", "text": ALL, **said}),
        ("POST", "/attributes", {"class": ALL, "name": ALL, "type": ALL, "text": ALL, **said}),
        ("POST", "/holds", {"name": ALL, "scope": "class:Host", **said}),
        ("POST", "/holds/%3Cscript%3E/release", said),
        ("POST", "/retention", {"age": ALL, **said}),
        ("POST", "/freshness", {"dry_run": ALL}),
        ("POST", "/conflicts/1/resolution", {"as": ALL, **said}),
        ("POST", f"/cis/{hosts[0]}/retirement", said),
        ("POST", "/cis/%3Cscript%3E%1b/restoration", said),
        ("PATCH", "/cis", {"q": "class:Host", "set": {"note": ALL}, **said}),
    ]
    paths = ("/attributes", "/tags", "/conflicts?all=1", "/conflicts/1", "/conflicts/2", "/conflicts/%3Cscript%3E")
    asked += [("GET", path, {}) for path in (*paths, "/holds", "/retention", *(f"/cis/{h}/explain" for h in hosts))]
    for method, path, body in asked:
        answer = api(method, path, json=body) if body else api(method, path)
        assert answer.content_type in ("application/json", "application/problem+json"), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.status_code < 500, (path, answer.data)
        assert b"\x1b" not in answer.data
        json.loads(answer.data)


def test_the_api_takes_a_hostile_file_as_words(api: Api, hostile: Site) -> None:
    how = "format=csv&class=Host&match=name"
    data = f'name,owner\r\nweb,"{SCRIPT.replace(chr(34), chr(34) * 2)}"\r\n'.encode()

    for body, query in ((data, how + "&source=%3Cscript%3E"), (b"\x00\xff" + data, how), (NASTY[7].encode(), how)):
        answer = api("POST", "/imports?" + query, data=body)
        assert answer.content_type in ("application/json", "application/problem+json")
        assert answer.status_code < 500
        json.loads(answer.data)
    assert hostile.item("web").attributes["owner"] == SCRIPT


def test_anchors_are_kept_in_and_read_from_files_of_hostile_names(
    surveymark: Run, hostile: Site, tmp_path: Path
) -> None:
    file, odd = tmp_path / f"{FORMULA[:5]}\x1b[31m\u202e", tmp_path / "odd\x1b[2J"
    odd.write_text(ALL)

    both(surveymark, "anchor", "--to", str(file))
    for name in (file, odd, tmp_path / "none\x1b[2J"):
        both(surveymark, "doctor", "--chain", "--anchor", str(name))
