"""A power cut at every system call by which an agent's spool changes a file: what was kept is there, whole."""

from __future__ import annotations

import json
import random
import secrets
import shutil
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from agent import delta
from agent.spool import Spool
from tests.campaigns.length import either
from tests.campaigns.recorded_disk import Call, Disk, recorded
from tests.campaigns.writers import ROOT

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.skipif(shutil.which("strace") is None, reason="no strace: apt-get install strace"),
]
TURNS = either(8, 60)
TORN = either(2, 20)
"""Torn disks for each call."""

# Each turn is told before and after; every third report is handed in, and what the server holds is kept.
SPOOLING = """
import random, sys
from pathlib import Path
from agent import delta
from agent.spool import Spool
from tests.agent.reports import header, section
folder, turns, drawn = Path(sys.argv[1]), int(sys.argv[2]), random.Random(sys.argv[3])
spool, held = Spool(folder / "spool"), delta.Held("k")
def say(what):
    sys.stdout.write(what + chr(10)); sys.stdout.flush()
for n in range(1, turns + 1):
    names = drawn.sample("abcde", drawn.randint(1, 5))
    spool.put(header(n), [section(name, f"t{n:03}") for name in names], {})
    say(f"put {n} {''.join(sorted(names))}")
    if n % 3 == 0:
        first = spool.first()
        spool.sending()
        say(f"done {first.sequence} x")
        held.bodies.update({name: str(first.sequence) for name in first.sections})
        delta.save(folder, held)
        say(f"held {first.sequence} x")
        spool.done(first)
"""

Image = dict[PurePosixPath, bytes | None]


def check(image: Image, folder: PurePosixPath, said: list[tuple[str, int, str]], place: Path) -> None:
    """What the disk holds is opened by an agent that starts anew: the last state of each section that was kept is there, and not
    handed in, or a later one."""
    shutil.rmtree(place, ignore_errors=True)
    (place / "spool").mkdir(parents=True)
    for path, data in image.items():
        if data is not None:
            (place / path.relative_to(folder)).write_bytes(data)
    spool = Spool(place / "spool")
    found: dict[str, int] = {}
    for waiting in spool._waiting:
        for section in spool.read(waiting).sections:
            text = json.loads(section.bodies[0] or b"")["items"][0]["attributes"]["name"]
            found[section.name] = max(found.get(section.name, 0), int(text[1:]))
    gone = {number for what, number, _ in said if what == "done"}
    last = {name: number for what, number, names in said if what == "put" for name in names}
    lost = {name: number for name, number in last.items() if number not in gone and found.get(name, 0) < number}
    assert not lost, f"kept and lost: {lost}, there is {found}"
    held = delta.load(place, "k").bodies
    sure = max((number for what, number, _ in said if what == "held"), default=0)
    assert not sure or max(map(int, held.values())) >= sure


def test_what_was_kept_survives_a_power_cut_at_any_call(tmp_path: Path, tell: Callable[[str], None]) -> None:
    disk_at, seed = tmp_path / "disk", secrets.token_hex(8)
    disk_at.mkdir()
    command = [sys.executable, "-B", "-c", SPOOLING, str(disk_at), str(TURNS), seed]
    calls = recorded(command, tmp_path / "calls", ROOT)
    drawn, disk = random.Random(seed), Disk(disk_at)
    said: list[tuple[str, int, str]] = []
    rest, cuts = b"", 0

    for number, call in enumerate(calls):
        if call.name == "write" and call.path.name.startswith("pipe:"):
            rest, new = _told(rest, call)
            said += new
        elif not disk.do(call):
            continue
        for image in [disk.certain(), disk.all_of_it(), *(disk.torn(drawn) for _ in range(TORN))]:
            try:
                check(image, PurePosixPath(disk_at), said, tmp_path / "after")
            except BaseException as error:
                error.add_note(f"at call {number} ({call.name} of {call.path.name}, seed {seed}), after {said[-3:]}")
                raise
            cuts += 1

    assert len([what for what, _, _ in said if what == "put"]) == TURNS
    tell(
        f"The power was cut {cuts} times while an agent kept and handed in {TURNS} reports; each that was kept was there."
    )


def _told(rest: bytes, call: Call) -> tuple[bytes, list[tuple[str, int, str]]]:
    *lines, rest = (rest + call.data).split(b"\n")
    words = [line.decode().split(" ") for line in lines]
    return rest, [(what, int(number), names) for what, number, names in words]
