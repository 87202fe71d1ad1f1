"""Names looked up by the system's resolver (getaddrinfo(3)), many at once, each within a bound of time.

A look-up of the C library can not be ended from outside. One that takes too long is left to itself in its thread, and
so many may be left; what still waits then is told that the resolver does not answer.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cmdb.model.checked import shown
from collector.targets import address_of

SECONDS = 5.0
AT_ONCE = 32
MOST_LEFT = 128
MOST_ADDRESSES = 64
Look = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a name stands for: addresses in their canonical text and the resolver's order (RFC 6724), or a reason why none.

    `late` is true where no answer came in time.
    """

    addresses: tuple[str, ...] = ()
    reason: str = ""
    late: bool = False


def look_up(name: str) -> list[str]:
    """The addresses of a name, as the system has them. Raises OSError."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(address[0]) for _, _, _, _, address in found]


def resolve(
    names: Iterable[str],
    *,
    seconds: float = SECONDS,
    at_once: int = AT_ONCE,
    look: Look = look_up,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Resolved]:
    """Each name with what it stands for. `seconds` bound each look-up; `progress` is told how many are done."""
    waiting = list(dict.fromkeys(names))[::-1]
    found: dict[str, Resolved] = {}
    ended: queue.SimpleQueue[tuple[str, Resolved]] = queue.SimpleQueue()
    running: dict[str, float] = {}
    left = 0
    while waiting or running:
        while waiting and len(running) < at_once and left < MOST_LEFT:
            name = waiting.pop()
            running[name] = time.monotonic() + seconds
            threading.Thread(target=_look, args=(name, look, ended), name=f"resolve {name:.40}", daemon=True).start()
        if not running:
            late = Resolved(
                reason=f"the resolver left {left} names without an answer, so no more were asked", late=True
            )
            found.update(dict.fromkeys(waiting, late))
            break
        try:
            # Times begin in the order in which the names do.
            name, answer = ended.get(timeout=max(next(iter(running.values())) - time.monotonic(), 0.0))
            if running.pop(name, None) is None:
                left -= 1
                continue
            found[name] = answer
        except queue.Empty:
            name = next(iter(running))
            del running[name]
            left += 1
            found[name] = Resolved(reason=f"no answer of the resolver within {seconds:g} s", late=True)
        if progress is not None:
            progress(len(found))
    return found


def _look(name: str, look: Look, ended: queue.SimpleQueue[tuple[str, Resolved]]) -> None:
    try:
        given = look(name)
    except (OSError, UnicodeError) as error:
        ended.put(
            (name, Resolved(reason=f"the resolver says: {shown(getattr(error, 'strerror', None) or str(error))}"))
        )
        return
    known = (address_of(address) for address in given)
    addresses = tuple(dict.fromkeys(str(address) for address in known if address is not None))[:MOST_ADDRESSES]
    ended.put((name, Resolved(addresses, "" if addresses else "the resolver knows no address of it")))
