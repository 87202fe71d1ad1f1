"""A power cut of SQLite at every system call that changes a file: what the disk would hold is opened as a store.

In CI around every fsync and at some calls between; long at every call, and many torn disks at each fsync.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import secrets
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests.campaigns.length import either
from tests.campaigns.recorded_disk import Call, Disk, recorded
from tests.campaigns.writers import ROOT, history, kept, naturals, whole
from tests.campaigns.writing import LATER
from tests.cmdb.building import Receiver, open_store

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.skipif(shutil.which("strace") is None, reason="no strace: apt-get install strace"),
]
HOSTS_HERE = 3
TURNS = 12
BETWEEN = either(0.02, 1.0)
"""Share of the calls between fsyncs at which the power is cut."""
TORN = either(2, 20)
"""Torn disks for each cut around an fsync."""

Image = dict[PurePosixPath, bytes | None]


class Cuts:
    """Power cuts during a writer's run, each told apart by what it leaves; `heard` is what was acknowledged so far."""

    def __init__(self, store: PurePosixPath, batches: list[bytes], place: Path) -> None:
        self.store = store
        self.batches = batches
        self.known = naturals(batches)
        self.place = place
        self.heard: list[dict[str, Any]] = []
        self.tried: set[bytes] = set()
        self.lost = 0

    def cut(self, image: Image, how: str) -> None:
        """Open what the disk holds; all that was acknowledged is there, and the writer goes on where it was."""
        name = hashlib.sha256(f"{len(self.heard)}".encode())
        for path in sorted(image):
            name.update(b"%d %s" % (len(image[path] or b""), path.name.encode()))
            name.update(image[path] or b"")
        if name.digest() in self.tried:
            return
        self.tried.add(name.digest())
        self.place.mkdir()
        try:
            self._opened(image)
        except BaseException as error:
            error.add_note(f"{how}, after {len(self.heard)} acknowledged batches")
            raise
        for file in self.place.iterdir():
            file.unlink()
        self.place.rmdir()

    def _opened(self, image: Image) -> None:
        for path, data in image.items():
            if data is not None:
                (self.place / path.name).write_bytes(data)
        (self.place / f"{self.store.name}-shm").write_bytes(
            os.urandom(32768)
        )  # what stays of it is of no use to anybody
        with closing(open_store(self.place / self.store.name)) as store:
            number = whole(store, self.heard, self.known)
            self.lost += number == len(self.heard)
            receiver = Receiver(store, "after the cut")
            receiver.now = LATER
            for known, data in enumerate(self.batches[max(number - 1, 0) : number + 1], max(number - 1, 0) + 1):
                assert receiver.take(data)["revision"] == known
                assert receiver.natural() == self.known[max(known, number)]


def test_a_power_cut_at_any_call_leaves_whole_batches_and_all_that_were_acknowledged(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    batches = history(range(HOSTS_HERE), "agent", turns=TURNS)
    place = tmp_path / "disk"
    place.mkdir()
    store = place / "new" / "cmdb.db"
    command = [sys.executable, "-B", "-m", "tests.campaigns.writing", str(store)]
    calls = recorded([*command, str(kept(batches, tmp_path / "batches.json"))], tmp_path / "calls", ROOT)
    (tmp_path / "calls").unlink()  # tens of megabytes
    seed = secrets.token_hex(8)
    drawn = random.Random(seed)
    disk, cuts = Disk(place), Cuts(PurePosixPath(store), batches, tmp_path / "after")
    said, changes, syncs, checkpoints = b"", 0, 0, set()

    for number, call in enumerate(calls):
        near = any(c.name in ("fsync", "fdatasync") for c in calls[number : number + 2])
        if call.name == "write" and call.path.name.startswith("pipe:"):
            said, acknowledged = _told(said, call)
            cuts.heard += acknowledged
            near = near or bool(acknowledged)
        elif not disk.do(call):
            continue
        changes += 1
        checkpoints |= {len(cuts.heard)} if call.name == "pwrite64" and call.path.name == store.name else set()
        syncs += call.name in ("fsync", "fdatasync")
        where = f"call {number} ({call.name} of {call.path.name}, seed {seed})"
        if near:
            cuts.cut(disk.certain(), f"only what is certain at {where}")
            for _ in range(TORN):
                cuts.cut(disk.torn(drawn), f"torn at {where}")
        if near or drawn.random() < BETWEEN:
            cuts.cut(disk.all_of_it(), f"all at {where}")

    assert len(cuts.heard) == len(batches)
    assert syncs > len(batches), "each batch is synced before it is acknowledged"
    assert any(0 < at < len(batches) for at in checkpoints), (
        "the log was never carried over into the database meanwhile"
    )
    tell(
        f"{len(cuts.tried)} different disks from {changes} calls with {syncs} fsyncs, all opened, chain valid, all "
        f"acknowledged batches there; on {len(cuts.tried) - cuts.lost} one more that was under way (seed {seed})"
    )


def _told(before: bytes, call: Call) -> tuple[bytes, list[dict[str, Any]]]:
    """Receipts among what the writer wrote to its standard output."""
    *lines, rest = (before + call.data).split(b"\n")
    return rest, [json.loads(line) for line in lines if line.startswith(b"{")]
