"""YAML as data alone (https://yaml.org/spec/1.1/): built from the parser's events, so that nothing of a file is ever constructed.

Every plain value is text, but for null: "no", 1_000 and 2026-01-01 stay what was written. Aliases, which can unfold without
end, and tags are refused; nesting is bounded.
"""

from __future__ import annotations

from typing import Any

import yaml

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError

MAX_DEPTH = 6
MAX_NODES = 2_000_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = ("", "~", "null", "Null", "NULL")


def read(text: str) -> tuple[Any, list[int]]:
    """The one document of a text, and the lines on which the members of its outermost list begin.

    Raises UsageError that names the line.
    """
    maker = _Maker()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            maker.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1}" if mark is not None else "The file"
        raise UsageError(f"{where} is no YAML: {shown(getattr(error, 'problem', None) or str(error))}.") from None
    return maker.document, maker.lines


class _Maker:
    """Puts values together, event by event, without recursion."""

    def __init__(self) -> None:
        self.document: Any = None
        self.lines: list[int] = []
        self._open: list[tuple[Any, Any]] = []
        """Collections that are not closed, each with the key that waits for its value (_NO_KEY: none)."""
        self._documents = 0
        self._nodes = 0

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise UsageError(f"Line {line} begins a second document; an import takes one.")
        elif isinstance(event, yaml.AliasEvent):
            raise UsageError(f"Line {line} has an alias (*{event.anchor:.40}); write the value out, none are taken.")
        elif isinstance(event, yaml.ScalarEvent):
            self._tagged(event, line)
            plain = event.style in (None, "") and event.value in _NULL
            self._put(None if plain else event.value, line)
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._tagged(event, line)
            made: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            self._put(made, line)
            if len(self._open) >= MAX_DEPTH:
                raise UsageError(f"Line {line} is nested deeper than {MAX_DEPTH} levels.")
            self._open.append((made, _NO_KEY))
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._open.pop()

    def _put(self, value: Any, line: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise UsageError(f"The file has more than {MAX_NODES} values; split it.")
        if not self._open:
            self.document = value
            return
        into, key = self._open[-1]
        if isinstance(into, list):
            into.append(value)
            if len(self._open) == 1 or (len(self._open) == 2 and isinstance(self._open[0][0], dict)):
                self.lines.append(line)
        elif key is _NO_KEY:
            if not isinstance(value, str):
                raise UsageError(f"Line {line} has a key that is no text: {shown(value)}.")
            if value in into:
                raise UsageError(f"Line {line}: {shown(value)} stands twice in one mapping.")
            self._open[-1] = (into, value)
        else:
            into[key] = value
            self._open[-1] = (into, _NO_KEY)

    def _tagged(self, event: Any, line: int) -> None:
        if event.tag not in (None, "!"):
            raise UsageError(f"Line {line} has a tag ({event.tag:.60}); write the value without one.")


_NO_KEY: Any = object()
