"""Facts that do what a fact must not do, for tests of what keeps the others from it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from agent.fact import Budget, Context, Fact, Material, Need
from cmdb.model.classes.local_group import LocalGroup
from cmdb.model.declaration import CI


@dataclass
class Made:
    """A fact that does what the test says."""

    NAME: str
    does: Callable[[], Iterable[CI]]
    BUDGET: Budget = field(default_factory=Budget)
    VERSION: int = 3
    CLASSES: tuple[str, ...] = ("LocalGroup",)
    RELATIONS: tuple[str, ...] = ()
    NEEDS: tuple[Need, ...] = ()
    LIMITED: bool = False
    EVERY: int = 1

    def collect(self, material: Material, context: Context) -> Iterable[CI]:
        return self.does()


def fine(name: str) -> Fact:
    """One that tells of a group of its name."""
    return Made(name, lambda: [LocalGroup(name=name)])


def hanging(wall_seconds: float = 0.3) -> Fact:
    def does() -> Iterator[CI]:
        time.sleep(1000)
        yield from ()

    return Made("hanging", does, Budget(wall_seconds=wall_seconds))


def hanging_in_a_program(note: str) -> Fact:
    """One that waits for a program; the program's pid stands in the file `note`."""

    def does() -> Iterator[CI]:
        with open(note, "w") as file:
            process = subprocess.Popen(["sleep", "1000"], start_new_session=True)
            file.write(str(process.pid))
        process.wait()
        yield from ()

    return Made("hanging_in_a_program", does, Budget(wall_seconds=4))


def busy() -> Fact:
    def does() -> Iterable[CI]:
        while True:
            pass

    return Made("busy", does, Budget(wall_seconds=60, cpu_seconds=0.2))


def greedy() -> Fact:
    """One that takes more and more memory."""

    def does() -> Iterable[CI]:
        kept = []
        while True:
            kept.append(bytearray(4 * 2**20))
            time.sleep(0.005)

    return Made("greedy", does, Budget(wall_seconds=60, memory_bytes=100 * 2**20))


def talkative() -> Fact:
    return Made("talkative", lambda: (LocalGroup(name=f"{n:0100}") for n in range(1000)), Budget(bytes=10_000))


def breaking() -> Fact:
    """One whose process is killed, as by a kernel that has no memory left."""

    def does() -> Iterator[CI]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield from ()

    return Made("breaking", does)


def leaving() -> Fact:
    return Made("leaving", lambda: os._exit(0))


def exiting() -> Fact:
    return Made("exiting", lambda: sys.exit(3))


def recursing() -> Fact:
    def does() -> Iterable[CI]:
        return does()

    return Made("recursing", does)


def printing() -> Fact:
    """One that writes to where the answer of a command goes."""

    def does() -> Iterable[CI]:
        os.write(1, b"not the answer\n")
        return [LocalGroup(name="printing")]

    return Made("printing", does)
