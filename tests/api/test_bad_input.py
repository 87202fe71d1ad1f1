"""What bad input gets: one sentence with the remedy, status 4 (2 where the asking was wrong), nothing half written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cmdb.chain import verify_chain
from cmdb.model.batch import Header, Section, encode
from cmdb.stores.sqlite_schema import VERSION
from cmdb.stores.sqlite_store import SqliteStore
from tests.api.conftest import Api, Done
from tests.baselines.site import Site, accounts, packages, software, system
from tests.cmdb.building import raw

Run = Callable[..., Done]

COMMANDS = (
    ("ci", "find"),
    ("drift", "golden"),
    ("baseline", "create", "b", "--scope", ""),
    ("change", "add", "CHG1"),
    ("token", "list"),
    ("doctor",),
    ("serve", "--listen", "127.0.0.1:0"),
    ("agent", "once"),
    ("up", "--once"),
)
WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root for whom modes hold as for everybody, setpriv(1)."""
NDJSON = {"Content-Type": "application/x-ndjson"}


def text_file(path: Path) -> None:
    path.write_text("Minutes of the meeting\n")


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")


def of_a_newer_schema(path: Path) -> None:
    SqliteStore.open(path).close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")


def torn(path: Path) -> None:
    SqliteStore.open(path).close()
    os.truncate(path, path.stat().st_size // 2)


def folder(path: Path) -> None:
    path.mkdir()


def content(place: Path) -> dict[str, bytes]:
    """All files below a folder, without what SQLite leaves beside a file that it could not close in order."""
    files = [file for file in sorted(place.rglob("*")) if file.is_file() and not file.name.endswith(("-wal", "-shm"))]
    return {str(file.relative_to(place)): file.read_bytes() for file in files}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (text_file, ("no Surveymark store", "name another with --store")),
        (foreign, ("a database of another program", "name another file with --store")),
        (of_a_newer_schema, (f"schema {VERSION + 1}", "upgrade Surveymark")),
        (torn, ("damaged", "restore a backup")),
        (folder, ("directory", "name another store with --store")),
    ],
)
def test_what_is_no_store_is_said_and_left_as_it_is(
    command: tuple[str, ...], make: Callable[[Path], None], said: tuple[str, ...], surveymark: Run, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    make(place / "x.db")
    before = content(place)

    told = surveymark(*command, store=f"sqlite://{place}/x.db")
    problem = surveymark(*command, "--json", store=f"sqlite://{place}/x.db")

    refused(told, 4, str(place / "x.db"), *said)
    assert (problem.status, problem.err) == (4, "")
    assert problem.json["type"] == "urn:surveymark:problem:store"
    assert (problem.json["status"], problem.json["exit"]) == (503, 4)
    assert f"surveymark: {problem.json['detail']}\n" == told.err
    assert content(place) == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("bolt://127.0.0.1:9", 4, ("does not answer", "start Neo4j there, or name another store with --store")),
        ("neo4j://127.0.0.1:9", 4, ("does not answer", "start Neo4j there, or name another store with --store")),
        ("neo4j://", 2, ("write neo4j://host",)),
        ("neo4j://[::1", 2, ("is no URL",)),
        ("mysql://db/x", 2, ("is no store", "write sqlite:///path, neo4j://host or bolt://host")),
        ("cmdb.db", 2, ("is no store", "write sqlite:///path")),
        ("sqlite://host/x.db", 2, ("names no file", "write sqlite:///absolute/path.db")),
        ("neo4j://neo4j:hunter2@127.0.0.1:9", 2, ("holds a password", "SURVEYMARK_STORE_PASSWORD")),
        ("sqlite://:hunter2@/x.db", 2, ("holds a password", "chmod 600")),
    ],
)
def test_a_url_that_leads_nowhere_is_said(
    command: tuple[str, ...], url: str, status: int, said: tuple[str, ...], surveymark: Run
) -> None:
    told = surveymark(*command, store=url)
    problem = surveymark(*command, "--json", store=url)

    refused(told, status, *said)
    assert (problem.status, problem.json["exit"], problem.err) == (status, status, "")
    assert problem.json["type"] == f"urn:surveymark:problem:{'store' if status == 4 else 'usage'}"
    assert "hunter2" not in told.err + problem.out


def refused(done: Done, status: int, *said: str) -> None:
    """One sentence, and no answer."""
    assert (done.status, done.out) == (status, ""), done.err
    assert done.err.startswith("surveymark: ")
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    assert "own:" not in done.err, "nobody foresaw it"
    for words in said:
        assert words in done.err


def run(*arguments: str, before: tuple[str, ...] = (), **environment: str) -> Done:
    """The command line as a process, behind a command that changes where it runs."""
    code = "import sys; from api.cli import main; sys.exit(main())"
    done = subprocess.run(
        [*before, sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, env={**os.environ, **environment}, cwd=Path(__file__).parents[2], timeout=120,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", [("ci", "find"), ("agent", "once"), ("doctor",)], ids=" ".join)
def test_a_store_that_may_not_be_read_or_written_is_said(command: tuple[str, ...], tmp_path: Path) -> None:
    before = WITHOUT_RIGHTS if os.geteuid() == 0 else ()
    locked, fixed = tmp_path / "locked.db", tmp_path / "fixed" / "x.db"
    for path in (locked, fixed):
        SqliteStore.open(path).close()
    locked.chmod(0)
    fixed.chmod(0o400)
    fixed.parent.chmod(0o500)
    try:
        refused(run(*command, "--store", f"sqlite://{locked}", before=before), 4, "No permission", "run as its owner")
        refused(
            run(*command, "--store", f"sqlite://{fixed}", before=before), 4, "can not be written", "run as its owner"
        )
    finally:
        fixed.parent.chmod(0o700)
    assert [file.name for file in fixed.parent.iterdir()] == ["x.db"]


def test_a_folder_in_which_no_store_can_be_made_is_said(tmp_path: Path) -> None:
    before = WITHOUT_RIGHTS if os.geteuid() == 0 else ()
    (tmp_path / "fixed").mkdir(mode=0o500)
    for name in ("x.db", "new/x.db"):
        store = f"sqlite://{tmp_path}/fixed/{name}"
        refused(run("agent", "once", "--store", store, before=before), 4, "No permission", "run as its owner")
    assert list((tmp_path / "fixed").iterdir()) == []


@pytest.mark.parametrize("size", ["48k", "400k"])
def test_a_full_disk_is_said_and_nothing_is_half_written(size: str, tmp_path: Path) -> None:
    """The store itself does not fit, or what this host reports does not."""
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    for made in (disk, kept):
        made.mkdir()
    small = (
        f'mount -t tmpfs -o size={size} disk "{disk}" && {{ "$@"; status=$?; cp "{disk}"/* "{kept}"; exit $status; }}'
    )
    before = ("unshare", *(() if os.geteuid() == 0 else ("-r",)), "-m", "sh", "-c", small, "sh")

    told = run("agent", "once", "--store", f"sqlite://{disk}/x.db", before=before)
    problem = run("agent", "once", "--json", "--store", f"sqlite://{disk}/x.db", before=before)

    refused(told, 4, f"The disk of {disk}/x.db is full", "free some space and try again", "Nothing of this was written")
    assert (problem.status, problem.json["type"]) == (4, "urn:surveymark:problem:store")
    with closing(SqliteStore.open(kept / "x.db")) as store, store.view() as view:
        assert view.head().number == 0
        assert view.counts()["links"] == 0
        assert not list(view.scan())
        assert not list(verify_chain(view))
        assert not list(store.check())


def test_a_state_folder_on_a_full_disk_is_said(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    small = f'mount -t tmpfs -o size=4k,nr_inodes=2 disk "{tmp_path}/disk" && touch "{tmp_path}/disk/x" && exec "$@"'
    before = ("unshare", *(() if os.geteuid() == 0 else ("-r",)), "-m", "sh", "-c", small, "sh")

    done = run("agent", "once", "--print", before=before, SURVEYMARK_STATE=f"{tmp_path}/disk/state")

    refused(done, 4, "No space left on device", "name another folder with SURVEYMARK_STATE")


# -- batches ---------------------------------------------------------------------------------------------------------------


def batch(site: Site, *sections: Section, id_: str = "bad") -> bytes:
    marks = {"agent_key": "key-bad", "machine_id": "0123456789abcdef0123456789abcdef"}
    return b"".join(encode(Header(id_, "agent:bad", "agent", 1, site.time, "Host", marks), sections))


def item(**parts: object) -> dict[str, object]:
    return {"class": "SoftwarePackage", "key": "dpkg/x/amd64", "attributes": {}, **parts}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"items": {}, "relations": []}, "items"),
        ({"items": [item(attributes={"colour": "red"})], "relations": []}, "items/0/attributes/colour"),
        ({"items": [item(attributes={"name": 1})], "relations": []}, "items/0/attributes/name"),
        ({"items": [item(attributes={"name": None})], "relations": []}, "items/0/attributes/name"),
        ({"items": [item(attributes={"name": "n" * 5000})], "relations": []}, "items/0/attributes/name"),
        ({"items": [item(**{"class": "Unicorn"})], "relations": []}, "items/0"),
        ({"items": [item(**{"class": "LocalAccount"})], "relations": []}, "items/0"),
        ({"items": [], "relations": [{"type": "TALKS_TO", "subject": ".", "object": "."}]}, "relations/0"),
        (b'{"items":[{no json', ""),
        (b'{"items":"\xff\xfe"}', ""),
        (b'{"items":' + b"[" * 100_000, ""),
    ],
)
def test_a_section_that_is_not_valid_is_refused_with_its_path_and_the_others_land(
    body: object, path: str, api: Api, site: Site
) -> None:
    bad = raw("packages", body, ["SoftwarePackage"])
    answer = api("POST", "/batches", data=batch(site, system("bad"), bad, accounts("ann")), headers=NDJSON)

    assert answer.status_code == 200, answer.json
    by_name = {section["section"]: section for section in answer.json["sections"]}
    assert {name: section["outcome"] for name, section in by_name.items()} == {
        "accounts": "collected",
        "packages": "refused",
        "system": "collected",
    }
    problem = by_name["packages"]["problem"]
    assert problem["title"]
    assert problem["path"].startswith(f"/sections/packages/0/{path}".rstrip("/"))
    host = api("GET", "/cis?q=class:Host+name:bad").json["items"][0]
    parts = api("GET", f"/cis?q=in:{host['id']}").json["items"]
    assert sorted(ci["name"] for ci in parts) == ["ann", "bad"]


def test_what_was_refused_lands_once_it_is_mended(api: Api, site: Site) -> None:
    bad = raw("packages", {"items": [item(attributes={"colour": "red"})], "relations": []}, ["SoftwarePackage"])
    api("POST", "/batches", data=batch(site, system("bad"), bad), headers=NDJSON)
    mended = batch(site, system("bad"), packages("x=1"), id_="mended").replace(b'"sequence":1', b'"sequence":2', 1)
    receipt = api("POST", "/batches", data=mended, headers=NDJSON).json

    assert {section["section"]: section["outcome"] for section in receipt["sections"]}["packages"] == "collected"
    assert site.id("x", "SoftwarePackage")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b'"batch":1', b'"batch":2', 1),
        lambda data: data.replace(b'"sequence":1', b'"sequence":"1"', 1),
        lambda data: data.replace(b'"sequence":1', b'"sequence":' + b"9" * 5000, 1),
        lambda data: data.replace(b'"Host"', b'"Unicorn"', 1),
        lambda data: data.replace(b"key-bad", b"key\\u0000bad\\ud800", 1).replace(b'"id":"bad"', b'"id":""', 1),
        lambda data: data + data,
        lambda data: data.replace(b"\n", b"\r", 1),
        lambda data: data.replace(b'{"items":', b"items: ", 1),
        lambda data: b"{" * 50_000 + b"\n" + data,
        lambda data: b'{"a":' * 50_000 + b"\n",
        lambda data: bytes(range(256)) * 100,
        lambda data: b"\n" * 1000,
        lambda data: b"null\n" + data,
        lambda data: b"NaN\n",
    ],
)
def test_garbage_is_a_problem_with_its_place_and_changes_nothing(
    spoil: Callable[[bytes], bytes], api: Api, site: Site
) -> None:
    head = site.head()
    answer = api("POST", "/batches", data=spoil(batch(site, system("bad"), packages("x=1"))), headers=NDJSON)

    assert (answer.status_code, answer.content_type) == (422, "application/problem+json"), answer.data
    assert answer.json["type"] == "urn:surveymark:problem:invalid"
    assert "path" in answer.json
    assert site.head() == head
    assert api("POST", "/batches", data=batch(site, system("good"), software(443)), headers=NDJSON).json["revision"]
