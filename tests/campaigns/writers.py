"""What campaigns give to processes of tests.campaigns.writing, and what must hold of the store whatever became of them."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cmdb.chain import verify_chain
from cmdb.model.errors import StoreError
from cmdb.natural import natural_digest
from cmdb.ports import Store
from tests.campaigns.writing import LATER
from tests.cmdb.building import Receiver, Reporter, accounts, depends, network, open_store, packages, software, system

HOSTS = 8
ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())")
"""The command `surveymark`, from this checkout."""


class Writer:
    """A process of tests.campaigns.writing. It has not opened the store before it is told to start."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._ready = False

    def ready(self) -> None:
        """Wait until it could start at once."""
        if not self._ready:
            assert self._line() == "ready\n"
            self._ready = True

    def start(self, number: int | None = None) -> None:
        """Have it write, from the batch of this number on where one is given."""
        self.ready()
        assert self.process.stdin is not None
        self.process.stdin.write("\n" if number is None else f"{number}\n")
        self.process.stdin.flush()

    def receipt(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._line())
        return found

    def receipts(self) -> list[dict[str, Any]]:
        """All that it has not told yet; waits for its end."""
        assert self.process.stdout is not None
        return [json.loads(line) for line in self.process.stdout if line.endswith("\n")]

    def said(self) -> str:
        """What it said on standard error; waits for its end."""
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the writer ended: {self.said()}"
        return line


@contextmanager
def writer(
    store: str,
    batches: Path,
    start: int = 0,
    patience: float = 0.0,
    before: Sequence[str] = (),
    seconds: float = math.inf,
) -> Iterator[Writer]:
    """A process that writes the batches of a file (see `kept`) from number `start` on once it is told to; run by the
    command `before`, if there is one, and ended with the block."""
    command = [
        sys.executable,
        "-m",
        "tests.campaigns.writing",
        store,
        str(batches),
        str(start),
        str(patience),
        str(seconds),
    ]
    process = subprocess.Popen(
        [*before, *command],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Writer(process)
        finally:
            process.kill()


def told(error: StoreError, *remedies: str) -> None:
    """The error is one sentence that has one of these remedies in it."""
    assert any(remedy in error.message for remedy in remedies), error.message
    assert len(error.message.splitlines()) == 1


def refused(outcome: subprocess.CompletedProcess[str], *parts: str) -> None:
    """A command ended with status 4 and one sentence that holds these parts."""
    assert outcome.returncode == 4, outcome
    assert len(outcome.stderr.strip().splitlines()) == 1, outcome
    for part in parts:
        assert part in outcome.stderr, outcome


def kept(batches: Sequence[bytes], file: Path) -> Path:
    """The batches in a file for writers."""
    file.write_text(json.dumps([data.decode() for data in batches]))
    return file


def history(numbers: Sequence[int], source: str, turns: int = 3) -> list[bytes]:
    """What a source tells of these hosts in turns, each of which changes every host.

    A host depends on the next one's database, so that batches of different writers meet in relations too.
    """
    found = []
    reporters = {n: Reporter(f"host{n}", source=f"{source}:{n}", route=source) for n in numbers}
    for turn in range(turns):
        for n, reporter in reporters.items():
            sections = [
                system(f"host{n}", os=f"os {turn}"),
                packages("a", f"b{turn}", version=str(turn)),
                network(f"10.0.0.{n}"),
                software(f"db:{5432 + turn % 2}"),
                depends((f"10.0.0.{(n + 1) % HOSTS}", 5432)),
            ]
            sections += [accounts("root", f"user{turn}")] if source == "ssh" else []
            found.append(reporter.batch(*sections, at=turn * 1000 + n))
    return found


def naturals(batches: Sequence[bytes]) -> list[str]:
    """Natural digest of a store after none, one, two … of the batches; each of them makes a revision."""
    with TemporaryDirectory() as folder, closing(open_store(Path(folder) / "cmdb.db")) as store:
        alone = Receiver(store)
        alone.now = LATER
        found = [alone.natural()]
        for number, data in enumerate(batches, 1):
            assert alone.take(data)["revision"] == number
            found.append(alone.natural())
        return found


def whole(store: Store, heard: Sequence[dict[str, Any]], known: Sequence[str]) -> int:
    """The store holds whole batches only, in order, and all that were acknowledged (`heard`); `known` are `naturals` of
    the batches. Returns how many it holds."""
    with store.transaction() as tx:
        assert list(verify_chain(tx)) == []
        number = tx.head().number
        assert [tx.receipt(r["batch"]) for r in heard] == list(heard)
        assert max((r["revision"] for r in heard), default=0) <= number
        assert natural_digest(tx) == known[number]
        raws = tx.raws(0, number + 1)
        assert [raw.revision for raw in raws] == list(range(1, number + 1))
        bodies = {digest for raw in raws for digest in raw.bodies}
        assert set(tx.raw_bodies(bodies)) == bodies
    assert list(store.check()) == []
    return number
