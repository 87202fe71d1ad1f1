"""A sweep from the command line, on this machine's own loopback: planned, run, recorded, ended by Ctrl-C, gone on with."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.service import address, server, serving
from api.settings import Settings
from tests.agent.supplied import RECORDINGS
from tests.api.conftest import Done, token
from tests.api.test_hostile import harmless
from tests.baselines.site import Site

Run = Callable[..., Done]
NASTY = b"220 \x1b[2J\xe2\x80\xae<script>\r\n" * 3


@pytest.fixture(autouse=True)
def settings_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials, and no OpenSSH configuration, of this machine's own."""
    (tmp_path / "config").mkdir(mode=0o700)
    monkeypatch.setenv("SURVEYMARK_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))


@contextmanager
def listening(said: bytes = b"", hold: bool = False, address: str = "127.0.0.1") -> Iterator[int]:
    """A port of loopback where something answers that speaks no SSH; with `hold` it says nothing at all."""
    with socket.create_server((address, 0)) as listener:
        held = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                if hold:
                    held.append(connection)
                else:
                    with connection:
                        connection.sendall(said)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        for connection in held:
            connection.close()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
    return found


def test_each_target_ends_with_its_reason_and_the_status_says_that_some_were_not_looked_at(
    surveymark: Run, closed_port: int
) -> None:
    with listening(NASTY) as port:
        done = surveymark("sweep", f"127.0.0.1:{port}", f"127.0.0.1:{closed_port}", "8.8.8.8")

    assert done.status == 3
    assert "no ssh" in done.out
    assert "nothing listens at the port" in done.out
    assert "outside of the permitted ranges" in done.out
    assert "3 targets" in done.out
    harmless(done.out)
    harmless(done.err)


def test_the_answer_is_one_document_and_the_record_tells_the_same(surveymark: Run, closed_port: int) -> None:
    done = surveymark("sweep", f"127.0.0.1:{closed_port}", "--json")
    found = done.json
    shown = surveymark("sweep", "show", found["sweep"], "--json").json

    assert {"target", "outcome", "phase", "reason", "remedy", "ci", "seconds"} <= found["targets"][0].keys()
    assert (found["counts"], found["state"]) == ({"refused": 1}, "done")
    assert shown == found
    assert surveymark("sweep", "list", "--json").json["items"][0]["sweep"] == found["sweep"]
    assert found["sweep"] in surveymark("--json", "sweep", "list").out
    assert "refused" in surveymark("sweep", "show", found["sweep"]).out
    assert surveymark("sweep", "show", found["sweep"], "--outcome", "done", "--json").json["targets"] == []


def test_permitted_ranges_of_the_settings_stand_in_the_place_of_the_private_ones(
    surveymark: Run, tmp_path: Path
) -> None:
    (tmp_path / "config" / "sweep.toml").write_text('permitted_ranges = ["192.0.2.0/24"]\n')

    found = surveymark(
        "sweep", "--dry-run", "192.0.2.1", "10.0.0.1", "127.0.0.1", "--permit", "127.0.0.1", "--json"
    ).json

    assert [t["address"] for t in found["targets"]] == ["192.0.2.1", "127.0.0.1"]
    assert [(t["address"], t["outcome"]) for t in found["refused"]] == [("10.0.0.1", "not_permitted")]
    assert "--permit 10.0.0.1" in found["refused"][0]["remedy"]

    done = surveymark("sweep", "10.0.0.1", "--json")
    assert (done.status, done.json["counts"]) == (3, {"not_permitted": 1})

    (tmp_path / "config" / "sweep.toml").write_text("permitted_ranges = 7\n")
    wrong = surveymark("sweep", "10.0.0.1")
    assert (wrong.status, "permitted_ranges is a list of texts" in wrong.err) == (2, True)


def test_the_way_of_a_credential_is_held_to_the_permitted_ranges_too(surveymark: Run, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials.toml"
    credentials.write_text(
        '[credential.far]\nuser = "ops"\nranges = ["10.0.0.0/8"]\nagent = true\n'
        'jumps = [{ address = "8.8.8.8", credential = "jump" }]\n'
        '[credential.jump]\nuser = "ops"\nranges = ["8.8.8.8/32"]\nagent = true\n'
    )
    credentials.chmod(0o600)
    words = ("10.0.0.1", "--credentials", str(credentials), "--json")

    refused = surveymark("sweep", "--dry-run", *words)
    permitted = surveymark("sweep", "--dry-run", "--permit", "8.8.8.8", *words)
    swept = surveymark("sweep", *words)

    assert refused.json["targets"] == []
    assert "8.8.8.8 is outside of the permitted ranges" in refused.json["refused"][0]["reason"]
    assert [t["credentials"] for t in permitted.json["targets"]] == [["far"]]
    assert (swept.status, swept.json["counts"]) == (3, {"not_permitted": 1})


def test_a_dry_run_says_where_it_would_go_and_goes_nowhere(surveymark: Run, tmp_path: Path) -> None:
    (tmp_path / "config/credentials.toml").write_text(
        '[credential.fleet]\nuser = "x"\nagent = true\nranges = ["127.0.0.0/8"]\n'
    )
    (tmp_path / "config/credentials.toml").chmod(0o600)
    with listening(b"", hold=True) as port:
        done = surveymark("sweep", "--dry-run", f"127.0.0.1:{port}", "--json")
        shown = surveymark("sweep", "--dry-run", f"127.0.0.1:{port}", "--exclude", "127.0.0.9", "8.8.8.8")

    assert [(t["port"], t["credentials"]) for t in done.json["targets"]] == [(port, ["fleet"])]
    assert done.status == 0
    assert shown.status == 3
    assert "fleet" in shown.out
    assert "Nothing was connected to." in shown.out
    assert surveymark("sweep", "list", "--json").json["items"] == []


def test_recordings_are_swept_like_hosts_and_the_second_time_makes_no_revision(surveymark: Run) -> None:
    file = str(RECORDINGS / "debian12-lab.json")
    first = surveymark("sweep", "--replay", file, "--json")
    before = surveymark("ci", "find", "", "--json").json["revision"]
    second = surveymark("sweep", "--replay", file, "--json")

    assert first.json["targets"][0]["outcome"] in ("partly", "quarantined")
    assert second.json["targets"][0]["outcome"] == first.json["targets"][0]["outcome"]
    assert surveymark("ci", "find", "", "--json").json["revision"] == before


def test_each_round_is_a_sweep_of_its_own_and_the_last_one_is_the_answer(surveymark: Run) -> None:
    file = str(RECORDINGS / "debian12-lab.json")
    done = surveymark("sweep", "--replay", file, "--rounds", "3", "--json")
    kept = surveymark("sweep", "list", "--json").json["items"]

    assert [one["state"] for one in kept] == ["done"] * 3
    assert done.json["sweep"] == kept[0]["sweep"]
    assert surveymark("sweep", "--resume", kept[0]["sweep"], "--rounds", "2").status == 2


def test_over_a_server_a_collector_s_token_is_enough(
    site: Site, app: object, surveymark: Run, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(port=0)
    made = server(app, settings)
    with serving(made):
        monkeypatch.setenv("SURVEYMARK_TOKEN", token(site, "collector", "ssh:elsewhere"))
        done = surveymark("sweep", f"127.0.0.1:{closed_port}", "--server", address(made, settings), "--json", store="")
    shown = surveymark("sweep", "show", done.json["sweep"], "--json").json

    assert done.status == 3
    assert (shown["counts"], shown["source"]) == ({"refused": 1}, "ssh:elsewhere")


def test_waiting_for_the_next_round_ends_at_ctrl_c(surveymark: Run, store_path: Path, root: Path) -> None:
    file = str(RECORDINGS / "debian12-lab.json")
    command = [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())"]
    command += ["sweep", "--replay", file, "--rounds", "9", "--every", "3600", "--store", f"sqlite://{store_path}"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "1 targets" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 3, err
    assert surveymark("sweep", "list", "--json").json["total"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to sweep"),
        (("--resume", "a" * 16, "127.0.0.1"), "beside --resume"),
        (("--resume", "f" * 16), "no sweep"),
        (("127.0.0.1", "--workers", "0"), "from 1 to 512"),
        (("not a target",), "not a target"),
        (("--credentials", "/nonexistent/file", "127.0.0.1"), "/nonexistent/file"),
    ],
)
def test_what_can_not_be_done_is_said_before_anything_is(
    surveymark: Run, arguments: tuple[str, ...], said: str
) -> None:
    done = surveymark("sweep", *arguments)

    assert done.status == 2, done
    assert said in done.err
    assert surveymark("sweep", "list", "--json").json["items"] == []


def test_ctrl_c_keeps_what_is_done_and_the_sweep_is_gone_on_with(
    surveymark: Run, store_path: Path, root: Path, closed_port: int
) -> None:
    with listening(hold=True, address="127.0.0.2") as port:
        # One address is asked at one port after the other, and the first of these says nothing.
        targets = [f"127.0.0.1:{closed_port}", f"127.0.0.2:{port}", *(f"127.0.0.2:{n}" for n in range(1, 40))]
        command = [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())"]
        command += ["sweep", *targets, "--json", "--store", f"sqlite://{store_path}"]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            first = process.stderr.readline()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)
    assert "refused" in first
    assert process.returncode == 3, err
    found = json.loads(out)
    resumed = surveymark("sweep", "--resume", found["sweep"], "--json").json

    assert found["state"] == "interrupted"
    assert found["counts"]["refused"] >= 1
    assert found["waiting"] > 0
    assert (resumed["sweep"], resumed["state"], resumed["waiting"]) == (found["sweep"], "done", 0)
    assert sum(resumed["counts"].values()) == len(targets)
