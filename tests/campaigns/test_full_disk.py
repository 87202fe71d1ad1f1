"""A full disk under each store, and a read-only one: said in a sentence, nothing half written, and on it goes afterwards."""

from __future__ import annotations

import random
import secrets
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from cmdb.model.errors import StoreError
from tests.campaigns.length import either
from tests.campaigns.own_neo4j import own_neo4j
from tests.campaigns.small_disk import SmallDisk, small_disk
from tests.campaigns.writers import COMMAND, HOSTS, history, kept, naturals, refused, whole, writer
from tests.campaigns.writing import LATER, open_any
from tests.cmdb.building import Receiver

pytestmark = pytest.mark.campaign
ROUNDS = either(3, 30)
ROUNDS_OF_STORE = 3
STORES = either(1, 10)
ROUNDS_OF_SERVER = either(1, 10)
PATIENCE_SECONDS = 60.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    try:
        with small_disk(tmp_path / "disk", "64m") as made:
            yield made
    except OSError as error:
        pytest.skip(str(error))


def test_sqlite_says_that_the_disk_is_full_and_goes_on_once_there_is_room(
    disk: SmallDisk, root: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    batches = history(range(HOSTS), "agent", turns=4 * ROUNDS_OF_STORE)
    known, file = naturals(batches), kept(batches, tmp_path / "batches.json")
    seed = secrets.token_hex(8)
    drawn = random.Random(seed)
    acknowledged = 0
    for number in range(STORES):
        store = str(disk.folder / f"{number}" / "cmdb.db")
        heard: list = []
        for _ in range(ROUNDS_OF_STORE):
            # One that gives up at once, with some room left so that the disk fills up somewhere within a batch …
            with writer(store, file, max(len(heard) - 1, 0), before=disk.inside) as one:
                disk.fill(but=drawn.randrange(400_000))
                one.start()
                again = one.receipts()
                assert one.process.wait() == 4
                said = one.said()
                assert len(said.strip().splitlines()) == 1, said
                assert "is full; free some space and try again. Nothing of this was written." in said
            heard += again[1 if heard else 0 :]
            arguments = [*disk.inside, *COMMAND, "--store", f"sqlite:///{store}", "agent", "once"]
            refused(subprocess.run(arguments, cwd=root, capture_output=True, text=True), "is full")
            # … and one that is told so, waits, and goes on.
            with writer(store, file, len(heard), PATIENCE_SECONDS, before=disk.inside) as one:
                one.start()
                assert one.process.stderr is not None
                assert "is full" in one.process.stderr.readline()
                disk.free()
                heard.append(one.receipt())
            heard = heard[: whole_copy(disk, f"{number}/cmdb.db", tmp_path / "copy", heard, known)]
        acknowledged += len(heard)
        disk.do(f"rm -r {number}")
    tell(
        f"full {STORES * ROUNDS_OF_STORE} times, {acknowledged} batches acknowledged around it, all there and nothing "
        f"else (seed {seed})"
    )


def take_on(receiver: Receiver, batches: Sequence[bytes], heard: list) -> None:
    """Take the batches that were not acknowledged yet, one by one."""
    for data in batches[len(heard) :]:
        receipt = receiver.take(data)
        heard.append(receipt)


def whole_copy(disk: SmallDisk, name: str, place: Path, heard: list, known: list[str]) -> int:
    """`whole` for a copy of the store of that name on the disk, which is not seen from here."""
    place.mkdir(exist_ok=True)
    disk.do(f'rm -f "{place}"/*; cp {name}* "{place}"')
    with closing(open_any(str(place / "cmdb.db"))) as store:
        return whole(store, heard, known)


def test_sqlite_says_that_the_file_system_is_read_only_and_goes_on_once_it_is_not(
    disk: SmallDisk, root: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    batches = history(range(HOSTS), "agent", turns=ROUNDS)
    known, file = naturals(batches), kept(batches, tmp_path / "batches.json")
    store = str(disk.folder / "cmdb.db")
    heard: list = []
    for _ in range(ROUNDS):
        with writer(store, file, len(heard), before=disk.inside) as one:
            one.start()
            heard += [one.receipt() for _ in range(3)]
            one.process.kill()
            heard += one.receipts()
        disk.read_only(True)
        surveymark = [*disk.inside, *COMMAND, "--store", f"sqlite:///{store}"]
        found = subprocess.run([*surveymark, "ci", "find", "class:Host"], cwd=root, capture_output=True, text=True)
        assert found.returncode == 0, "questions are answered meanwhile"
        refused(subprocess.run([*surveymark, "agent", "once"], cwd=root, capture_output=True, text=True), store)
        disk.read_only(False)
        assert whole_copy(disk, "cmdb.db", tmp_path / "copy", heard, known) - len(heard) in (0, 1)
    tell(f"read-only {ROUNDS} times after a kill, {len(heard)} batches acknowledged around it and all there")


@pytest.mark.xdist_group("own neo4j")
def test_neo4j_whose_disk_is_full_is_named_and_goes_on_once_it_is_restarted(
    disk: SmallDisk, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    batches = history(range(HOSTS), "agent", turns=ROUNDS_OF_SERVER + 1)
    known = naturals(batches)
    seed = secrets.token_hex(8)
    drawn = random.Random(seed)
    with own_neo4j(disk.folder, disk.inside) as server, closing(open_any(server.url)) as store:
        receiver = Receiver(store)
        receiver.now = LATER
        heard = [receiver.take(batches[0])]
        for _ in range(ROUNDS_OF_SERVER):
            disk.fill(but=drawn.randrange(400_000))
            with pytest.raises(StoreError, match="make room where its disk is full, restart Neo4j there"):
                take_on(receiver, batches, heard)
            disk.free()
            server.kill()
            server.start()
            there = whole(store, heard, known)
            assert there - len(heard) in (0, 1)
            heard += [receiver.take(data) for data in batches[len(heard) : there + 1]]
        assert whole(store, heard, known) == len(heard)
    tell(
        f"full {ROUNDS_OF_SERVER} times, {len(heard)} batches acknowledged around it, all there and nothing else (seed {seed})"
    )
