"""What the system says to a resident agent: look now (SIGHUP), end (SIGTERM, SIGINT). A signal wakes whoever polls `fd`."""

from __future__ import annotations

import os
import select
import signal
from types import TracebackType
from typing import Any, Optional

_ENDS = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Listens as long as it is entered, in the main thread."""

    def __init__(self) -> None:
        self.fd = -1
        self.ended = False
        self._hung_up = False
        self._writing = -1
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        self.fd, self._writing = os.pipe()
        for fd in (self.fd, self._writing):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in (signal.SIGHUP, *_ENDS):
            self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(self.fd)
        os.close(self._writing)

    def wait(self, seconds: float) -> None:
        """Sleep until something was said (what was not asked for yet, too) or the time has passed."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        said = self.ended or self._hung_up
        poll.poll(0 if said else max(0, int(seconds * 1000) + 1))
        self._drain()

    def told_to_end(self) -> bool:
        """True once it was; asked where `fd` shows that something was said."""
        self._drain()
        return self.ended

    def told_to_look(self) -> bool:
        """True where it was since this was asked last."""
        told, self._hung_up = self._hung_up, False
        return told

    def _heard(self, number: int, _frame: Any) -> None:
        if number == signal.SIGHUP:
            self._hung_up = True
        else:
            self.ended = True

    def _drain(self) -> None:
        try:
            while len(os.read(self.fd, 512)) == 512:
                pass
        except BlockingIOError:
            pass
