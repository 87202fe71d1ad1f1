"""`surveymark sweep` of real hosts with real SSH servers, from a host beside them: looked at, dead, refusing, not letting in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.hosts import REPOSITORY, Host, Lab
from tests.lab.ssh_keys import KeyPair, key_pair

DEAD = "10.88.0.250"


class Desk:
    """Where the sweep runs: a host of the lab with a store and credentials of its own."""

    def __init__(self, host: Host, folder: Path, key: KeyPair) -> None:
        self.host, self.folder = host, folder
        self.environment = {
            "SURVEYMARK_STATE": str(folder / "state"),
            "SURVEYMARK_CONFIG": str(folder / "config"),
            "SURVEYMARK_STORE": f"sqlite://{folder}/estate.db",
            "PYTHONPATH": str(REPOSITORY),
        }
        for name in ("state", "config"):
            (folder / name).mkdir(mode=0o700)
        credentials = folder / "config" / "credentials.toml"
        credentials.write_text(
            f'[credential.root]\nuser = "root"\nkey = "{key.private}"\nranges = ["10.88.0.0/24", "fd88::/64"]\n'
        )
        credentials.chmod(0o600)

    def __call__(self, *arguments: str, status: int = 0) -> Any:
        done = self.host.surveymark(*arguments, "--json", check=False, env=self.environment)
        assert done.returncode == status, (
            f"{arguments}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
        return json.loads(done.stdout)

    def text(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.host.surveymark(*arguments, check=False, env=self.environment)

    def revision(self) -> int:
        return int(self("ci", "find", "")["revision"])


class Site:
    """Four hosts with their addresses, and the desk."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.key, other = key_pair(folder, "id"), key_pair(folder, "other")
        desk, self.web, self.db, self.quiet, self.locked = (
            lab.host(name) for name in ("desk", "web", "db", "quiet", "locked")
        )
        self.folder = folder
        for host, allowed in ((self.web, self.key), (self.db, self.key), (self.locked, other)):
            host.account("root", authorized_keys=[allowed.public])
            host.sshd()
        self.web.write("/srv/page", "hello\n")
        self.web.spawn("python3", "-m", "http.server", "80", "--directory", "/srv")
        self.desk = Desk(desk, folder, self.key)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert os.geteuid() == 0, "hosts are namespaces: run this test as root"
    folder = tmp_path_factory.mktemp("sweep")
    with Lab([folder]) as lab:
        yield Site(lab, folder)


def by_target(found: Any) -> dict[str, Any]:
    return {one["target"]: one for one in found["targets"]}


def test_every_target_ends_with_what_is_so_and_who_is_looked_at_is_in_the_graph(site: Site) -> None:
    targets = [host.address for host in (site.web, site.db, site.quiet, site.locked)]
    found = site.desk("sweep", *targets, DEAD, status=3)
    ends = by_target(found)

    assert {name: one["outcome"] for name, one in ends.items()} == {
        site.web.address: "done",
        site.db.address: "done",
        site.quiet.address: "refused",
        site.locked.address: "authentication_failed",
        DEAD: "unreachable",
    } | ({DEAD: "timed_out"} if ends[DEAD]["outcome"] == "timed_out" else {})
    assert found["counts"]["done"] == 2
    assert all(
        ends[name]["reason"] and ends[name]["remedy"] for name in (site.quiet.address, site.locked.address, DEAD)
    )
    assert ends[site.locked.address]["host_key"].startswith("ssh-ed25519 SHA256:")
    web = site.desk("ci", "show", ends[site.web.address]["ci"])
    assert (web["class"], web["name"]) == ("Host", "web")
    assert site.desk("ci", "find", "class:Endpoint port:80")["total"] >= 1


def test_a_second_sweep_makes_no_revision(site: Site) -> None:
    site.desk("sweep", site.web.address, site.db.address)
    before = site.desk.revision()
    found = site.desk("sweep", site.web.address, site.db.address)

    assert found["counts"] == {"done": 2}
    assert site.desk.revision() == before


def test_a_sweep_after_the_agents_report_makes_no_revision(site: Site) -> None:
    reported = site.web.surveymark("agent", "once", "--json", env=site.desk.environment)
    before = json.loads(reported.stdout)["revision"] or site.desk.revision()
    found = site.desk("sweep", site.web.address)

    assert found["counts"] == {"done": 1}
    assert site.desk.revision() == before


def test_one_host_at_two_addresses_is_looked_at_once(site: Site) -> None:
    found = site.desk("sweep", site.web.address, site.web.address6)

    assert found["counts"] == {"done": 1, "same_host": 1}


def test_a_changed_host_key_stops_that_target_and_is_an_event(site: Site) -> None:
    server = site.db.sshd(2222)
    site.desk("sweep", f"{site.db.address}:2222")
    server.stop()
    site.db.run("rm", "-r", "/etc/ssh/server-2222")
    site.db.sshd(2222)
    found = site.desk("sweep", f"{site.db.address}:2222", status=3)

    assert found["counts"] == {"host_key_changed": 1}
    assert [event["kind"] for event in found["events"]] == ["host_key_changed"]
    assert "Host key changed" in site.desk.text("sweep", "show", found["sweep"]).stdout


def test_what_was_ended_is_recorded_as_such_and_gone_on_with(site: Site) -> None:
    # An address is asked at one port after the other; the dead one keeps its many targets waiting for longer than the other
    # one takes on a busy machine.
    targets = [site.web.address, *(f"{DEAD}:{port}" for port in range(1, 200))]
    command = [str(REPOSITORY / ".venv/bin/surveymark"), "sweep", *targets, "--json"]
    with subprocess.Popen(
        site.desk.host._command(command, None),
        env=site.desk.host._environment(site.desk.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        while "done" not in process.stderr.readline():
            assert process.poll() is None
        # nsenter(1) waits for what it has started.
        os.kill(int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]), signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    found = json.loads(out)
    resumed = site.desk("sweep", "--resume", found["sweep"], status=3)

    assert (found["state"], found["counts"]["done"]) == ("interrupted", 1)
    assert found["waiting"] > 0
    assert (resumed["sweep"], resumed["state"], resumed["waiting"]) == (found["sweep"], "done", 0)
    assert resumed["counts"]["done"] == 1
    assert sum(resumed["counts"].values()) == len(targets)


def test_rounds_keep_the_connection_open(site: Site) -> None:
    log = site.web.path("/run/sshd-22.log")
    before = log.read_text().count("Accepted publickey")
    found = site.desk("sweep", site.web.address, "--rounds", "3")

    assert found["counts"] == {"done": 1}
    assert log.read_text().count("Accepted publickey") == before + 1


def test_a_dry_run_connects_to_nothing_and_names_credentials(site: Site) -> None:
    log = site.web.path("/run/sshd-22.log").read_text()
    found = site.desk("sweep", "--dry-run", site.web.address)

    assert [(t["address"], t["credentials"]) for t in found["targets"]] == [(site.web.address, ["root"])]
    assert site.web.path("/run/sshd-22.log").read_text() == log
