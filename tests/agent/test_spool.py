"""The spool: nothing that was seen last is lost, nothing is told twice, and it stays within its bounds."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.spool import Limits, Spool
from cmdb.model.batch import Section
from cmdb.model.errors import InvalidDocument, SurveymarkError
from tests.agent.reports import body, failed, header, section
from tests.campaigns.small_disk import small_disk


def put(spool: Spool, number: int, *sections: Section, held: Optional[dict] = None) -> None:
    spool.put(header(number), sections, held or {})


def texts(spool: Spool) -> list[dict[str, str]]:
    """What waits, report by report: what each section says."""
    found = []
    for one in list(spool._waiting):
        batch = spool.read(one)
        found.append({s.name: _text(s) for s in batch.sections})
    return found


def _text(one: Section) -> str:
    if one.outcome != "collected":
        return f"({one.outcome})"
    if one.bodies == [None]:
        return "(held)"
    return next(t for t in "ABCDEFGH" if one.bodies == [body(t)])


def test_reports_are_found_again_in_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, 10, section("cpu", "A"))
    put(spool, 9, section("memory", "B"))

    found = Spool(tmp_path)

    assert texts(found) == [{"memory": "B"}, {"cpu": "A"}]
    first = found.first()
    assert first is not None
    assert found.read(first).header == header(9)


def test_a_newer_state_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, 1, section("cpu", "A"), section("memory", "A"))
    put(spool, 2, section("cpu", "B"))
    put(spool, 3, section("cpu", "A"))

    assert texts(spool) == [{"memory": "A"}, {"cpu": "A"}]
    assert texts(Spool(tmp_path)) == [{"memory": "A"}, {"cpu": "A"}]
    assert len(list(tmp_path.iterdir())) == 2


def test_what_may_be_with_the_server_stays_as_it_is(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, 1, section("cpu", "A"))
    spool.sending()
    put(spool, 2, section("cpu", "B"))
    put(spool, 3, section("cpu", "C"))

    assert texts(spool) == [{"cpu": "A"}, {"cpu": "C"}]


def test_after_a_restart_the_first_one_may_be_with_the_server(tmp_path: Path) -> None:
    put(Spool(tmp_path), 1, section("cpu", "A"))
    spool = Spool(tmp_path)
    put(spool, 2, section("cpu", "B"))

    assert texts(spool) == [{"cpu": "A"}, {"cpu": "B"}]


def test_one_that_failed_takes_no_place_of_what_was_seen(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, 1, section("cpu", "A"), failed("memory"))
    put(spool, 2, failed("cpu"), failed("memory"))
    put(spool, 3, section("memory", "C"))

    assert texts(spool) == [{"cpu": "A"}, {"cpu": "(failed)"}, {"memory": "C"}]


def test_what_the_server_holds_is_not_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    held = {"cpu": section("cpu", "A").digest, "memory": section("memory", "A").digest}
    put(spool, 1, section("cpu", "A"), section("memory", "B"), held=held)

    assert texts(spool) == [{"cpu": "(held)", "memory": "B"}]
    first = spool.first()
    assert first is not None
    assert spool.read(first).sections[0].digest == held["cpu"]


def test_what_it_may_not_hold_any_longer_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, 1, section("cpu", "B"))
    spool.sending()
    put(spool, 2, section("cpu", "A"), held={"cpu": section("cpu", "A").digest})

    assert texts(spool) == [{"cpu": "B"}, {"cpu": "A"}]


def test_what_was_handed_in_is_gone(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, 1, section("cpu", "A"))
    put(spool, 2, section("memory", "A"))
    first = spool.first()
    assert first is not None
    spool.done(first)

    assert texts(spool) == texts(Spool(tmp_path)) == [{"memory": "A"}]


def test_one_that_is_too_large_is_divided(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, 1, section("cpu", "A"), section("memory", "B"), failed("disk"))
    first = spool.first()
    assert first is not None
    spool.divided(first, ("a" * 32, "b" * 32))

    assert texts(spool) == texts(Spool(tmp_path)) == [{"cpu": "A"}, {"memory": "B", "disk": "(failed)"}]
    assert [w.sequence for w in spool._waiting] == [1, 1]


def test_half_files_are_removed_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool(tmp_path)
    for number in (1, 2, 3):
        put(spool, number, section(f"s{number}", "A"))
    names = sorted(path.name for path in tmp_path.iterdir())
    whole = (tmp_path / names[1]).read_bytes()
    (tmp_path / names[1]).write_bytes(whole[: len(whole) // 2])
    (tmp_path / names[2]).write_bytes(b"")
    (tmp_path / f".{names[2]}.new").write_bytes(whole)

    found = Spool(tmp_path)

    assert texts(found) == [{"s1": "A"}]
    assert names[1] in caplog.text
    assert names[2] in caplog.text
    assert len(list(tmp_path.iterdir())) == 1


def test_what_can_not_be_read_just_now_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / f"{1:016d}-{'a' * 32}.batch").mkdir()
    put(Spool(tmp_path), 2, section("cpu", "A"))

    assert texts(Spool(tmp_path)) == [{"cpu": "A"}]
    assert len(list(tmp_path.iterdir())) == 2
    assert "left alone" in caplog.text


def test_every_half_of_a_file_shows(tmp_path: Path) -> None:
    put(Spool(tmp_path), 1, section("cpu", "A"))
    path = next(tmp_path.iterdir())
    whole = path.read_bytes()

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert len(Spool(tmp_path)) == 0


def test_what_the_disk_spoils_while_it_waits_shows(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, 1, section("cpu", "A"))
    next(tmp_path.iterdir()).write_bytes(b"spoilt")
    first = spool.first()
    assert first is not None

    with pytest.raises(InvalidDocument, match="can not be read"):
        spool.read(first)


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    put(Spool(tmp_path / "spool"), 1, section("cpu", "A"))

    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    assert stat.S_IMODE(next((tmp_path / "spool").iterdir()).stat().st_mode) == 0o600


@pytest.mark.parametrize("limits", [Limits(reports=3), Limits(bytes=1000)], ids=["reports", "bytes"])
def test_where_it_is_full_the_oldest_go_which_is_said(
    tmp_path: Path, limits: Limits, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(tmp_path, limits)
    for number in range(1, 9):
        put(spool, number, section(f"s{number}", "A"))

    waiting = texts(spool)
    assert 1 < len(waiting) < 8
    assert waiting[-1] == {"s8": "A"}
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= limits.bytes
    assert texts(Spool(tmp_path, limits)) == waiting
    assert "the spool is full" in caplog.text


def test_where_it_is_full_what_may_be_with_the_server_stays(tmp_path: Path) -> None:
    spool = Spool(tmp_path, Limits(reports=2))
    put(spool, 1, section("s1", "A"))
    spool.sending()
    for number in (2, 3):
        put(spool, number, section(f"s{number}", "A"))

    assert texts(spool) == [{"s1": "A"}, {"s3": "A"}]


def test_a_report_that_never_fits_is_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool(tmp_path, Limits(bytes=10))
    put(spool, 1, section("cpu", "A"))

    assert texts(spool) == []
    assert "left out" in caplog.text


def test_narrower_limits_do_not_remove_what_may_be_with_the_server(tmp_path: Path) -> None:
    put(Spool(tmp_path), 1, section("cpu", "A"))
    spool = Spool(tmp_path, Limits(reports=1))
    put(spool, 2, section("cpu", "B"))

    assert texts(spool) == [{"cpu": "A"}]


def test_a_folder_that_can_not_be_had_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SurveymarkError, match="can not be used"):
        Spool(tmp_path / "file" / "spool")


FULL_DISK = """
import resource, sys
from pathlib import Path
from agent.spool import Limits, Spool
from tests.agent.reports import header, section
spool = Spool(Path(sys.argv[1]), Limits(memory_bytes=1500))
spool.put(header(1), [section("cpu", "A"), section("memory", "A")], {})
resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))
spool.put(header(2), [section("cpu", "B")], {})
spool.put(header(3), [section("cpu", "C"), section("disk", "A")], {})
print([sorted(s.name for s in spool.read(w).sections) for w in spool._waiting], [w.data is not None for w in spool._waiting])
for number in range(4, 12):
    spool.put(header(number), [section(f"s{number}", "A")], {})
print(1 < len(spool) < 11, sum(w.size for w in spool._waiting if w.data is not None) <= 1500)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
spool.settle()
print(any(w.data is not None for w in spool._waiting), len(Spool(Path(sys.argv[1]))) == len(spool))
"""


def test_a_disk_that_takes_no_more_is_said_and_the_newest_stays_in_memory(root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "[['memory'], ['cpu', 'disk']] [False, True]",
        "True True",
        "False True",
    ]
    assert "kept in memory" in done.stderr
    assert "File too large" in done.stderr


NO_ROOM = """
import os, sys
from pathlib import Path
from agent.spool import Spool
from tests.agent.reports import header, section
disk = Path(sys.argv[1])
spool = Spool(disk / "spool")
spool.put(header(1), [section("cpu", "A"), section("big", os.urandom(20_000).hex())], {})
spool.put(header(2), [section("other", "A")], {})
(disk / "filling").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize))
spool.put(header(3), [section("big", "B"), section("cpu", "B")], {})
found = Spool(disk / "spool")
print([sorted(s.name for s in found.read(w).sections) for w in found._waiting], any(w.data for w in spool._waiting))
"""


def test_a_full_disk_gets_room_by_what_is_out_of_date(root: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        done = subprocess.run(
            [*disk.inside, sys.executable, "-c", NO_ROOM, str(disk.folder)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.stdout == "[['other'], ['big', 'cpu']] False\n", done.stderr
    assert "No space left" in done.stderr


states = st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from("ABC-"), min_size=1), min_size=1, max_size=8)


@settings(max_examples=40)
@given(states, st.integers(0, 7), st.booleans())
def test_what_is_left_ends_as_the_last_state_of_each_section(
    tmp_path_factory: pytest.TempPathFactory, passes: list[dict[str, str]], sent_after: int, restarted: bool
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder)
    last: dict[str, str] = {}
    for number, seen in enumerate(passes):
        put(spool, number, *(section(n, t) if t != "-" else failed(n) for n, t in seen.items()))
        last.update({n: t for n, t in seen.items() if t != "-"})
        if number == sent_after:
            spool.sending()
    if restarted:
        spool = Spool(folder)

    told: dict[str, str] = {}
    for waiting in texts(spool):
        told.update({n: t for n, t in waiting.items() if not t.startswith("(")})

    assert told == last
    assert len(spool) <= 2 * 3 + 2
