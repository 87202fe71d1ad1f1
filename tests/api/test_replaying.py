"""Recordings in place of hosts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.replaying import replayed
from cmdb.model.batch import decode
from cmdb.model.errors import UsageError
from collector.ssh.hosts import Reporting
from collector.work import Guard, Job
from tests.agent.supplied import RECORDINGS

FILE = str(RECORDINGS / "debian12-lab.json")


def test_a_recording_is_looked_at_as_the_host_would_be() -> None:
    plan, looking = replayed([FILE, FILE])
    with looking as begin:
        reach, look = begin("a" * 16, Reporting(lambda target: "ssh:1", lambda: 1))
    ((target, connection),) = reach(plan.targets)
    found = look(Job(1, target), None, Guard())

    assert target.name == "debian12-lab"
    assert not isinstance(connection, Exception)
    assert (decode(found.batch).header.route, found.outcome.outcome) == ("ssh", "partly")


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"supplied": [{}]}), '{"supplied": 1}', "[" * 100_000])
def test_what_is_no_recording_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)

    with pytest.raises(UsageError, match=r"x\.json"):
        replayed([str(file)])
    with pytest.raises(UsageError, match="can not be read"):
        replayed([str(tmp_path / "absent")])
