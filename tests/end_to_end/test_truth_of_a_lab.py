"""A sweep of a whole lab finds what was measured there from outside of its hosts: all of it, and nothing else.

The lab stands beside the recordings (../shared/lab): sshd, nginx, PostgreSQL, Redis on hosts that are namespaces, and hosts that
give trouble: passwords, other accounts, slow shells, BusyBox alone, a clone, another host key.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cmdb.stores.sqlite_store import SqliteStore
from tests.conftest import lab_command
from tests.end_to_end.lab_truth import compare, stored, visible
from tests.lab.hosts import REPOSITORY

pytestmark = [pytest.mark.shared("lab"), pytest.mark.timeout(900), pytest.mark.xdist_group("lab")]
SURVEYMARK = REPOSITORY / ".venv/bin/surveymark"
IMAGES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "surveymark" / "lab"
OUTCOMES = {
    "ok": {"done", "partly"},
    "timeout": {"timed_out"},
    "host-key-mismatch": {"host_key_changed"},
    "auth-failed": {"authentication_failed"},
    "refused": {"refused"},
}
"""What `lab truth` calls it, and what a sweep does."""


@dataclass(frozen=True)
class Laboratory:
    """A lab that runs; its own inventory is {name: {"address", "ssh": {"user", "key" or "password"}}}."""

    command: Path
    environment: Mapping[str, str]

    @property
    def run_folder(self) -> Path:
        return Path(self.environment["LAB_STATE"]) / "run"

    @property
    def inventory(self) -> dict[str, Any]:
        found = json.loads((self.run_folder / "inventory.json").read_text())
        return {name: row for name, row in found.items() if "ssh" in row}

    def __call__(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            [self.command, *words], env=dict(self.environment), capture_output=True, text=True, timeout=800, check=False
        )
        assert not check or done.returncode in (0, 3), f"lab {words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    command = lab_command()
    if command is None:
        pytest.skip("no lab beside the recordings (SURVEYMARK_RECORDINGS, else ../shared/data)")
    IMAGES.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "LAB_STATE": str(IMAGES), "LAB_PREFIX": f"smt{os.getpid() % 10000}-"}
    found = Laboratory(command, environment)
    found("down", check=False)  # What another run left behind when it was killed.
    found("up", "full.json")
    try:
        _settled(found)
        yield found
    finally:
        found("down")


def _settled(lab: Laboratory) -> None:
    """Wait until its hosts have run for a minute: what listens nowhere counts as software from then on, and its services have
    connected to each other."""
    until = time.monotonic() + 120
    while int(lab("exec", "client1", "--", "ps", "-o", "etimes=", "-p", "1")) < 63:
        assert time.monotonic() < until, "the hosts of the lab do not get older"
        time.sleep(1)


class Sweeps:
    """A collector's own files, and sweeps from there."""

    def __init__(self, lab: Laboratory, place: Path) -> None:
        self.lab, self.place = lab, place
        self.store = place / "store.db"
        lines, entries = ["[all]"], []
        for name, row in lab.inventory.items():
            access = row["ssh"]
            line = f"{name} ansible_host={row['address']} ansible_user={access['user']}"
            if "key" in access:
                line += f" ansible_ssh_private_key_file={access['key']}"
            else:
                secret = place / f"{name}.secret"
                secret.write_text(access["password"])
                secret.chmod(0o600)
                entries.append(
                    f'[credential.{name}]\nuser = "{access["user"]}"\nranges = ["{row["address"]}"]\npassword = "file:{secret}"\n'
                )
            lines.append(line)
        (place / "hosts.ini").write_text("\n".join([*lines, ""]))
        (place / "ssh_config").write_text(f"Host *\n  UserKnownHostsFile {lab.run_folder / 'known_hosts'}\n")
        credentials = place / "credentials.toml"
        credentials.write_text("\n".join(entries))
        credentials.chmod(0o600)

    def __call__(self) -> tuple[int, dict[str, Any]]:
        """Status and document of a sweep of all hosts."""
        words = [
            "--inventory", str(self.place / "hosts.ini"), "--credentials", str(self.place / "credentials.toml"),
            "--ssh-config", str(self.place / "ssh_config"), "--store", f"sqlite://{self.store}", "--json",
        ]  # fmt: skip
        done = subprocess.run(
            [self.lab.command, "exec", "collector", "--", SURVEYMARK, "sweep", *words],
            env={**self.lab.environment, "SURVEYMARK_STATE": str(self.place / "state")},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.stdout.startswith("{"), f"{done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        return done.returncode, json.loads(done.stdout)


def test_a_sweep_finds_all_that_is_there_and_nothing_else(
    lab: Laboratory, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    sweep = Sweeps(lab, tmp_path)
    truth = json.loads(lab("truth"))

    status, first = sweep()

    assert status == 3, "some of the targets could not be looked at"
    outcomes = {row["target"]: row["outcome"] for row in first["targets"]}
    expected = {name: truth["nodes"][name]["expect_ssh"] for name in lab.inventory}
    assert {n: o for n, o in outcomes.items() if o not in OUTCOMES[expected[n]]} == {}
    assert all(row["remedy"] for row in first["targets"] if row["outcome"] not in ("done", "partly"))
    users = {n: row["ssh"]["user"] for n, row in lab.inventory.items() if expected[n] == "ok"}
    with closing(SqliteStore.open(sweep.store)) as store, store.view() as view:
        head = view.head()
        scores = compare(visible(truth, users), stored(view, truth))
        open_conflicts = [e.value for e in view.entries("conflict") if e.value["state"] == "open"]
    tell("precision and recall: " + "; ".join(map(str, scores)))
    for score in scores:
        assert (score.precision, score.recall) == (1.0, 1.0), (score.kind, sorted(score.missing), sorted(score.extra))

    clones = {n for n, node in truth["nodes"].items() if node.get("clone_of")}
    assert len(open_conflicts) == len(clones) == 1, "the clone is a conflict, and no host was merged into another"

    _, second = sweep()

    assert {row["target"]: row["outcome"] for row in second["targets"]} == outcomes
    with closing(SqliteStore.open(sweep.store)) as store, store.view() as view:
        assert view.head() == head, "a second sweep makes no revision"
