"""Targets of several protocols searched for at once: each by those who know how, what they find in one stream."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collector.outcome import Stopped
from collector.runner import Reach
from collector.target import Target
from collector.work import Connection

_TICK_SECONDS = 0.1


def by_protocol(reaches: Mapping[str, Reach]) -> Reach:
    """Who finds targets of every protocol by those who find the targets of one."""

    def reach(targets: Iterable[Target]) -> Iterator[tuple[Target, Connection | Stopped]]:
        shared = _Shared(targets, reaches)
        found: queue.Queue[tuple[Target, Connection | Stopped] | BaseException | None] = queue.Queue(1)
        ending = threading.Event()
        threads = [
            threading.Thread(
                target=_search, args=(one, shared.of(protocol), found, ending), name=f"reach {protocol}", daemon=True
            )
            for protocol, one in reaches.items()
        ]
        for thread in threads:
            thread.start()
        left = len(threads)
        try:
            while left:
                item = found.get()
                if item is None:
                    left -= 1
                elif isinstance(item, BaseException):
                    raise item
                else:
                    yield item
        finally:
            ending.set()
            for thread in threads:
                while thread.is_alive():
                    _let_go(found)
                    thread.join(_TICK_SECONDS)
            _let_go(found)

    return reach


class _Shared:
    """One iterator for several readers; what one of them reads past waits for the other."""

    def __init__(self, targets: Iterable[Target], protocols: Iterable[str]) -> None:
        self._targets = iter(targets)
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[Target]] = {protocol: deque() for protocol in protocols}

    def of(self, protocol: str) -> Iterator[Target]:
        while True:
            with self._lock:
                target = self._next(protocol)
            if target is None:
                return
            yield target

    def _next(self, protocol: str) -> Target | None:
        if self._waiting[protocol]:
            return self._waiting[protocol].popleft()
        for target in self._targets:
            if target.protocol == protocol:
                return target
            if target.protocol not in self._waiting:
                raise ValueError(f"{target.name}: nobody asks by {target.protocol[:40]}")
            self._waiting[target.protocol].append(target)
        return None


def _search(reach: Reach, targets: Iterator[Target], to: queue.Queue[Any], ending: threading.Event) -> None:
    found: Iterator[Any] = iter(())
    try:
        found = reach(targets)
        for item in found:
            if not _put(item, to, ending):
                item[1].close() if not isinstance(item[1], Stopped) else None
                break
        _put(None, to, ending)
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
        _put(error, to, ending)
    finally:
        close = getattr(found, "close", None)
        if close is not None:
            close()


def _put(item: Any, to: queue.Queue[Any], ending: threading.Event) -> bool:
    while not ending.is_set():
        try:
            to.put(item, timeout=_TICK_SECONDS)
        except queue.Full:
            continue
        return True
    return False


def _let_go(found: queue.Queue[Any]) -> None:
    """Close what was found and nobody wants any more."""
    while True:
        try:
            item = found.get_nowait()
        except queue.Empty:
            return
        if isinstance(item, tuple) and not isinstance(item[1], Stopped):
            item[1].close()
