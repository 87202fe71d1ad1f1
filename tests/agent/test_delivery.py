"""Delivery over real TLS to a model of the server: every change is told once, whatever happens on the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import enrolment
from tests.agent.delivering import Host, hosted
from tests.agent.reports import failed, section
from tests.campaigns.small_disk import small_disk
from tests.servers import certificates
from tests.servers.certificates import Certificate
from tests.servers.https_server import content, fields


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificates.issue(tmp_path_factory.mktemp("certificate"), "own", "IP:127.0.0.1")


@pytest.fixture
def host(tmp_path: Path, certificate: Certificate) -> Iterator[Host]:
    with hosted(tmp_path / "state", certificate) as made:
        yield made


def test_what_was_seen_is_handed_in(host: Host) -> None:
    wait, wishes = host.tell(section("cpu", "A"), failed("disk"))

    assert host.model.texts == [("cpu", "A")]
    assert (wait, wishes, host.delivery.waiting, host.delivery.problem) == (300, frozenset(), 0, "")


def test_an_unchanged_host_sends_less_than_a_kilobyte(host: Host) -> None:
    names = [f"a_section_{number}" for number in range(40)]
    keys = [f"SHA256:{zlib.crc32(bytes([n])):08x}{'abcdefghij' * 3}{n:05d}" for n in range(4)]
    marks = {
        "agent_key": "3d1219c7c4c5404aaa1f6d2a48adfda4",
        "ssh_host_keys": keys,
        "macs": [f"02:fc:00:00:00:{n:02x}" for n in range(20)],
    }
    host.tell(*(section(name, "A") for name in names), marks=marks)
    few = [section(name, "A") for name in names[::5]]
    sizes = []
    for sections in ([section(name, "A") for name in names], few):
        host.pass_by(900)
        host.tell(*sections, marks=marks)
        sizes.append(len(host.at.requests[-1]))

    assert [len(b.sections) for b in host.model.batches] == [40, 40, 8]
    assert all(size < 800 for size in sizes), sizes
    assert ("content-encoding", "gzip") in fields(host.at.requests[-1])
    assert zlib.decompress(content(host.at.requests[-1]), 31).count(b"\n") == 1


def test_only_what_changed_is_sent(host: Host) -> None:
    host.tell(section("cpu", "A"), section("memory", "A"))
    host.tell(section("cpu", "B"), section("memory", "A"))
    host.tell(section("memory", "A"))

    assert host.model.texts == [("cpu", "A"), ("memory", "A"), ("cpu", "B")]
    assert b'"name":"A"' not in zlib.decompress(content(host.at.requests[-2]), 31)


@pytest.mark.parametrize(
    "fault", [500, 502, 503, 429, 408, 404, 405, "html", "lost", "half", "nothing", b"HTTP/1.1 200 OK\r\n\r\n[1]"]
)
def test_a_server_that_fails_is_asked_again_and_is_told_once(host: Host, fault: Any) -> None:
    host.model.faults = [fault, fault]
    host.put(section("cpu", "A"))
    first = host.delivery.flush()[0]
    soon = host.later(first - 1)[0]
    again = host.later(1)[0]
    host.later(again)

    assert host.model.texts == [("cpu", "A")]
    assert len({batch.header.id for batch in host.model.batches}) == 1
    assert soon == 1
    assert len(host.model.said) == 3
    assert (host.delivery.waiting, host.delivery.problem) == (0, "")
    assert 7 <= first <= 15
    assert again == (first if fault in (429, 503) else 30)


@pytest.mark.parametrize("status", [400, 404, 405, 409])
def test_a_server_that_refuses_to_say_what_it_wishes_ends_nothing(host: Host, status: int) -> None:
    host.tell(section("cpu", "A"))
    host.model.faults = [status]
    host.later(301)
    problem = host.delivery.problem
    host.later(900)

    assert str(status) in problem
    assert host.delivery.problem == ""


def test_a_server_that_is_away_costs_nothing_but_time(host: Host) -> None:
    host.model.faults = [500] * 20
    for text in "ABCABCABC":
        host.tell(section("cpu", text), section("memory", text))
        host.pass_by(100)
    assert host.delivery.waiting == 2  # the first may be with the server, the others are one by now

    host.model.faults = []
    host.later(900)

    assert host.model.texts == [("cpu", "A"), ("memory", "A"), ("cpu", "C"), ("memory", "C")]
    assert host.delivery.waiting == 0


def test_a_report_that_is_sent_again_gets_its_first_receipt(host: Host) -> None:
    host.model.faults = ["lost"]
    host.tell(section("cpu", "A"))
    host.put(section("cpu", "B"))
    host.later(20)

    assert [batch.header.sequence for batch in host.model.batches] == [1, 1, 2]
    assert host.model.texts == [("cpu", "A"), ("cpu", "B")]


def test_what_comes_back_to_what_the_server_holds_is_nothing_new(host: Host) -> None:
    host.tell(section("cpu", "A"))
    host.model.faults = ["lost"]
    host.tell(section("cpu", "B"))
    host.put(section("cpu", "A"))
    host.later(20)

    assert host.model.texts == [("cpu", "A"), ("cpu", "B"), ("cpu", "A")]


def test_after_a_restart_it_goes_on_where_it_was(host: Host) -> None:
    host.tell(section("cpu", "A"), section("memory", "A"))
    host.model.faults = ["lost"]
    host.tell(section("cpu", "B"), section("memory", "A"))
    host.restart()
    host.put(section("cpu", "C"), section("memory", "A"))
    host.delivery.flush()

    assert host.model.texts == [("cpu", "A"), ("memory", "A"), ("cpu", "B"), ("cpu", "C")]


def test_a_server_that_forgot_what_was_said_is_told_the_lines(host: Host) -> None:
    host.tell(section("cpu", "A"))
    host.model.memory = None
    host.tell(section("cpu", "A"))

    assert [line.split()[1] for line in host.model.said] == ["200", "409", "200"]
    assert host.model.texts == [("cpu", "A")]
    assert host.tell(section("cpu", "A"))[0] == 300
    assert len(host.model.said) == 4


def test_a_server_that_lost_what_it_held_is_told_again(host: Host) -> None:
    host.tell(section("cpu", "A"), section("memory", "A"))
    host.model.held.clear()
    wait, wishes = host.tell(section("cpu", "A"), section("memory", "B"))
    assert (wait, wishes) == (300, frozenset({"full_report"}))
    host.tell(section("cpu", "A"), section("memory", "B"))

    assert host.model.held == {"cpu": section("cpu", "A").digest, "memory": section("memory", "B").digest}


def test_a_body_that_waits_still_is_sent_at_once_where_the_server_lacks_it(host: Host) -> None:
    host.tell(section("cpu", "A"))
    host.model.faults = ["lost"]
    host.tell(section("cpu", "B"))
    host.put(section("cpu", "A"))  # kept whole, since the server may hold B
    host.model.held["cpu"] = "another"
    host.delivery._held.bodies["cpu"] = section("cpu", "A").digest
    wait, wishes = host.later(20)

    assert host.model.texts[-1] == ("cpu", "A")
    assert (wait, wishes) == (300, frozenset())


def test_what_the_server_refuses_is_not_sent_each_time(host: Host) -> None:
    host.model.refused = {"cpu"}
    sizes = []
    for text in "AAAB":
        host.tell(section("cpu", text * 2000), section("memory", "A"))
        sizes.append(b'"items"' in zlib.decompress(content(host.at.requests[-1]), 31))

    assert sizes == [True, False, False, True]


def test_a_report_that_is_too_large_is_divided(host: Host) -> None:
    host.model.most_bytes = 1500
    host.tell(*(section(name, name * 200) for name in "abcd"))

    assert sorted(name for name, _ in host.model.texts) == ["a", "b", "c", "d"]
    assert host.delivery.waiting == 0


def test_a_report_that_will_never_be_taken_is_left_out_and_said(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    host.model.faults = [422]
    _, wishes = host.tell(section("cpu", "A"))
    host.model.faults = [422]
    _, again = host.tell(section("cpu", "A"))
    host.tell(section("cpu", "A"))

    assert (wishes, again) == (frozenset({"full_report"}), frozenset())
    assert "left out" in caplog.text
    assert host.model.texts == [("cpu", "A")]


@pytest.mark.parametrize("fault", [401, 403, 409])
def test_what_people_have_to_settle_waits_for_them(host: Host, fault: int) -> None:
    host.model.faults = [fault] * 3
    host.put(section("cpu", "A"))
    for _ in range(3):
        assert host.later(1000)[0] > 10
        assert host.delivery.waiting == 1
    host.later(1000)

    assert host.model.texts == [("cpu", "A")]


@pytest.mark.parametrize("wrong", [-86_400 * 365, -3600, 3600, 86_400 * 365])
def test_a_clock_that_is_wrong_follows_the_server_and_says_so(
    host: Host, wrong: int, caplog: pytest.LogCaptureFixture
) -> None:
    host.tell(section("cpu", "A"))
    host.wall += wrong
    host.tell(section("cpu", "B"))
    host.tell(section("cpu", "C"))
    host.wall -= wrong
    host.tell(section("cpu", "D"))

    assert [line.split()[1] for line in host.model.said] == ["200", "401", "200", "200", "401", "200"]
    assert host.model.texts == [("cpu", text) for text in "ABCD"]
    assert f"{-wrong:+d} s" in caplog.text
    dates = [bool(date) for date in host.model.dates]
    assert dates == [False, False, True, True, True, False]


def test_a_clock_that_stands_still_or_goes_back_holds_nothing_up(host: Host) -> None:
    for text in "ABC":
        host.wall -= 100
        assert host.tell(section("cpu", text))[0] == 300

    assert host.model.texts == [("cpu", text) for text in "ABC"]


NO_ROOM = """
import os, sys
from pathlib import Path
from agent.delivery import Delivery
from agent.enrolment import load
from agent.state import State
from tests.agent.reports import report, section
folder = Path(sys.argv[1])
state = State(folder / "state")
delivery = Delivery(state, load(State(Path(sys.argv[2]))), None, {})
(folder / "filling").write_bytes(b"x" * (os.statvfs(folder).f_bavail * os.statvfs(folder).f_bsize))
for number, text in enumerate("AB", 1):
    delivery.put(report(number, section("cpu", text)))
    print(delivery.flush()[0], delivery.waiting, delivery.problem)
"""


def test_with_a_full_disk_it_goes_on_and_says_so(host: Host, root: Path, tmp_path: Path) -> None:
    enrolment.save(host.state, host.enrolled)
    host.model.clock = time.time
    with small_disk(tmp_path / "disk", "64k") as disk:
        done = subprocess.run(
            [*disk.inside, sys.executable, "-c", NO_ROOM, str(disk.folder), str(host.state.folder)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.stdout.splitlines() == ["300 0 ", "300 0 "], done.stderr
    assert host.model.texts == [("cpu", "A"), ("cpu", "B")]
    assert "is kept in memory" in done.stderr
    assert "can not be kept" in done.stderr


def test_a_report_that_the_disk_spoilt_is_said_and_all_is_looked_at_anew(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    host.model.faults = [500]
    host.tell(section("cpu", "A"))
    next((host.state.folder / "spool").iterdir()).write_bytes(b"spoilt")
    _, wishes = host.later(20)

    assert wishes == {"full_report"}
    assert "can not be read" in caplog.text
