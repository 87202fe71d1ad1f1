"""Sweeps by SNMP from the command line to the store, of a real snmpd: by both engines, let in and not, gone on with."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collector.snmp import engines
from tests.api.conftest import Done
from tests.collector.secret_search import found_in, found_in_files
from tests.collector.snmp.agents import snmpd

Run = Callable[..., Done]

SECRETS = {
    "COMMUNITY": "public",
    "WRONG": "wrong-secret-7c1f",
    "AUTH": "strong-auth-password",
    "PRIVACY": "strong-privacy-password",
}
V2C = '[credential.{name}]\nkind = "snmp"\nversion = "2c"\ncommunity = "env:{secret}"\nranges = ["{scope}"]\n'
V3 = (
    '[credential.{name}]\nkind = "snmp"\nversion = "3"\nuser = "strong"\nauth = "sha256"\nauth_password = "env:{secret}"\n'
    'privacy = "aes128"\nprivacy_password = "env:PRIVACY"\nranges = ["{scope}"]\n'
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with snmpd(tmp_path_factory.mktemp("snmpd")) as found:
        yield found


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)


@pytest.fixture
def credentials(tmp_path: Path) -> Callable[..., None]:
    def write(*entries: str) -> None:
        file = tmp_path / "config" / "credentials.toml"
        file.write_text("".join(entries))
        file.chmod(0o600)

    return write


def v2c(name: str = "community", secret: str = "COMMUNITY", scope: str = "127.0.0.0/8") -> str:
    return V2C.format(name=name, secret=secret, scope=scope)


def v3(name: str = "user", secret: str = "AUTH", scope: str = "127.0.0.0/8") -> str:
    return V3.format(name=name, secret=secret, scope=scope)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("engine", "entry"), [("auto", v2c()), ("gufo", v3()), ("pysnmp", v3())], ids=["auto v2c", "gufo v3", "pysnmp v3"]
)
def test_an_agent_is_swept_into_the_store_and_is_the_same_item_the_next_time(
    surveymark: Run, credentials: Callable[..., None], port: int, engine: str, entry: str
) -> None:
    credentials(entry)
    words = ("sweep", f"127.0.0.1:{port}", "--protocol", "snmp", "--snmp-engine", engine, "--json")
    (first,) = surveymark(*words).json["targets"]
    shown = surveymark("ci", "show", first["ci"], "--json").json
    (second,) = surveymark(*words).json["targets"]

    assert (first["outcome"], first["protocol"], first["port"]) == ("done", "snmp", port), first
    assert first["items"] > 0
    assert shown["name"] == "recorder"
    assert (second["outcome"], second["ci"]) == ("done", first["ci"])


def test_without_gufo_a_sweep_goes_by_the_other_engine(
    surveymark: Run, credentials: Callable[..., None], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = engines._engine
    monkeypatch.setattr(engines, "_engine", lambda module: None if module == "gufo_engine" else known(module))
    credentials(v2c())

    done = surveymark("sweep", f"127.0.0.1:{port}", "--protocol", "snmp", "--json")
    refused = surveymark("sweep", f"127.0.0.1:{port}", "--protocol", "snmp", "--snmp-engine", "gufo")

    assert done.json["counts"] == {"done": 1}
    assert (refused.status, "gufo-snmp is not installed" in refused.err) == (2, True)


def test_every_way_not_to_be_let_in_has_its_own_end(
    surveymark: Run, credentials: Callable[..., None], port: int
) -> None:
    credentials(
        v2c("wrong-community", "WRONG", "127.0.0.1/32"),
        v3("wrong-key", "WRONG", "127.0.0.2/32"),
        v2c("elsewhere", "COMMUNITY", "10.0.0.0/8"),
        v2c("absent", "ABSENT", "127.0.0.5/32"),
        v2c("closed", "COMMUNITY", "127.0.0.6/32"),
    )
    # snmpd listens at 127.0.0.1 alone: a relay shows it at another address of this machine.
    with relay("127.0.0.2", port):
        done = surveymark("sweep", *(f"127.0.0.{n}:{port}" for n in (1, 2, 4, 5, 6)), "--protocol", "snmp", "--json")
    ends = {end["target"]: end for end in done.json["targets"]}
    shown = surveymark("sweep", "show", done.json["sweep"]).out

    assert done.status == 3
    assert {name: (end["outcome"], end["phase"]) for name, end in ends.items()} == {
        "127.0.0.1": ("timed_out", "connect"),
        "127.0.0.2": ("authentication_failed", "authentication"),
        "127.0.0.4": ("no_credential", "authentication"),
        "127.0.0.5": ("no_credential", "authentication"),
        "127.0.0.6": ("refused", "connect"),
    }
    assert all(end["reason"] and end["remedy"] for end in ends.values())
    assert "wrong-key (snmp v3 authPriv sha256 aes128)" in shown
    assert "127.0.0.1 by SNMP" in shown


def test_a_dry_run_says_by_which_protocol_and_credential_and_sends_nothing(
    surveymark: Run, credentials: Callable[..., None]
) -> None:
    credentials(v2c(), '[credential.fleet]\nuser = "x"\nagent = true\nranges = ["127.0.0.0/8"]\n')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        both = surveymark("sweep", "--dry-run", f"127.0.0.1:{port}", "--json").json
        one = surveymark("sweep", "--dry-run", f"127.0.0.1:{port}", "--protocol", "snmp", "--json").json
        text = surveymark("sweep", "--dry-run", f"127.0.0.1:{port}").out
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.recv(1)

    assert [(t["protocol"], t["port"], t["credentials"]) for t in both["targets"]] == [
        ("ssh", port, ["fleet"]), ("snmp", 161, ["community"]),
    ]  # fmt: skip
    assert [(t["protocol"], t["port"]) for t in one["targets"]] == [("snmp", port)]
    assert "snmp" in text


def test_a_sweep_by_snmp_that_was_ended_is_gone_on_with(
    surveymark: Run, credentials: Callable[..., None], port: int, store_path: Path, root: Path
) -> None:
    credentials(v2c())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.9", port))
        targets = [f"127.0.0.{n}:{port}" for n in (6, 1, 9)]
        # At the first nothing listens, which is told at once; the last is asked in vain, which takes seconds.
        command = [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())"]
        command += ["sweep", *targets, "--protocol", "snmp", "--json", "--store", f"sqlite://{store_path}"]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            while "refused" not in (line := process.stderr.readline()):
                assert line, "it ended"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    found = json.loads(out)
    resumed = surveymark("sweep", "--resume", found["sweep"], "--json").json
    ends = {end["target"]: (end["protocol"], end["port"], end["outcome"]) for end in resumed["targets"]}

    assert (found["state"], found["counts"]["refused"]) == ("interrupted", 1)
    assert (resumed["state"], resumed["waiting"]) == ("done", 0)
    assert ends["127.0.0.1"] == ("snmp", port, "done")
    assert ends["127.0.0.9"][:2] == ("snmp", port)
    assert ends["127.0.0.6"] == ("snmp", port, "refused")


def test_what_is_weak_is_counted_below_the_sweep(surveymark: Run, credentials: Callable[..., None], port: int) -> None:
    credentials(v2c())
    done = surveymark("sweep", f"127.0.0.1:{port}", "--protocol", "snmp")

    assert "Weak algorithms in use, by targets: 1 snmp v2c." in done.out


@pytest.mark.timeout(280)
def test_no_secret_stands_in_what_a_sweep_says_logs_and_stores(
    credentials: Callable[..., None], port: int, store_path: Path, root: Path, tmp_path: Path
) -> None:
    secrets = {name: value for name, value in SECRETS.items() if name != "COMMUNITY"}
    secrets["community"] = "c0mmunity-secret-55"
    credentials(v2c("bad", "OTHER"), v3("worse", "WRONG"), v3("good"))
    said = b""
    for engine in ("auto", "pysnmp"):
        command = [
            sys.executable,
            "-X",
            "dev",
            "-W",
            "ignore",
            "-c",
            "import sys; from api.cli import main; sys.exit(main())",
        ]
        command += ["sweep", f"127.0.0.1:{port}", "--protocol", "snmp", "--snmp-engine", engine]
        command += ["--json", "--store", f"sqlite://{store_path}"]
        environment = {**os.environ, "OTHER": secrets["community"], "SURVEYMARK_DEBUG": "1"}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
        assert json.loads(done.stdout)["counts"] == {"done": 1}, done.stderr[-3000:]
        said += done.stdout + done.stderr

    assert found_in(said, secrets) == []
    assert found_in_files(tmp_path, secrets) == []
    assert [name for content in compressed(store_path) for name in found_in(content, secrets)] == []


def compressed(path: Path) -> Iterator[bytes]:
    """Values of a store that are compressed, as bodies of batches are."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            try:
                found = store.execute(f'SELECT * FROM "{table}"').fetchall()
            except sqlite3.Error:
                continue  # Of a virtual table, whose content is in other tables.
            for value in (value for row in found for value in row):
                if isinstance(value, bytes) and value[:1] == b"\x78":
                    try:
                        yield zlib.decompress(value)
                    except zlib.error:
                        continue


class relay:  # noqa: N801 - reads as a verb
    """Shows a UDP port of 127.0.0.1 at another address of loopback."""

    def __init__(self, address: str, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self._place, self._to = (address, port), ("127.0.0.1", port)

    def __enter__(self) -> None:
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"end", self._place)
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(65535)
            if data == b"end":
                return
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.settimeout(2)
                one.sendto(data, self._to)
                try:
                    self._socket.sendto(one.recv(65535), sender)
                except OSError:
                    continue
