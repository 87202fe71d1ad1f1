"""One command over a connection: standard input sent, output taken within bounds, a prompt answered.

Source: RFC 4254 section 6. There is no terminal, no agent, no X11 and no environment. A command is over when the far side has
closed its output and told a status; one that leaves a child behind, which keeps the output open, when it has told the status
and been quiet for a moment.
"""

from __future__ import annotations

import math
import re
import threading
import time
from typing import Any

import paramiko

from collector.execution import Executed
from collector.outcome import FAILED, NOT_A_HOST, TIMED_OUT, Stopped
from collector.secret import Secret
from collector.ssh.watchdog import WATCHDOG
from collector.ssh.wire import ChannelRefused, Wire

LARGEST_STDERR = 256 * 1024
_PACKET = 32 * 1024
_QUIET_SECONDS = 1.0
_SENDING_SECONDS = 0.01


class _Woken:
    """What paramiko sets when output or a status came; its buffers may clear it as they like."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        """Only `wait` does."""

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        self._event.wait(seconds)
        self._event.clear()


def run(
    wire: Wire,
    command: str,
    stdin: bytes,
    *,
    limit: int,
    seconds: float,
    prompt: bytes = b"",
    answer: Secret | None = None,
) -> Executed:
    """As `collector.execution.Execute`. After a time-out the connection is closed."""
    alarm = WATCHDOG.alarm(seconds, wire.end)
    try:
        return _run(wire, command, stdin, limit, time.monotonic() + seconds, _Prompts(prompt, answer))
    except ChannelRefused as refusal:
        raise Stopped(
            NOT_A_HOST, "command", f"it opens no session for a command ({refusal.words or refusal.code})",
            "allow the account to run commands",
        ) from None  # fmt: skip
    except (paramiko.SSHException, EOFError, OSError, AttributeError) as error:
        # AttributeError: paramiko takes a channel apart when its connection ends in another thread.
        if alarm.rang or isinstance(error, TimeoutError):
            wire.end()
            raise _timed_out(seconds) from None
        if not wire.is_active():
            raise Stopped(
                FAILED, "command", "the connection was lost in the middle of a command", "sweep the target again"
            ) from None
        raise Stopped(
            NOT_A_HOST, "command", "it does not run the command that it was sent",
            "look whether this is a host: an appliance may have a command line of its own only",
        ) from None  # fmt: skip
    except _OutOfTime:
        wire.end()
        raise _timed_out(seconds) from None
    finally:
        alarm.call_off()


class _OutOfTime(Exception):
    """The time for the command is over."""


class _Prompts:
    """Finds prompts in what comes on standard error, and says what to do: answer, or close standard input."""

    def __init__(self, prompt: bytes, answer: Secret | None) -> None:
        self._pattern = re.compile(re.escape(prompt) + rb"(\d{1,9}):") if prompt and answer is not None else None
        self.answer = answer
        self._tail = b""
        self._seen: set[bytes] = set()

    @property
    def expected(self) -> bool:
        return self._pattern is not None

    def found(self, more: bytes) -> list[bool]:
        """For each prompt that has come: true where it is a new one, false where its answer was wrong."""
        if self._pattern is None:
            return []
        self._tail += more
        found = []
        end = 0
        for match in self._pattern.finditer(self._tail):
            found.append(match[1] not in self._seen)
            self._seen.add(match[1])
            end = match.end()
        self._tail = self._tail[end:][-256:]
        return found


def _run(wire: Wire, command: str, stdin: bytes, limit: int, until: float, prompts: _Prompts) -> Executed:
    channel: Any = wire.open("session", max(0.0, until - time.monotonic()))
    woken = _Woken()
    try:
        channel.status_event = woken
        channel.exec_command(command)
        channel.in_buffer.set_event(woken)
        channel.in_stderr_buffer.set_event(woken)
        channel.settimeout(0.0)
        return _exchange(channel, woken, stdin, limit, until, prompts)
    finally:
        channel.close()


def _exchange(channel: Any, woken: _Woken, stdin: bytes, limit: int, until: float, prompts: _Prompts) -> Executed:
    out, errors = bytearray(), bytearray()
    pending: memoryview | None = memoryview(stdin)
    cut, quiet_since = False, math.inf  # since when it has told a status and said nothing
    while True:
        pending = _send(channel, pending, keep_open=prompts.expected)
        over = channel.eof_received or channel.closed
        came = False
        while channel.recv_ready() and not cut:
            data = channel.recv(_PACKET)
            came = True
            room = limit - len(out)
            out += data[:room]
            cut = len(data) > room
        while channel.recv_stderr_ready():
            data = channel.recv_stderr(_PACKET)
            came = True
            errors += data[: LARGEST_STDERR - len(errors)]
            for new in prompts.found(data):
                assert prompts.answer is not None
                if new and pending is not None:
                    pending = memoryview(bytes(pending) + prompts.answer.reveal().encode() + b"\n")
                elif pending is not None:
                    channel.shutdown_write()
                    pending = None
        if cut:
            return Executed(bytes(out), bytes(errors), None, cut=True)
        told = channel.exit_status >= 0
        if over and not came and (told or channel.closed):
            if not told and not channel.get_transport().is_active():
                raise EOFError
            return Executed(bytes(out), bytes(errors), channel.exit_status if told else None)
        now = time.monotonic()
        if now >= until:
            raise _OutOfTime
        if came:
            quiet_since = math.inf
            continue
        if told:
            quiet_since = min(quiet_since, now)
            if now - quiet_since >= _QUIET_SECONDS:
                return Executed(bytes(out), bytes(errors), channel.exit_status)
        wait = until - now
        if pending:
            wait = min(wait, _SENDING_SECONDS)
        elif told:
            wait = min(wait, _QUIET_SECONDS / 4)
        woken.wait(wait)


def _send(channel: Any, pending: memoryview | None, keep_open: bool) -> memoryview | None:
    """Send what the far side's window takes. None once standard input is closed."""
    while pending:
        if channel.closed:
            return None
        try:
            pending = pending[channel.send(bytes(pending[:_PACKET])) :]
        except TimeoutError:
            return pending
        except OSError:  # the command has ended and takes no more
            return None
    if pending is not None and not keep_open:
        channel.shutdown_write()
        return None
    return pending


def _timed_out(seconds: float) -> Stopped:
    return Stopped(
        TIMED_OUT,
        "command",
        f"the command did not end in {seconds:g} s",
        "allow more time for a command, or look what holds it up on the host",
    )
