"""Recordings in place of what was recorded."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from api.replaying import replayed
from cmdb.model.batch import decode
from cmdb.model.errors import UsageError
from collector.ssh.hosts import Reporting
from collector.work import Guard, Job
from tests.agent.supplied import RECORDINGS
from tests.api.conftest import Done

Run = Callable[..., Done]
FILE = str(RECORDINGS / "debian12-lab.json")
WALK = """\
1.3.6.1.2.1.1.1.0|4|Example OS, switch
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1208
1.3.6.1.2.1.1.3.0|67|1234
1.3.6.1.2.1.1.5.0|4|sw1
1.3.6.1.2.1.2.2.1.1.1|2|1
1.3.6.1.2.1.2.2.1.2.1|4|GigabitEthernet0/1
1.3.6.1.2.1.2.2.1.3.1|2|6
1.3.6.1.2.1.2.2.1.6.1|4x|001c73000001
1.3.6.1.2.1.17.1.1.0|4x|001c73000001
"""


def walk(folder: Path, name: str = "sw1", text: str = WALK) -> Path:
    file = folder / f"{name}.snmprec"
    file.write_text(text)
    return file


def test_a_recording_of_a_host_is_looked_at_as_the_host_would_be() -> None:
    plan, looking = replayed([FILE, FILE])
    with looking as begin:
        reach, look = begin("a" * 16, Reporting(lambda target: "ssh:1", lambda: 1))
    ((target, connection),) = reach(plan.targets)
    found = look(Job(1, target), None, Guard())

    assert target.name == "debian12-lab"
    assert not isinstance(connection, Exception)
    assert (decode(found.batch).header.route, found.outcome.outcome) == ("ssh", "partly")


def test_a_walk_goes_the_whole_way_into_the_store_and_the_second_time_makes_no_revision(
    surveymark: Run, tmp_path: Path
) -> None:
    file = str(walk(tmp_path))
    first = surveymark("sweep", "--replay", file, "--json")
    before = surveymark("ci", "find", "", "--json").json["revision"]
    second = surveymark("sweep", "--replay", file, "--json")
    (end,) = first.json["targets"]

    assert (first.status, end["target"], end["protocol"], end["outcome"]) == (0, "sw1", "snmp", "done"), end
    assert surveymark("ci", "show", end["ci"], "--json").json["class"] == "NetworkDevice"
    assert second.json["targets"][0]["ci"] == end["ci"]
    assert surveymark("ci", "find", "", "--json").json["revision"] == before
    assert "sw1" in surveymark("sweep", "show", first.json["sweep"], "--all").out


def test_a_folder_stands_for_its_recordings_and_the_bad_ones_do_not_stop_the_good(
    surveymark: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "walks"
    folder.mkdir()
    walk(folder)
    walk(folder, "empty", "")
    (folder / "noise.snmprec").write_bytes(random.Random(1).randbytes(5000))
    (folder / "noise.json").write_bytes(b'{"commands": ' + random.Random(2).randbytes(5000))
    (folder / "expected.json").write_text('{"interfaces": []}')
    (folder / "README.md").write_text("not a recording")
    done = surveymark("sweep", "--replay", str(folder), "--json")
    ends = {(end["target"], end["protocol"]): (end["outcome"], end["phase"]) for end in done.json["targets"]}

    assert done.status == 3
    assert ends == {
        ("sw1", "snmp"): ("done", ""),
        ("empty", "snmp"): ("failed", "parse"),
        ("noise", "snmp"): ("failed", "parse"),
        ("noise", "ssh"): ("failed", "parse"),
    }
    assert "passed over as no recordings: expected.json." in done.err
    assert all("no recording" in end["reason"] for end in done.json["targets"] if end["outcome"] == "failed")


def test_commands_of_a_device_go_the_whole_way_into_the_store(surveymark: Run, tmp_path: Path) -> None:
    file = tmp_path / "leaf.json"
    version = {
        "modelName": "vEOS",
        "version": "4.23.1F",
        "serialNumber": "SN-77A1",
        "systemMacAddress": "00:1c:73:00:00:77",
    }
    commands = [{"service": "device", "cmd": "show version | json", "status": 0, "output": json.dumps(version)}]
    file.write_text(json.dumps({"hostname": "leaf", "devtype": "eos", "address": "10.0.0.7", "commands": commands}))
    done = surveymark("sweep", "--replay", str(file), "--json")
    (end,) = done.json["targets"]

    assert end["outcome"] in ("done", "partly"), end
    assert surveymark("ci", "show", end["ci"], "--json").json["class"] == "NetworkDevice"


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", json.dumps({"supplied": [{}]}), '{"supplied": 1}', "[" * 100_000, '{"commands": 1}',
        '{"commands": [], "devtype": "toaster"}', '{"commands": [1], "devtype": "eos"}', '{"commands": [], "devtype": 5}',
    ],
)  # fmt: skip
def test_what_is_no_recording_is_a_target_that_failed_with_its_reason(
    surveymark: Run, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    done = surveymark("sweep", "--replay", str(file), "--json")
    (end,) = done.json["targets"]

    assert (done.status, end["outcome"], end["phase"]) == (3, "failed", "parse"), end
    assert "x.json" in end["reason"]
    assert end["remedy"]


@pytest.mark.parametrize(
    "line",
    [
        "1.3.6.1.2.1.1.1.0",
        "x|4|y",
        "1.3|99|y",
        "1.3.6|4x|zz",
        "1.3.6.1.2.1.1.2.0|64x|00",
        "1.3.6.1.2.1.1.3.0|2|x",
        "\0" * 50,
    ],
)
def test_a_walk_that_is_garbled_names_the_line(surveymark: Run, tmp_path: Path, line: str) -> None:
    done = surveymark("sweep", "--replay", str(walk(tmp_path, text=f"{WALK}{line}\n")), "--json")
    (end,) = done.json["targets"]

    assert (end["outcome"], end["phase"]) == ("failed", "parse")
    assert "line 10" in end["reason"]


def test_files_that_are_not_there_are_said_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can not be read"):
        replayed([str(tmp_path / "absent")])
    with pytest.raises(UsageError, match="has no recording"):
        replayed([str(tmp_path)])


@pytest.mark.shared
@pytest.mark.timeout(240)
def test_recorded_devices_are_swept_as_they_are(surveymark: Run, recordings: Path) -> None:
    files = sorted((recordings / "snmp").glob("*.snmprec"), key=lambda file: file.stat().st_size)[:6]
    words = [word for file in files for word in ("--replay", str(file))]
    done = surveymark("sweep", *words, "--json")

    assert {end["outcome"] for end in done.json["targets"]} <= {"done", "partly"}, done.json["targets"]
    assert all(end["ci"] for end in done.json["targets"])
