"""Which targets answer, before anybody signs in: TCP connection and identification of all of them from one thread.

Nothing is sent. Connections are begun at a bounded rate and only so many at once; a dead address costs one time-out in a
sweep, whatever number of ports, names and jumps share it. What is found comes as it comes; live sockets are handed over with
what was read from them, so that each target is connected to once.
"""

from __future__ import annotations

import errno
import math
import os
import queue
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from collector.connecting import socket_for, stopped_by
from collector.deadlines import Deadlines
from collector.identification import Greeting, Identification
from collector.outcome import TIMED_OUT, UNREACHABLE, Evidence, Stopped
from collector.target import Target

_RECEIVED = 1024
_FULL = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_PAUSE_SECONDS = 0.05
_FRESH_SECONDS = 30.0  # a server ends a connection that does not sign in (LoginGraceTime, 120 s by default)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast: connections begun in a second, tries under way at once, and live connections that wait for a worker."""

    per_second: float = 200.0
    at_once: int = 256
    waiting: int = 32


@dataclass(slots=True)
class Reached:
    """A target that speaks SSH. `connection` is None where a jump host leads to it, which opens its own way. `address` is
    where it answered: its own or one of its alternatives."""

    identification: Identification | None
    connection: socket.socket | None
    address: str = ""
    _since: float = field(default_factory=time.monotonic)

    @property
    def evidence(self) -> Evidence:
        return Evidence(ssh_version=self.identification.version if self.identification else "")

    def take(self) -> tuple[socket.socket, Identification] | None:
        """The open connection, once. None where there is none, or where it waited so long that it may be dead."""
        connection, self.connection = self.connection, None
        if connection is None or self.identification is None:
            return None
        if time.monotonic() - self._since > _FRESH_SECONDS:
            connection.close()
            return None
        return connection, self.identification

    def close(self) -> None:
        """Let an unused connection go."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Unanswered:
    """Addresses that did not answer in this sweep, each with the way to it; shared by all threads of the sweep."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: dict[tuple[str, str], tuple[int, Stopped]] = {}

    def note(self, way: str, address: str, port: int, stop: Stopped) -> None:
        """`way` names the jump hosts, and is empty where there are none."""
        if stop.outcome in (TIMED_OUT, UNREACHABLE) and stop.phase == "connect":
            with self._lock:
                self._stops.setdefault((way, address), (port, stop))

    def stop(self, way: str, address: str) -> Stopped | None:
        """How a look at the address ended in this sweep, if it ended at all."""
        with self._lock:
            known = self._stops.get((way, address))
        if known is None:
            return None
        port, stop = known
        return Stopped(
            stop.outcome,
            stop.phase,
            f"{stop.reason} (found at port {port} in this sweep, and not tried again)",
            stop.remedy,
        )


def reach(
    targets: Iterable[Target],
    deadlines: Deadlines = Deadlines(),  # noqa: B008 - frozen
    pace: Pace = Pace(),
    unanswered: Unanswered | None = None,
) -> Iterator[tuple[Target, Reached | Stopped]]:
    """Each target once, in the order in which it is known: Reached, or Stopped (unreachable, refused, timed_out, no_ssh).

    A target behind jump hosts stands for the first of them, which is tried like a target. Where the port of a target can not
    be connected to, its alternative addresses are tried one after the other. `targets` is read as far as
    the pace allows, so it may be a generator of any length. Closing the iterator ends the work and closes what waits.
    """
    found: queue.Queue[tuple[Target, Reached | Stopped] | BaseException | None] = queue.Queue()
    seeker = _Seeker(targets, deadlines, pace, unanswered if unanswered is not None else Unanswered(), found.put)
    thread = threading.Thread(target=seeker.run, name="reachability", daemon=True)
    thread.start()
    try:
        while (item := found.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            if isinstance(item[1], Reached):
                seeker.handed_over()
            yield item
    finally:
        seeker.stop()
        thread.join()
        while not found.empty():
            left = found.get()
            if isinstance(left, tuple) and isinstance(left[1], Reached):
                left[1].close()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A target at one address (or its first jump host's); `others` are those to try when this one can not be connected to."""

    target: Target
    address: str
    port: int
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, target: Target) -> _Wanted:
        if target.jumps:
            return cls(target, target.jumps[0].address, target.jumps[0].port)
        return cls(target, target.address, target.port, target.alternatives)

    @property
    def other(self) -> _Wanted:
        return _Wanted(self.target, self.others[0], self.port, self.others[1:])


@dataclass(slots=True)
class _Try:
    """One connection under way."""

    wanted: _Wanted
    connection: socket.socket
    until: float
    greeting: Greeting | None = None


class _Seeker:
    """The thread behind `reach`: one selector, one try an address at a time."""

    def __init__(
        self,
        targets: Iterable[Target],
        deadlines: Deadlines,
        pace: Pace,
        unanswered: Unanswered,
        tell: Callable[[tuple[Target, Reached | Stopped] | BaseException | None], None],
    ) -> None:
        self._targets = iter(targets)
        self._deadlines, self._pace, self._unanswered, self._tell = deadlines, pace, unanswered, tell
        self._selector = selectors.DefaultSelector()
        self._under_way: dict[str, _Try] = {}
        self._behind: dict[str, deque[_Wanted]] = {}  # by address: those that wait for what is under way there
        self._left: deque[_Wanted] = deque()  # released by the end of a try at their address
        self._jumps: dict[tuple[str, int], Stopped | None] = {}  # how jump hosts were found: None is alive
        self._begin_at = 0.0  # nothing is begun before this
        self._due = math.inf  # no try runs out of time before this
        self._held = 0
        self._lock = threading.Lock()
        self._ending = False
        self._exhausted = False
        self._allowance, self._counted_at = 1.0, time.monotonic()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)

    def handed_over(self) -> None:
        """A live connection has left for a worker."""
        with self._lock:
            self._held -= 1
        self._wake()

    def stop(self) -> None:
        """End as soon as possible."""
        with self._lock:
            self._ending = True
        self._wake()

    def run(self) -> None:
        try:
            self._run()
            self._tell(None)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
            self._tell(error)
        finally:
            for attempt in self._under_way.values():
                attempt.connection.close()
            self._selector.close()
            with self._lock:
                os.close(self._wake_read)
                os.close(self._wake_write)
                self._wake_write = -1

    def _wake(self) -> None:
        with self._lock:
            if self._wake_write >= 0:
                try:
                    os.write(self._wake_write, b".")
                except BlockingIOError:
                    pass  # it is awake

    def _run(self) -> None:
        while not self._ending:
            pause = self._begin()
            if self._exhausted and not self._under_way and not self._left:
                return
            for key, _ in self._selector.select(max(0.0, min(pause, self._due - time.monotonic()))):
                if key.data is None:
                    os.read(self._wake_read, 4096)
                else:
                    self._advance(key.data)
            now = time.monotonic()
            if now >= self._due:
                for attempt in [a for a in self._under_way.values() if a.until <= now]:
                    self._out_of_time(attempt)
                self._due = min((a.until for a in self._under_way.values()), default=math.inf)

    def _begin(self) -> float:
        """Begin what may begin now; the seconds until more may."""
        while not self._ending:
            with self._lock:
                full = self._held >= self._pace.waiting
            if full or len(self._under_way) >= self._pace.at_once or (self._exhausted and not self._left):
                return 60.0
            now = time.monotonic()
            if now < self._begin_at:
                return self._begin_at - now
            burst = max(1.0, self._pace.per_second / 10)
            self._allowance = min(burst, self._allowance + (now - self._counted_at) * self._pace.per_second)
            self._counted_at = now
            if self._allowance < 1:
                return (1 - self._allowance) / self._pace.per_second
            if self._left:
                wanted = self._left.popleft()
            elif (target := next(self._targets, None)) is not None:
                wanted = _Wanted.of(target)
            else:
                self._exhausted = True
                continue
            if self._try(wanted):
                self._allowance -= 1
        return 0.0

    def _try(self, wanted: _Wanted) -> bool:
        """Begin with a target, unless its end is known already or is on its way. True where something was begun."""
        address, port = wanted.address, wanted.port
        if wanted.target.jumps and (address, port) in self._jumps:
            self._jump_known(wanted.target, self._jumps[address, port])
            return False
        known = self._unanswered.stop("", address)
        if known is not None:
            self._stopped(wanted, known)
            return False
        if address in self._under_way:
            self._behind.setdefault(address, deque()).append(wanted)
            return False
        try:
            connection, to = socket_for(address, port)
        except OSError as error:
            if error.errno in _FULL and self._under_way:  # what is under way will give its descriptors back
                self._left.appendleft(wanted)
                self._begin_at = time.monotonic() + _PAUSE_SECONDS
                return False
            self._stopped(wanted, stopped_by(error, self._deadlines.connect))
            return False
        attempt = _Try(wanted, connection, time.monotonic() + self._deadlines.connect)
        self._under_way[address] = attempt
        self._due = min(self._due, attempt.until)
        status = connection.connect_ex(to)
        if status not in (0, errno.EINPROGRESS):
            self._ended(attempt, stopped_by(OSError(status, os.strerror(status)), self._deadlines.connect))
        else:
            self._selector.register(connection, selectors.EVENT_WRITE, attempt)
        return True

    def _advance(self, attempt: _Try) -> None:
        try:
            if attempt.greeting is None:
                status = attempt.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if status:
                    raise OSError(status, os.strerror(status))
                attempt.greeting = Greeting()
                attempt.until = time.monotonic() + self._deadlines.banner
                self._due = min(self._due, attempt.until)
                self._selector.modify(attempt.connection, selectors.EVENT_READ, attempt)
                return
            received = attempt.connection.recv(_RECEIVED)
            identification = attempt.greeting.take(received) if received else None
        except BlockingIOError:
            return
        except ConnectionResetError as error:
            stop = attempt.greeting.ended() if attempt.greeting else stopped_by(error, self._deadlines.connect)
            self._ended(attempt, stop)
        except OSError as error:
            self._ended(attempt, stopped_by(error, self._deadlines.connect))
        except Stopped as stop:
            self._ended(attempt, stop)
        else:
            if not received:
                self._ended(attempt, attempt.greeting.ended())
            elif identification is not None:
                self._ended(attempt, identification)

    def _out_of_time(self, attempt: _Try) -> None:
        if attempt.greeting is not None:
            self._ended(attempt, attempt.greeting.timed_out(self._deadlines.banner))
        else:
            self._ended(attempt, stopped_by(TimeoutError(), self._deadlines.connect))

    def _ended(self, attempt: _Try, end: Identification | Stopped) -> None:
        if attempt.connection in self._selector.get_map():
            self._selector.unregister(attempt.connection)
        wanted = attempt.wanted
        del self._under_way[wanted.address]
        if isinstance(end, Stopped):
            attempt.connection.close()
            self._unanswered.note("", wanted.address, wanted.port, end)
            self._stopped(wanted, end)
        elif wanted.target.jumps:
            attempt.connection.close()
            self._jumps[wanted.address, wanted.port] = None
            self._jump_known(wanted.target, None)
        else:
            attempt.connection.setblocking(True)
            self._live(wanted.target, Reached(end, attempt.connection, wanted.address))
        self._left.extend(self._behind.pop(wanted.address, ()))

    def _stopped(self, wanted: _Wanted, stop: Stopped) -> None:
        """A target's way ended at one address."""
        if wanted.target.jumps:
            self._jumps[wanted.address, wanted.port] = stop
            self._jump_known(wanted.target, stop)
        elif wanted.others and stop.phase == "connect":
            self._left.append(wanted.other)
        else:
            self._tell((wanted.target, stop))

    def _jump_known(self, target: Target, stop: Stopped | None) -> None:
        if stop is None:
            self._live(target, Reached(None, None))
        else:
            self._tell((target, _through(target, stop)))

    def _live(self, target: Target, reached: Reached) -> None:
        with self._lock:
            self._held += 1
        self._tell((target, reached))


def _through(target: Target, stop: Stopped) -> Stopped:
    """The stop of a jump host as a target behind it sees it."""
    if not target.jumps:
        return stop
    hop = target.jumps[0]
    return Stopped(stop.outcome, stop.phase, f"jump host {hop.address} port {hop.port}: {stop.reason}", stop.remedy)
