"""Text from anywhere, made safe for a terminal: control and bidirectional characters are made visible."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

CELL = 60
"""Characters of a cell of a table, unless it is the last of its row."""


def visible(value: str, limit: int = 2000) -> str:
    """A text that is safe on a terminal, on one line: C0 and C1 controls, format characters (bidi overrides among them),
    separators of lines, lone surrogates and unassigned characters as <U+XXXX>. A longer text is cut, and the cut shown."""
    if len(value) > limit:
        value = value[: limit - 1] + "\u2026"
    if value.isascii() and value.isprintable():
        return value
    return "".join(c if printable(c) else f"<U+{ord(c):04X}>" for c in value)


def visible_json(text: str) -> str:
    """JSON text with the same meaning that is safe on a terminal: what is not printable stands as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c == "\n" or printable(c) else json.dumps(c)[1:-1] if ord(c) != 0x7F else "\\u007f" for c in text
    )


def shown(value: Any) -> str:
    """A value as people read it, safe on a terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(v) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{visible(str(k))} {shown(v)}" for k, v in value.items())
    return visible(str(value))


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], wide: bool = False) -> str:
    """An aligned table for terminals; empty where there is no row. `wide` cuts no cell."""
    texts = [[shown(cell) for cell in row] for row in rows]
    if not texts:
        return ""
    if not wide:
        texts = [[_cut(cell) if n < len(row) - 1 else cell for n, cell in enumerate(row)] for row in texts]
    lines = [list(heads), *texts]
    widths = [max(width(line[n]) for line in lines) for n in range(len(heads))]
    return "\n".join(
        "  ".join(cell + " " * (widths[n] - width(cell)) for n, cell in enumerate(line)).rstrip() for line in lines
    )


def width(text: str) -> int:
    """Columns that a printable text takes (Unicode Standard Annex 11; combining marks take none)."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def printable(char: str) -> bool:
    """True of a character that a terminal shows and does not act on."""
    return char.isprintable() and unicodedata.category(char) not in ("Cf", "Zl", "Zp", "Cs", "Co", "Cn")


def _cut(cell: str) -> str:
    if width(cell) <= CELL:
        return cell
    kept: list[str] = []
    left = CELL - 1
    for char in cell:
        left -= width(char)
        if left < 0:
            break
        kept.append(char)
    return "".join(kept) + "\u2026"
