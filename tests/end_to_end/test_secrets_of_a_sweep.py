"""A sweep with every kind of secret, well and badly, leaves none in output, logs, traces, process lists, records or the store."""

from __future__ import annotations

import json
import secrets as random
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector import private_file
from collector.secret import Secret
from collector.vault import Vault, VaultKey
from tests.collector.secret_search import Watch, found_in, found_in_files
from tests.lab.hosts import REPOSITORY, Host, Lab
from tests.lab.ssh_keys import key_pair

CREDENTIALS = """
[credential.by-key]
user = "ops"
ranges = ["{web}/32"]
key = "{folder}/id"
key_passphrase = "vault:key"
sudo = "with_password"
sudo_password = "env:SURVEY_SUDO"

[credential.by-password]
user = "ops"
ranges = ["{db}/32"]
password = "file:{folder}/password"
sudo = "with_password"
sudo_password = "systemd:wrong"

[credential.wrong]
user = "ops"
ranges = ["{locked}/32"]
password = "systemd:wrong"
keyboard_interactive = "vault:missing"
"""
# Every process of ours logs all that it can, and tells errors with the values of all variables.
TALKATIVE = """
import faulthandler, logging, os, sys, traceback
log = open(os.path.join({folder!r}, f"talk-{{os.getpid()}}.log"), "w")
faulthandler.enable(log)
logging.basicConfig(level=logging.DEBUG, stream=log)
def told(kind, error, trace):
    lines = traceback.TracebackException(kind, error, trace, capture_locals=True).format()
    print("".join(lines), file=log, flush=True)
sys.excepthook = told
import threading
threading.excepthook = lambda a: told(a.exc_type, a.exc_value, a.exc_traceback)
"""


@dataclass(frozen=True)
class Site:
    """Three hosts and the one that sweeps, in whose folder everything lies; `by_right` are the files with secrets."""

    desk: Host
    web: Host
    db: Host
    locked: Host
    folder: Path
    secrets: dict[str, str]
    by_right: tuple[Path, ...]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SURVEYMARK_CONFIG": f"{self.folder}/config",
            "SURVEYMARK_STATE": f"{self.folder}/state",
            "SURVEYMARK_STORE": f"sqlite://{self.folder}/estate.db",
            "SURVEYMARK_DEBUG": "1",
            "SURVEYMARK_VAULT_PASSPHRASE_FILE": f"{self.folder}/vaultphrase",
            "CREDENTIALS_DIRECTORY": f"{self.folder}/given",
            "SURVEY_SUDO": self.secrets["password"],
            "PYTHONPATH": f"{self.folder}/talk:{REPOSITORY}",
        }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("secrets")
    folder.chmod(0o700)
    made = {name: f"{name}-{random.token_hex(12)}" for name in ("password", "passphrase", "wrong", "vaultphrase")}
    key = key_pair(folder, "id", passphrase=made["passphrase"])
    with Lab(share=[folder]) as lab:
        desk, web, db, locked = (lab.host(name) for name in ("desk", "web", "db", "locked"))
        for host in (web, db, locked):
            host.account("ops", password=made["password"], authorized_keys=[key.public])
            host.write("/etc/sudoers", "ops ALL=(root) ALL\n", 0o440)
            host.sshd(options={"UsePAM": "yes", "KbdInteractiveAuthentication": "yes", "LogLevel": "DEBUG3"})
        text = CREDENTIALS.format(web=web.address, db=db.address, locked=locked.address, folder=folder)
        private_file.replace(folder / "config" / "credentials.toml", text.encode())
        vault_key = VaultKey(Secret(made["vaultphrase"]), passphrase=True)
        Vault.create(folder / "config" / "vault.json", vault_key)
        with Vault.changing(folder / "config" / "vault.json", vault_key) as vault:
            vault.set("key", Secret(made["passphrase"]))
        files = {"password": "password", "given/wrong": "wrong", "vaultphrase": "vaultphrase"}
        for file, name in files.items():
            private_file.replace(folder / file, made[name].encode() + b"\n")
        private_file.replace(folder / "talk" / "sitecustomize.py", TALKATIVE.format(folder=str(folder)).encode())
        yield Site(desk, web, db, locked, folder, made, tuple(folder / file for file in files))


@pytest.mark.timeout(280)
def test_no_secret_of_a_sweep_stands_anywhere_but_where_its_user_put_it(site: Site) -> None:
    targets = [site.web.address, site.db.address, site.locked.address, "10.88.0.250"]
    shown: dict[str, str] = {}

    def run(*arguments: str) -> str:
        done = site.desk.surveymark(*arguments, check=False, env=site.environment)
        shown[f"{arguments}: out"], shown[f"{arguments}: err"] = done.stdout, done.stderr
        return done.stdout + done.stderr

    with Watch(site.secrets, lambda command: b"surveymark" in command) as watch:
        run("sweep", *targets, "--json")
        swept = shown[f"{('sweep', *targets, '--json')}: out"]
        again = run("sweep", *targets)
        run("sweep", *targets, "--dry-run")
        run("sweep", "--print-script")
        run("sweep", "list")
        run("credential", "check")
        run("credential", "list", "--json")
        run("credential", "attempts")
        run("ci", "find", "class:Host", "--json")
        run("doctor")

    # Everything was gone through: in by key and by password, sudo with a right and a wrong one, refused, and dead.
    assert '"by-key"' in shown["('credential', 'list', '--json'): out"]
    ends = {end["target"]: end for end in json.loads(swept)["targets"]}
    assert ends[site.web.address]["outcome"] == "done", ends
    assert ends[site.db.address]["outcome"] in ("done", "partly"), ends
    assert ends[site.locked.address]["outcome"] == "authentication_failed", ends
    assert len(ends) == 4
    assert site.locked.address in again
    assert watch.seen > 20
    assert any(b"sudo" in command for command in watch.watched), "sudo was seen at work"
    assert list(site.folder.glob("talk-*.log")), "logs were written"
    # No trace of a secret.
    assert [name for name, text in shown.items() if found_in(text.encode(), site.secrets)] == []
    assert found_in_files(site.folder, site.secrets, but=site.by_right) == []
    assert in_compressed_values(site) == []
    assert watch.found == set()
    for host in (site.web, site.db, site.locked):
        assert found_in_files(host.path("/run"), site.secrets) == []
        assert found_in_files(host.path("/var/log"), site.secrets) == []


def in_compressed_values(site: Site) -> list[str]:
    """Secrets in values of the store that are compressed, as bodies of batches are."""
    found = []
    with sqlite3.connect(f"file:{site.folder}/estate.db?mode=ro", uri=True) as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        values = 0
        for table in tables:
            try:
                rows = store.execute(f'SELECT * FROM "{table}"').fetchall()
            except sqlite3.Error:
                continue  # Of a virtual table, whose content is in other tables.
            for row in rows:
                for value in row:
                    if isinstance(value, bytes) and value[:1] == b"\x78":
                        try:
                            content = zlib.decompress(value)
                        except zlib.error:
                            continue
                        values += 1
                        found += [f"{table}: {name}" for name in found_in(content, site.secrets)]
    assert values, "no compressed value was looked at"
    return found
