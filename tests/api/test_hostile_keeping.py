"""Garbage for what erases, copies and vouches: redact, identify replay, backup, restore, copy, anchor.

Each answers with one sentence that acts on no terminal, status 2 or 4 (1 where something was found), and has changed nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cmdb import backup, portable
from tests.api.conftest import Api, Done
from tests.api.test_hostile import BIDI, ESCAPES, FORMULA, SCRIPT, harmless
from tests.baselines.site import Site

Run = Callable[..., Done]

NASTY = ESCAPES.replace("\0", "") + BIDI + SCRIPT
WORDS = ("", " ", "\t", NASTY, FORMULA, "-x", "../../etc/passwd", "%00", "A" * 100_000, "\ud800", "' OR 1=1 --")


def refused(done: Done, *statuses: int) -> None:
    assert done.status in (statuses or (2, 4)), (done.status, done.err)
    harmless(done.out)
    harmless(done.err)
    assert "Surveymark's own" not in done.err, done.err
    assert len(done.err) < 5000


# -- redact ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", WORDS)
def test_redact_refuses_what_names_no_ci_and_no_attribute(surveymark: Run, site: Site, word: str) -> None:
    head, id_ = site.head(), site.id("web")
    for ci, attribute, reason in ((word, "os", "r"), (id_, word, "r")):
        for flags in ((), ("--lift",), ("--json",)):
            refused(surveymark("redact", "--reason", reason, *flags, "--", ci, attribute))
    assert site.head() == head


@pytest.mark.parametrize("reason", ["", " \t", "A" * 1_000_000])
def test_redact_wants_a_reason_of_bounded_length(surveymark: Run, site: Site, reason: str) -> None:
    head = site.head()
    refused(surveymark("redact", site.id("web"), "memory_bytes", f"--reason={reason}"), 2)
    assert site.head() == head


def test_a_hostile_reason_acts_nowhere(surveymark: Run, api: Api, site: Site) -> None:
    id_ = site.id("web")
    assert surveymark("redact", id_, "memory_bytes", "--reason", NASTY).status == 0
    for command in (("ci", "show", id_), ("ci", "history", id_), ("doctor", "--chain")):
        for flags in ((), ("--json",)):
            done = surveymark(*command, *flags)
            harmless(done.out)
            harmless(done.err)
    assert api("GET", f"/cis/{id_}").json["redacted"]["memory_bytes"]["reason"]


@pytest.mark.parametrize(
    "body",
    [
        None, [], "text", 7, {}, {"ci": 1, "attribute": "os", "reason": "r"}, {"ci": ["x"], "attribute": "os", "reason": "r"},
        {"ci": "x", "attribute": {"a": 1}, "reason": "r"}, {"ci": "x", "attribute": "os", "reason": None},
        {"ci": "x", "attribute": "os", "reason": "r" * 1001}, {"ci": "x" * 101, "attribute": "os", "reason": "r"},
        {"ci": "x", "attribute": "os", "reason": "r", "lifted": True},
        {"ci": "x", "attribute": NASTY[:99], "reason": NASTY[:900]},
        {"ci": "\ud800", "attribute": "os", "reason": "r"},
    ],
)  # fmt: skip
def test_redact_over_http_refuses_what_is_no_wish(api: Api, site: Site, body: Any) -> None:
    head = site.head()
    for path in ("/redactions", "/redactions/lift"):
        answer = api("POST", path, json=body)
        assert 400 <= answer.status_code < 500, answer.data
        assert answer.content_type == "application/problem+json"
    assert site.head() == head


# -- identify replay -------------------------------------------------------------------------------------------------------

RULES = {
    "empty.toml": b"", "bytes.toml": bytes(range(256)), "bytes.json": b"\xff\xfe\x00", "list.json": b"[]", "null.json": b"null",
    "deep.json": b"[" * 100_000, "deep.toml": b"a = " + b"[" * 10_000, "huge.toml": b"#" * 2_000_000,
    "types.json": json.dumps({"Host": 7, "weak": {"Host": [1, None]}, NASTY: NASTY}).encode(),
    "words.toml": b"\"\\u001b]0;owned\\u0007\" = 1\n", "number.json": b"1" * 5000, "nan.json": b'{"a": NaN}',
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(RULES) - {"empty.toml"}))
def test_replay_refuses_rules_that_are_none(surveymark: Run, site: Site, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(RULES[name])
    for flags in ((), ("--json",)):
        refused(surveymark("identify", "replay", "--rules", str(file), *flags))


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "absent", "nasty"])
def test_replay_reads_regular_files_only(surveymark: Run, site: Site, tmp_path: Path, kind: str) -> None:
    refused(surveymark("identify", "replay", "--rules", str(odd(tmp_path, kind))))


# -- backup, restore, copy -------------------------------------------------------------------------------------------------


def odd(folder: Path, kind: str) -> Path:
    """Something that is no regular file."""
    path = folder / ("x" + ESCAPES[:5] + BIDI if kind == "nasty" else kind)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    return path


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "dangling", "below a file", "no folder"])
def test_backup_writes_over_nothing_and_leaves_nothing_half(surveymark: Run, tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_text("mine")
    if kind == "dangling":
        (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")
    paths = {"below a file": tmp_path / "file" / "x", "no folder": tmp_path / "no" / "x", "dangling": tmp_path / kind}
    path = paths.get(kind) or odd(tmp_path, kind)
    before = sorted(tmp_path.rglob("*"))
    for flags in ((), ("--json",)):
        refused(surveymark("backup", str(path), *flags))
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "absent", "nasty"])
def test_restore_reads_regular_files_only(surveymark: Run, tmp_path: Path, kind: str) -> None:
    path = odd(tmp_path, kind)
    refused(surveymark("restore", str(path), store=f"sqlite://{tmp_path / 'new.db'}"))


def made(head: Any, *lines: Any) -> bytes:
    """A backup of these lines whose closing digest fits: who can write a file can do that."""
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in (head, *lines)]
    end = {"records": len(lines), "sha256": hashlib.sha256(b"".join(raw)).hexdigest()}
    return gzip.compress(b"".join(raw) + json.dumps(end).encode() + b"\n")


HEAD: dict[str, Any] = {
    "surveymark_backup": 1, "made_at": 0, "genesis": "0" * 64, "digest_key": "0" * 64, "born_at": 0,
    "head": {"number": 0, "committed_at": 0, "digest": ""}, "fields": portable.fields(),
}  # fmt: skip
ENTRY = ["entry", "k", "k", {}, 1, "", "", None, False]
BACKUPS = {
    "nothing": b"", "text": b"minutes of the meeting\n", "gzip of text": gzip.compress(b"hello\n"), "cut": made(HEAD)[:40],
    "no genesis": made({n: v for n, v in HEAD.items() if n != "genesis"}), "genesis 7": made({**HEAD, "genesis": 7}),
    "genesis text": made({**HEAD, "genesis": NASTY}), "key no hex": made({**HEAD, "digest_key": "xyz"}),
    "key short": made({**HEAD, "digest_key": "00"}), "born text": made({**HEAD, "born_at": "then"}),
    "made huge": made({**HEAD, "made_at": 10**30}),
    "head list": made({**HEAD, "head": []}), "head more": made({**HEAD, "head": {"number": 1, "evil": 1}}),
    "head text": made({**HEAD, "head": {"number": "1", "committed_at": None, "digest": 3}}),
    "fields list": made({**HEAD, "fields": []}), "fields 7": made({**HEAD, "fields": {"ci": 7}}),
    "fields none": made({**HEAD, "fields": {}}, ENTRY), "fields nasty": made({**HEAD, "fields": {NASTY: []}}),
    "form text": made({**HEAD, "surveymark_backup": NASTY}), "list head": made([1]),
    "unknown kind": made(HEAD, ["evil", 1]), "no kind": made(HEAD, []), "number": made(HEAD, 7), "null": made(HEAD, None),
    "few values": made(HEAD, ["entry", "k"]), "no base64": made(HEAD, ["document", "x", "%%%"]), "not json": made(HEAD, b"[[[\n"),
    "deep": made(HEAD, b"[" * 100_000 + b"\n"), "bad target": made(HEAD, ["claim", 1, [1], {}, []]),
    "types": made(HEAD, ["entry", {}, [], 7, "since", "", "", "until", NASTY]),
    "surrogate": made(HEAD, b'["note", "\\ud800", "k", {}]\n'),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BACKUPS))
def test_restore_refuses_a_file_that_is_no_backup_and_leaves_the_store_empty(
    surveymark: Run, tmp_path: Path, name: str
) -> None:
    file, target = tmp_path / "evil", tmp_path / "new.db"
    file.write_bytes(BACKUPS[name])
    for flags in ((), ("--json",)):
        refused(surveymark("restore", str(file), *flags, store=f"sqlite://{target}"))
    found = surveymark("ci", "find", "--json", store=f"sqlite://{target}")
    assert found.status in (0, 2, 4)
    assert found.status or found.json["items"] == []


def test_restore_reads_no_line_without_end(surveymark: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "MOST_BYTES", 10_000)
    file = tmp_path / "bomb"
    file.write_bytes(gzip.compress(json.dumps(HEAD).encode() + b"\n" + b"\0" * 20_000))
    done = surveymark("restore", str(file), store=f"sqlite://{tmp_path / 'new.db'}")
    refused(done, 4)
    assert "line" in done.err


@pytest.mark.parametrize(
    "word",
    [
        *WORDS,
        "sqlite:///",
        "sqlite:///%00",
        "sqlite:////dev/null",
        "sqlite:///tmp",
        "sqlite:///nowhere?mode=memory",
        "sqlite:///nowhere#x",
        "http://x",
        "bolt://u:p@h",
    ],
)
def test_copy_refuses_what_is_no_store(
    surveymark: Run, site: Site, store_path: Path, tmp_path: Path, word: str
) -> None:
    here, there = f"sqlite://{store_path}", f"sqlite://{tmp_path / 'new.db'}"
    for one, other in ((word, there), (here, word)):
        refused(surveymark("copy", f"--from={one}", f"--to={other}", store=""))
    assert not (tmp_path / "new.db").exists()


def test_copy_does_not_copy_a_store_into_itself_by_another_name(
    surveymark: Run, site: Site, store_path: Path, tmp_path: Path
) -> None:
    head = site.head()
    (tmp_path / "other.db").symlink_to(store_path)
    for other in (
        tmp_path / "other.db",
        store_path.parent / "." / store_path.name,
        f"{store_path.parent}/../{store_path.parent.name}/{store_path.name}",
    ):
        refused(surveymark("copy", "--from", f"sqlite://{store_path}", "--to", f"sqlite://{other}", store=""))
    assert site.head() == head


# -- anchor ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "no folder"])
def test_anchor_is_added_to_regular_files_only(surveymark: Run, site: Site, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "no" / "x" if kind == "no folder" else odd(tmp_path, kind)
    refused(surveymark("anchor", "--to", str(path)))


@pytest.mark.parametrize(
    "targets",
    [
        NASTY, "file:relative", "file:", "syslog:x:0", "syslog:x:99999", "http://plain.example/", "https://", "https://u:secret@h/",
        "https://h:99999/", "https://[::1", "https://h/\x1b[2J", "A" * 100_000, "file:/dev/zero", "file:/", "gopher://h/", ",,,",
    ],
)  # fmt: skip
def test_anchor_is_sent_to_no_target_that_is_none(
    surveymark: Run, site: Site, monkeypatch: pytest.MonkeyPatch, targets: str
) -> None:
    monkeypatch.setenv("SURVEYMARK_ANCHOR_TO", targets)
    for flags in ((), ("--json",)):
        done = surveymark("anchor", "--send", *flags)
        refused(done, 1, 2, 4)
        assert "secret" not in done.err
