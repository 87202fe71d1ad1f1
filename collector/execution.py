"""How a shell of the collector has a command run somewhere: the seam between the script and what carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from collector.secret import Secret


@dataclass(frozen=True, slots=True)
class Executed:
    """What came back. `status` is None where the far side told none; `cut` is true where more came than was allowed."""

    stdout: bytes
    stderr: bytes
    status: int | None
    cut: bool = False


class Execute(Protocol):
    """Runs one command line of the far login shell.

    `stdin` is sent at once. Whenever the bytes of `prompt` come on standard error (each time followed by a number and a
    colon: "PROMPT3:") `answer` and a line end are sent, once for each number; a number that comes again means that the
    answer was wrong, and standard input is closed. Without `answer` standard input is closed after `stdin`.
    At most `limit` bytes of standard output are taken. Raises Stopped (timed_out in phase "command", failed) where the
    command comes to no end within `seconds` or the connection breaks.
    """

    def __call__(
        self,
        command: str,
        stdin: bytes,
        *,
        limit: int,
        seconds: float,
        prompt: bytes = b"",
        answer: Secret | None = None,
    ) -> Executed: ...
