"""What a command prints: its answer to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from agent.visible import shown, table, visible, visible_json


class Terminal:
    """Standard output and standard error of one command. With `as_json` the answer is one JSON document, and nothing else
    reaches standard output."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")

    def document(self, document: Any) -> None:
        """The answer as JSON, safe to look at."""
        sys.stdout.write(visible_json(json.dumps(document, ensure_ascii=False, indent=2)) + "\n")

    def line(self, text: str = "") -> None:
        """A line of the answer; whoever puts a host's word into it has made that visible."""
        sys.stdout.write(text + "\n")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A table of the answer; nothing where there is no row."""
        text = table(heads, rows, wide=not sys.stdout.isatty())
        if text:
            self.line(text)

    def pairs(self, rows: Iterable[Sequence[Any]]) -> None:
        """Names and values of the answer, one a line."""
        for name, value in rows:
            text = shown(value)
            if text:
                self.line(f"{name + ':':<14} {text}")

    def say(self, text: str) -> None:
        """A message, made visible."""
        sys.stderr.write(visible(text) + "\n")

    def progress(self, text: str) -> None:
        """What is being done, on a terminal only, in place of what was said before."""
        if sys.stderr.isatty():
            import shutil  # brings archives along that nobody needs

            columns = shutil.get_terminal_size().columns
            sys.stderr.write("\r\x1b[K" + visible(text)[: max(10, columns - 1)])
            sys.stderr.flush()

    def done(self) -> None:
        """Wipe the progress."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
