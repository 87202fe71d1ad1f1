"""No secret of a credential stands anywhere but where its user put it: not in output, logs, traces, files, processes."""

from __future__ import annotations

import re
import secrets as random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector import private_file
from collector.secret import Secret
from collector.vault import Vault, VaultKey
from tests.collector.secret_search import Watch, forms, found_in, found_in_files
from tests.lab.hosts import REPOSITORY, Host, Lab
from tests.lab.ssh_keys import key_pair

FILE = """
[credential.key]
user = "ops"
ranges = ["{address}/32"]
key = "{folder}/id"
key_passphrase = "vault:key"
sudo = "with_password"
sudo_password = "file:{folder}/sudo"

[credential.password]
user = "ops"
ranges = ["{address}/32"]
password = "env:SURVEY_PASSWORD"

[credential.asked]
user = "ops"
ranges = ["{address}/32"]
keyboard_interactive = "vault:asked"

[credential.wrong]
user = "other"
ranges = ["{address}/32"]
password = "systemd:wrong"
keyboard_interactive = "systemd:wrong"
sudo = "with_password"
sudo_password = "systemd:wrong"

[credential.badkey]
user = "ops"
ranges = ["{address}/32"]
key = "{folder}/id2"
key_passphrase = "systemd:wrong"

[credential.missing]
user = "ops"
ranges = ["{address}/32"]
password = "vault:missing"
"""


@dataclass(frozen=True)
class Site:
    """Two hosts, the secrets by name, and the folder of the one that signs in; `by_right` are the files with secrets."""

    near: Host
    far: Host
    folder: Path
    secrets: dict[str, str]
    by_right: tuple[Path, ...]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("secrets")
    folder.chmod(0o700)
    made = {name: f"{name}-{random.token_hex(12)}" for name in ("password", "passphrase", "wrong", "vaultphrase")}
    key = key_pair(folder, "id", passphrase=made["passphrase"])
    key_pair(folder, "id2", passphrase=made["passphrase"])
    with Lab(share=[folder]) as lab:
        near, far = lab.host("near"), lab.host("far")
        far.account("ops", password=made["password"], authorized_keys=[key.public], groups=("sudo",))
        far.write("/etc/sudoers", "ops ALL=(root) /usr/bin/id\n", 0o440)
        far.sshd(22, options={"UsePAM": "yes", "KbdInteractiveAuthentication": "yes", "LogLevel": "DEBUG3"})
        vault_key = VaultKey(Secret(made["vaultphrase"]), passphrase=True)
        (folder / "config").mkdir(mode=0o700)
        Vault.create(folder / "config" / "vault.json", vault_key)
        with Vault.changing(folder / "config" / "vault.json", vault_key) as vault:
            vault.set("key", Secret(made["passphrase"]))
            vault.set("asked", Secret(made["password"]))
        text = FILE.format(address=far.address, folder=folder)
        private_file.replace(folder / "config" / "credentials.toml", text.encode())
        files = {"sudo": "password", "given/wrong": "wrong", "vaultphrase": "vaultphrase"}
        for file, name in files.items():
            private_file.replace(folder / file, made[name].encode() + b"\n")
        yield Site(near, far, folder, made, tuple(folder / file for file in files))


@pytest.mark.timeout(240)
def test_signing_in_well_and_badly_shows_no_secret_anywhere(site: Site) -> None:
    environment = {
        "SURVEYMARK_CONFIG": f"{site.folder}/config",
        "SURVEYMARK_STATE": f"{site.folder}/state",
        "SURVEYMARK_VAULT_PASSPHRASE_FILE": f"{site.folder}/vaultphrase",
        "CREDENTIALS_DIRECTORY": f"{site.folder}/given",
        "SURVEY_PASSWORD": site.secrets["password"],
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONFAULTHANDLER": "1",
    }
    program = f"cd {site.folder} && exec {REPOSITORY}/.venv/bin/python -X dev -W ignore -m tests.collector.signing_in"
    with Watch(site.secrets, lambda command: b"signing_in" in command) as watch:
        done = site.near.run("sh", "-c", f"{program} {site.far.address} 22", env=environment)

    # It did what it was to do: each way in, each failure, traces with variables.
    assert re.search(r"^key in ops$", done.stdout, re.MULTILINE), done.stdout + done.stderr[-4000:]
    assert re.search(r"^key sudo 0 root$", done.stdout, re.MULTILINE)
    assert re.search(r"^password in ops$", done.stdout, re.MULTILINE)
    assert re.search(r"^asked in ops$", done.stdout, re.MULTILINE)
    assert re.search(r"^badkey authentication_failed ", done.stdout, re.MULTILINE)
    assert re.search(r"^wrong authentication_failed ", done.stdout, re.MULTILINE)
    assert re.search(r"^wrong attempts_spent ", done.stdout, re.MULTILINE)
    assert re.search(r"^missing no_credential .*vault:missing", done.stdout, re.MULTILINE)
    for place in ("_say", "run", "_send_message", "send_message", "send", "_open", "FileSigner"):
        assert f"ZeroDivisionError: a mistake of ours in {place}\n" in done.stderr
    assert "Secret(…)" in done.stderr  # variables were printed, and this is how a secret looks among them
    log = (site.folder / "debug.log").read_text()
    assert "paramiko" in log
    assert "a sweep ended badly" in log
    assert watch.seen > 10
    assert any(b"sshd" in command for command in watch.watched)
    # And nothing of it shows a secret.
    assert found_in(done.stdout.encode(), site.secrets) == []
    shown = [line[:300] for line in done.stderr.splitlines() if found_in(line.encode(), site.secrets)]
    assert shown == []
    assert found_in_files(site.folder, site.secrets, but=site.by_right) == []
    assert watch.found == set()
    assert found_in_files(site.far.path("/run"), site.secrets) == []
    assert found_in_files(site.far.path("/var/log"), site.secrets) == []


def test_the_search_finds_a_secret_in_every_form(tmp_path: Path) -> None:
    secret = {"a": "hunter2-hunter2"}
    for number, form in enumerate(forms(secret["a"])):
        (tmp_path / str(number)).write_bytes(b"x" + form + b"y")
    assert len(found_in_files(tmp_path, secret)) == len(forms(secret["a"])) >= 8
    assert found_in_files(tmp_path, {"b": "something else"}) == []
    with Watch(secret, lambda command: False) as watch:
        import subprocess

        subprocess.run(["sleep", "0.5"], env={"A": secret["a"]}, check=True)
        subprocess.run(["sh", "-c", "sleep 0.5; :", secret["a"]], check=True)
    assert {entry.split(": ")[-2] for entry in watch.found} == {"environment", "command line"}
