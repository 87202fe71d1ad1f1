"""A Neo4j of the campaigns' own, that may be killed, stopped, and have its disk filled: no other test uses it."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers import neo4j_server


class OwnNeo4j:
    """A server on one port over one folder, through all its ends and beginnings. `before` runs its command."""

    def __init__(self, data: Path, before: Sequence[str] = ()) -> None:
        self._data = data
        self._before = before
        self._port = neo4j_server.free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"bolt://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Returns once it answers."""
        self._process = neo4j_server.start(self._port, self._data, before=self._before)
        neo4j_server.wait_until_bolt_answers(self._port, self._process, self._data / "server.log")

    def kill(self) -> None:
        """kill -9."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()

    def stop(self) -> None:
        """It keeps its connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, what: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, what)


@contextmanager
def own_neo4j(data: Path | None = None, before: Sequence[str] = ()) -> Iterator[OwnNeo4j]:
    """One that answers, over a temporary folder unless one is given; ended with the block."""
    with tempfile.TemporaryDirectory(prefix="surveymark-neo4j-", ignore_cleanup_errors=True) as folder:
        made = OwnNeo4j(data or Path(folder), before)
        try:
            made.start()
            yield made
        finally:
            made.kill()
