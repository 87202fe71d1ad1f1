"""YAML as data alone (https://yaml.org/spec/1.1/): built from the parser's events, so that nothing of a file is ever constructed.

Every plain value is text, but for null: "no", 1_000 and 2026-01-01 stay what was written. Nesting and the number of
values are bounded, counted as if each alias were written out. Where `read` is not told otherwise, aliases and tags are
refused and no key may stand twice in a mapping.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError

MAX_DEPTH = 6
MAX_NODES = 2_000_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Tagged:
    """Stands for a value with a tag, which is not looked at; `tag` is as written ("!vault"), `line` where it stands."""

    tag: str
    line: int


def read(text: str, *, depth: int = MAX_DEPTH, lenient: bool = False) -> tuple[Any, list[int]]:
    """The one document of a text, and the lines on which the members of its outermost list begin.

    `lenient` takes what files of other programs have: aliases and merge keys ("<<"), a key that stands twice (its last
    value counts, as nearly every reader has it), and tagged values, which become `Tagged`. What an alias stands for is
    the same object again, so a reader of the document must not change it.
    Raises UsageError that names the line.
    """
    maker = _Maker(depth, lenient)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            maker.take(event)
    except UnicodeEncodeError as error:
        raise UsageError(f"The file holds {shown(text[error.start])}, half of a character.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1}" if mark is not None else "The file"
        raise UsageError(f"{where} is no YAML: {shown(getattr(error, 'problem', None) or str(error))}.") from None
    return maker.document, maker.lines


@dataclass(slots=True)
class _Open:
    """A collection that is not closed: the key that waits for its value, the values in it, how deep it goes.

    `merged` is what its merge key gives, over which its own members win.
    """

    made: Any
    anchor: str | None
    tagged: bool
    key: Any
    nodes: int
    deepest: int = 0
    merged: Any = None


class _Maker:
    """Puts values together, event by event, without recursion."""

    def __init__(self, depth: int, lenient: bool) -> None:
        self.document: Any = None
        self.lines: list[int] = []
        self._depth, self._lenient = depth, lenient
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        """What each closed anchor stands for, with its number of values and levels."""
        self._documents = 0
        self._nodes = 0

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise UsageError(f"Line {line} begins a second document; one is taken.")
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event, line)
        elif isinstance(event, yaml.ScalarEvent):
            plain = event.style in (None, "") and event.value in _NULL
            value = Tagged(event.tag or "", line) if self._tagged(event, line) else None if plain else event.value
            self._put(value, line)
            if event.anchor:
                self._anchors[event.anchor] = (value, 1, 0)
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._begin(event, line)
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._end(line)

    def _begin(self, event: Any, line: int) -> None:
        if len(self._open) >= self._depth:
            raise UsageError(f"Line {line} is nested deeper than {self._depth} levels.")
        tagged = self._tagged(event, line)
        made: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self._put(Tagged(event.tag, line) if tagged else made, line)
        self._open.append(_Open(made, event.anchor, tagged, _NO_KEY, self._nodes - 1))

    def _end(self, line: int) -> None:
        closed = self._open.pop()
        if closed.merged is not None:
            own = dict(closed.made)
            closed.made.clear()
            closed.made.update(_merged(closed.merged, line))
            closed.made.update(own)
        if self._open:
            self._open[-1].deepest = max(self._open[-1].deepest, closed.deepest + 1)
        if closed.anchor and not closed.tagged:
            self._anchors[closed.anchor] = (closed.made, self._nodes - closed.nodes, closed.deepest + 1)

    def _alias(self, event: Any, line: int) -> None:
        if not self._lenient:
            raise UsageError(f"Line {line} has an alias (*{event.anchor:.40}); write the value out, none are taken.")
        if event.anchor not in self._anchors:
            raise UsageError(
                f"Line {line} has an alias (*{event.anchor:.40}) of what is not there, or holds the alias."
            )
        value, nodes, levels = self._anchors[event.anchor]
        if len(self._open) + levels > self._depth:
            raise UsageError(f"Line {line} is nested deeper than {self._depth} levels, by an alias.")
        self._put(value, line, nodes)
        if self._open:
            self._open[-1].deepest = max(self._open[-1].deepest, levels)

    def _put(self, value: Any, line: int, nodes: int = 1) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise UsageError(f"The file has more than {MAX_NODES} values; split it.")
        if not self._open:
            self.document = value
            return
        into = self._open[-1]
        if isinstance(into.made, list):
            into.made.append(value)
            if len(self._open) == 1 or (len(self._open) == 2 and isinstance(self._open[0].made, dict)):
                self.lines.append(line)
        elif into.key is _NO_KEY:
            if not isinstance(value, str):
                raise UsageError(f"Line {line} has a key that is no text: {shown(value)}.")
            if value in into.made and not self._lenient:
                raise UsageError(f"Line {line}: {shown(value)} stands twice in one mapping.")
            into.key = value
        else:
            if into.key == "<<" and self._lenient:
                into.merged = value
            else:
                into.made[into.key] = value
            into.key = _NO_KEY

    def _tagged(self, event: Any, line: int) -> bool:
        if event.tag in (None, "!"):
            return False
        if not self._lenient:
            raise UsageError(f"Line {line} has a tag ({event.tag:.60}); write the value without one.")
        return True


def _merged(value: Any, line: int) -> dict[str, Any]:
    """The members that a merge key gives (https://yaml.org/type/merge.html): of several mappings the first wins."""
    found: dict[str, Any] = {}
    for member in reversed(value if isinstance(value, list) else [value]):
        if not isinstance(member, dict):
            raise UsageError(f"The mapping that ends in line {line} merges {shown(member)}, which is no mapping.")
        found.update(member)
    return found


_NO_KEY: Any = object()
