"""Which targets have an SNMP agent that answers us, before any session is opened: one question to each, from one thread.

The credentials of a target are asked for one after the other, a moment apart, so that who answers the first is shown no other
one; a second round follows for what the network lost, and then the target is silent. So a silent address costs one set of probes,
whatever tables there are, and dead ones wait beside each other. That nothing listens is told at once (ICMP port unreachable).
"""

from __future__ import annotations

import errno
import heapq
import math
import secrets
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from collector.connecting import stopped_by
from collector.outcome import REFUSED, TIMED_OUT, Stopped
from collector.snmp.probe import MOST_BYTES, Probe
from collector.target import Target

ROUNDS = 2
APART_SECONDS = 0.2
"""Between the questions to one target."""
_FULL = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_PAUSE_SECONDS = 0.05
_OWN_SHARE = 0.75
"""Of the descriptors that the process may have; sessions with those that were found need some beside."""
_MOST_STRAY = 16
"""Datagrams of one address that are no answer; what goes on like that is taken for silent."""

Ask = Callable[[Target], Sequence[Probe]]
"""What a target is asked at its address, in order. Raises Stopped where nothing may be offered there."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Targets begun in a second, targets under way at once, and seconds that an answer to a round may take."""

    per_second: float = 400.0
    at_once: int = 900
    """Below the 1,024 neighbours that Linux keeps as a rule (gc_thresh3): each dead address of an own network is one of them."""
    seconds: float = 1.5


@dataclass(frozen=True, slots=True)
class Answered:
    """A target with an agent, at this address; `probe` is the question that it answered."""

    address: str
    probe: Probe

    def close(self) -> None:
        """Nothing is open."""


def reach(
    targets: Iterable[Target],
    ask: Ask,
    pace: Pace = Pace(),
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[Target, Answered | Stopped]]:
    """Each target once, in the order in which it is known. `targets` is read as far as the pace allows. Where none of a target's
    credentials is answered its alternative addresses are asked, one after the other, each with what may be offered to that very
    address: who answers for a name says where it is, so its other addresses are sent nothing that is not meant for them. Closing
    the iterator ends the work."""
    seeker = _Seeker(iter(targets), ask, pace, clock)
    try:
        yield from seeker.run()
    finally:
        seeker.close()


@dataclass(slots=True)
class _Try:
    """A target under way at one of its addresses."""

    target: Target
    address: str
    others: tuple[str, ...]
    probes: Sequence[Probe]
    sockets: dict[int, socket.socket] = field(default_factory=dict)
    numbers: dict[int, Probe] = field(default_factory=dict)
    sent: int = 0
    stray: int = 0
    refused: Stopped | None = None
    ended: bool = False


class _Seeker:
    """One selector, one heap of when something is due."""

    def __init__(self, targets: Iterator[Target], ask: Ask, pace: Pace, clock: Callable[[], float]) -> None:
        self._targets, self._ask, self._pace, self._clock = targets, ask, pace, clock
        self._at_once = max(1, min(pace.at_once, _descriptors()))
        self._selector = selectors.DefaultSelector()
        self._due: list[tuple[float, int, _Try]] = []
        self._count = 0
        self._under_way = 0
        self._again: deque[_Try] = deque()
        self._found: deque[tuple[Target, Answered | Stopped]] = deque()
        self._exhausted = False
        self._next = -math.inf

    def run(self) -> Iterator[tuple[Target, Answered | Stopped]]:
        while True:
            pause = self._begin()
            while self._found:
                yield self._found.popleft()
            if self._exhausted and not self._under_way and not self._again:
                return
            if self._due:
                pause = min(pause, self._due[0][0] - self._clock())
            for key, _ in self._selector.select(max(0.0, min(pause, 60.0))):
                self._read(*key.data)
            now = self._clock()
            while self._due and self._due[0][0] <= now:
                self._step(heapq.heappop(self._due)[2])

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            key.data[0].sockets[key.data[1]].close()
        self._selector.close()

    def _begin(self) -> float:
        """Begin what may begin now; the seconds until more may."""
        while not self._found:
            if self._under_way >= self._at_once or (self._exhausted and not self._again):
                return math.inf
            now = self._clock()
            if now < self._next:
                return self._next - now
            attempt = self._again.popleft() if self._again else self._new()
            if attempt is not None:
                self._open(attempt)
                self._next = max(self._next + 1 / self._pace.per_second, now - 0.1)
        return 0.0

    def _new(self) -> _Try | None:
        target = next(self._targets, None)
        if target is None:
            self._exhausted = True
            return None
        return self._try(target, (target.address, *target.alternatives), None)

    def _try(self, target: Target, addresses: Sequence[str], stop: Stopped | None) -> _Try | None:
        """The target at the first of these addresses to which anything may be offered; where there is none the target ends
        with `stop`, or with why the first was sent nothing."""
        for at, address in enumerate(addresses):
            try:
                probes = self._ask(replace(target, address=address, alternatives=()))
            except Stopped as nothing:
                stop = stop or nothing
                continue
            return _Try(target, address, tuple(addresses[at + 1 :]), probes)
        if stop is not None:
            self._found.append((target, stop))
        return None

    def _open(self, attempt: _Try) -> None:
        """Sockets that take what comes from the address and the port that are asked, and nothing else."""
        ports = list(dict.fromkeys(probe.port for probe in attempt.probes))
        self._under_way += 1
        for port in ports:
            try:
                one = _connected(attempt.address, port)
            except OSError as error:
                if error.errno in _FULL and self._under_way > 1:
                    self._end(attempt)
                    self._again.append(attempt)  # What is under way will give its descriptors back.
                    self._next = self._clock() + _PAUSE_SECONDS
                    return
                attempt.refused = _stop(error, port)
                continue
            attempt.sockets[port] = one
            self._selector.register(one, selectors.EVENT_READ, (attempt, port))
        self._step(attempt)

    def _step(self, attempt: _Try) -> None:
        """The next question, or the end where there is none left."""
        if attempt.ended:
            return
        probes = [probe for probe in attempt.probes if probe.port in attempt.sockets]
        if not probes:
            self._failed(attempt, attempt.refused or _silent(attempt.probes, self._pace.seconds))
            return
        if attempt.sent >= ROUNDS * len(attempt.probes):
            self._failed(attempt, _silent(attempt.probes, self._pace.seconds))
            return
        probe = attempt.probes[attempt.sent % len(attempt.probes)]
        attempt.sent += 1
        wait = self._pace.seconds if attempt.sent % len(attempt.probes) == 0 else APART_SECONDS
        if probe.port in attempt.sockets:
            number = secrets.randbelow(2**31 - 1) + 1
            attempt.numbers[number] = probe
            try:
                attempt.sockets[probe.port].send(probe.question(number))
            except OSError as error:
                self._broke(attempt, probe.port, error)
                wait = 0.0
        else:
            wait = 0.0
        self._count += 1
        heapq.heappush(self._due, (self._clock() + wait, self._count, attempt))

    def _read(self, attempt: _Try, port: int) -> None:
        if attempt.ended or port not in attempt.sockets:
            return
        try:
            datagram = attempt.sockets[port].recv(MOST_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._broke(attempt, port, error)
            if not attempt.sockets:
                self._step(attempt)
            return
        for number, probe in attempt.numbers.items():
            if probe.port == port and probe.is_answered(datagram, number):
                self._end(attempt)
                self._found.append((attempt.target, Answered(attempt.address, probe)))
                return
        attempt.stray += 1
        if attempt.stray >= _MOST_STRAY:
            self._failed(attempt, _silent(attempt.probes, self._pace.seconds))

    def _broke(self, attempt: _Try, port: int, error: OSError) -> None:
        """Nothing is to be had at a port."""
        attempt.refused = _stop(error, port)
        one = attempt.sockets.pop(port)
        self._selector.unregister(one)
        one.close()

    def _failed(self, attempt: _Try, stop: Stopped) -> None:
        self._end(attempt)
        following = self._try(attempt.target, attempt.others, stop)
        if following is not None:
            self._again.append(following)

    def _end(self, attempt: _Try) -> None:
        if not attempt.ended:
            self._under_way -= 1
        attempt.ended = True
        for one in attempt.sockets.values():
            self._selector.unregister(one)
            one.close()
        attempt.sockets.clear()


def _descriptors() -> int:
    """How many addresses may be under way, each of which has a socket."""
    try:
        import resource
    except ImportError:  # Windows, which has no such bound.
        return 512
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 20 if most == resource.RLIM_INFINITY else int(most * _OWN_SHARE)


def _connected(address: str, port: int) -> socket.socket:
    family, kind, protocol, _, to = socket.getaddrinfo(
        address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    )[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setblocking(False)
        made.connect(to)
    except BaseException:
        made.close()
        raise
    return made


def _stop(error: OSError, port: int) -> Stopped:
    if isinstance(error, ConnectionRefusedError):
        return Stopped(
            REFUSED,
            "connect",
            f"nothing listens at UDP port {port}",
            "check the port, and that the SNMP agent runs and listens at this address",
        )
    return stopped_by(error, 0.0)


def _silent(probes: Sequence[Probe], seconds: float) -> Stopped:
    named = list(dict.fromkeys(name for probe in probes for name in probe.credentials))
    shown = ", ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")
    return Stopped(
        TIMED_OUT,
        "connect",
        f"no answer by SNMP to {ROUNDS} rounds of {seconds:g} s with {shown}",
        "an agent is silent to a community that it does not know and to addresses that it does not allow: check both, and that "
        "no packet filter drops UDP",
    )
