"""`surveymark credential`."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli import main
from collector import private_file
from collector.attempts import Attempts
from collector.target import Target
from tests.api.conftest import Done

Run = Callable[..., Done]

FILE = """
[credential.fleet]
user = "survey"
ranges = ["10.0.0.0/8"]
password = "vault:fleet"
sudo = "with_password"
sudo_password = "env:FLEET_SUDO"

[credential.keys]
user = "survey"
zones = ["branch"]
key = "KEY"
certificate = "/nonexistent/cert.pub"
agent = true
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line without a store, with `given` on standard input."""

    def command(*arguments: str, given: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        capsys.readouterr()
        status = main(["credential", *arguments])
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "credentials.toml"
    private_file.replace(path, FILE.replace("KEY", str(tmp_path / "id")).encode())
    return path


def test_a_secret_goes_from_standard_input_into_the_vault_and_is_never_shown(run: Run, tmp_path: Path) -> None:
    done = run("set", "fleet", given=b"hunter2\n")
    assert done.status == 0
    assert (
        f"Made the vault {tmp_path / 'config' / 'vault.json'}; it opens by the key in {tmp_path / 'state'}" in done.err
    )
    again = run("set", "fleet", "--json", given=b"hunter3\n")
    assert again.json["version"] == 2
    assert not again.json["vault_created"]
    listed = run("list", "--json")
    assert [k["name"] for k in listed.json["vault"]] == ["fleet"]
    shown = "".join(d.out + d.err for d in (done, again, listed, run("list"), run("check")))
    assert "hunter" not in shown
    assert not any(b"hunter" in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


def test_a_person_is_asked_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter(["hunter2", "hunter2", "one", "two"])
    monkeypatch.setattr("getpass.getpass", lambda question: next(said))
    terminal = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", terminal)
    assert main(["credential", "set", "a"]) == 0
    assert main(["credential", "set", "a"]) == 2


@pytest.mark.parametrize("given", [b"", b"\n", b"\xff", b"x" * 70000])
def test_what_is_no_secret_is_refused(run: Run, given: bytes, tmp_path: Path) -> None:
    done = run("set", "fleet", given=given)
    assert done.status == 2
    assert "xxx" not in done.err


def test_a_secret_as_an_argument_is_refused(run: Run, tmp_path: Path) -> None:
    assert run("set", "fleet", "hunter2").status == 2
    assert run("set", "fleet", "--secret=hunter2").status == 2
    assert run("set", "a/b", given=b"x").status == 2
    assert not (tmp_path / "config").exists()


def test_credentials_are_listed_with_methods_and_scopes(run: Run, file: Path) -> None:
    listed = run("list")
    assert "fleet" in listed.out
    assert "10.0.0.0/8" in listed.out
    assert "zone branch" in listed.out
    document = run("list", "--json").json
    assert document["file"] == str(file)
    assert document["total"] == 2
    assert document["items"][0] == {
        "name": "fleet", "kind": "ssh", "user": "survey", "methods": ["password"], "ranges": ["10.0.0.0/8"], "names": [],
        "zones": ["default"], "sudo": "with_password", "jumps": [], "order": 0, "failures_in_a_row": 5,
    }  # fmt: skip


def test_an_empty_installation_says_where_credentials_would_be(run: Run, tmp_path: Path) -> None:
    done = run("list")
    assert done.status == 0
    assert str(tmp_path / "config" / "credentials.toml") in done.err


def test_the_check_follows_every_reference_and_tells_what_to_do(
    run: Run, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("check", "--json")
    assert done.status == 1
    rows = {(r["credential"], r["key"]): r for r in done.json["items"]}
    assert set(rows) == {
        ("fleet", "password"), ("fleet", "sudo_password"), ("keys", "key"), ("keys", "certificate")
    }  # fmt: skip
    assert rows["fleet", "password"]["remedy"] == "surveymark credential set fleet"
    assert done.json["failed"] == 4
    run("set", "fleet", given=b"hunter2")
    monkeypatch.setenv("FLEET_SUDO", "hunter2")
    private_file.replace(tmp_path / "id", b"a key")
    done = run("check")
    assert done.status == 1
    assert "there is no such file; have the key signed" in done.out
    assert done.out.count(" ok") == 3
    assert "hunter2" not in done.out
    file.chmod(0o644)
    assert "chmod 600" in run("check").err
    assert run("check").status == 2


def test_another_file_can_be_named(run: Run, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    private_file.replace(other, b'[credential.x]\nuser = "u"\nagent = true\nzones = ["z"]\n')
    assert run("check", "--credentials", str(other)).status == 0
    assert [e["name"] for e in run("list", "--credentials", str(other), "--json").json["items"]] == ["x"]
    assert run("list", "--credentials", str(tmp_path / "none")).status == 2


def test_a_secret_is_removed(run: Run) -> None:
    run("set", "a", given=b"x")
    assert run("remove", "a", "--json").json["removed"]
    assert run("remove", "a").status == 2
    assert run("list", "--json").json["vault"] == []


def test_the_vault_is_sealed_anew_under_another_key(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("set", "a", given=b"hunter2")
    key = (tmp_path / "state" / "vault.key").read_bytes()
    assert run("rekey", "--json").json["secrets"] == 1
    assert (tmp_path / "state" / "vault.key").read_bytes() != key
    private_file.replace(tmp_path / "p", b"correct horse\n")
    monkeypatch.setenv("SURVEYMARK_VAULT_NEW_PASSPHRASE_FILE", str(tmp_path / "p"))
    assert run("rekey", "--by-passphrase").status == 0
    assert run("remove", "a").status == 2
    monkeypatch.setenv("SURVEYMARK_VAULT_PASSPHRASE_FILE", str(tmp_path / "p"))
    assert run("remove", "a").status == 0


def test_a_vault_under_a_passphrase_is_made_by_name(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private_file.replace(tmp_path / "p", b"correct horse\n")
    monkeypatch.setenv("SURVEYMARK_VAULT_PASSPHRASE_FILE", str(tmp_path / "p"))
    done = run("set", "a", "--by-passphrase", given=b"hunter2")
    assert "a passphrase, which nobody can recover" in done.err
    assert not (tmp_path / "state" / "vault.key").exists()
    assert run("set", "b", "--by-passphrase", given=b"hunter2").status == 2
    assert run("set", "b", given=b"hunter2").status == 0


def test_accounts_that_refused_are_shown_and_forgotten(run: Run, tmp_path: Path) -> None:
    memory = Attempts(tmp_path / "state")
    attempt = memory.take(Target("web", "10.0.0.1"), "root")
    assert attempt is not None
    memory.failed(attempt)
    assert "default 10.0.0.1:22" in run("attempts").out
    assert run("attempts", "--json").json["items"] == [
        {"endpoint": "default 10.0.0.1:22", "user": "root", "refused": 1, "limit": 3}
    ]
    assert run("attempts", "--forget", "10.9.9.9", "--json").json["forgotten"] == 0
    assert run("attempts", "--forget", "all", "--json").json == {"items": [], "total": 0, "next": None, "forgotten": 1}


def test_credentials_are_files_of_this_machine(run: Run) -> None:
    done = run("list", "--server", "http://127.0.0.1:1", "--json")
    assert done.status == 2
    assert "run this there, without --server" in json.loads(done.out)["detail"]


def test_without_a_secret_on_standard_input_nothing_is_set(process: Run, tmp_path: Path) -> None:
    done = process("credential", "set", "a", SURVEYMARK_CONFIG=os.environ["SURVEYMARK_CONFIG"])
    assert done.status == 2
    assert "empty" in done.err
    assert not (tmp_path / "config").exists()
