"""What an inventory says of a host, in one shape whatever the form of the file, and what of it was not used."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.targets import Expression

MOST_BYTES = 16 * 1024 * 1024
MOST_LINES = 200_000
MOST_HOSTS = 100_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One host, or one range of them, of an inventory.

    `name` is what the inventory calls it and `host` the expression of where it is; None where that can not be known, and
    `problem` says why. `port` is None, `user`, `zone` and the lists are empty where the inventory says nothing; `jumps`
    are ProxyJump's words in order, () where it says that there are none and None where it says nothing. `origin` is
    file and line.
    """

    name: str
    host: Expression | None
    origin: str
    port: int | None = None
    user: str = ""
    zone: str = ""
    credentials: tuple[str, ...] = ()
    identity_files: tuple[str, ...] = ()
    jumps: tuple[str, ...] | None = None
    problem: str = ""


class Ignored:
    """What was not used of the input, each matter once, with where it stood first and how often it did."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._times: dict[str, int] = {}

    def add(self, what: str, where: str, times: int = 1) -> None:
        """Notes a matter (without any value of it) and the place where it stands."""
        self._first.setdefault(what, where)
        self._times[what] = self._times.get(what, 0) + times

    def lines(self) -> list[str]:
        """One sentence a matter, in the order in which they were met."""
        return [
            f"{where}: {what}" + (f" ({self._times[what]} times in all)." if self._times[what] > 1 else ".")
            for what, where in self._first.items()
        ]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The hosts of one file in its order, what it leaves out, and what of it was not used."""

    hosts: tuple[Listed, ...]
    exclusions: tuple[Expression, ...] = ()
    ignored: tuple[str, ...] = field(default=())
