"""One encoder per output, since strings from hosts and devices are hostile (architecture.md section 5).

Terminal: control and bidirectional characters are made visible. CSV: a cell that a spreadsheet would take for a formula is
quoted. Markdown and DOT: what has a meaning there is escaped. HTML is the template engine's. Runs on Python 3.9.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

CELL = 60
"""Characters of a cell of a table, unless it is the last of its row."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection)."""


def visible(value: str, limit: int = 2000) -> str:
    """A text that is safe on a terminal, on one line: C0 and C1 controls, format characters (bidi overrides among them),
    separators of lines, lone surrogates and unassigned characters as <U+XXXX>. A longer text is cut, and the cut shown."""
    if len(value) > limit:
        value = value[: limit - 1] + "\u2026"
    if value.isascii() and value.isprintable():
        return value
    return "".join(c if _printable(c) else f"<U+{ord(c):04X}>" for c in value)


def visible_json(text: str) -> str:
    """JSON text with the same meaning that is safe on a terminal: what is not printable stands as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c == "\n" or _printable(c) else json.dumps(c)[1:-1] if ord(c) != 0x7F else "\\u007f" for c in text
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


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV (RFC 4180); lists are joined by "; "."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(heads)
    writer.writerows([[csv_cell(cell) for cell in row] for row in rows])
    return out.getvalue()


def csv_cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula, without characters that no text file should hold."""
    text = "; ".join(map(_plain, value)) if isinstance(value, (list, tuple)) else _plain(value)
    text = "".join(c if _printable(c) or c in "\n\t" else f"<U+{ord(c):04X}>" for c in text.replace("\r\n", "\n"))
    number = isinstance(value, int) and not isinstance(value, bool)
    return "'" + text if text.startswith(FORMULA) and not number else text


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in GitHub Flavored Markdown."""
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(markdown(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def markdown(value: Any) -> str:
    """Text without any meaning in Markdown (CommonMark 2.4: ASCII punctuation may be escaped), HTML in it as entities."""
    text = shown(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_{}\[\]()#+!|~-])", r"\\\1", text)
    # Bare addresses become links without any punctuation that could be escaped.
    return re.sub(r"(?i)(https?|ftp|mailto|xmpp)(:)|(www)(\.)", r"\1\3\\\2\4", text)


def dot(value: Any) -> str:
    """A quoted id of the DOT language; a backslash keeps no meaning of its own (graphviz, escString)."""
    return '"' + shown(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _printable(char: str) -> bool:
    return char.isprintable() and unicodedata.category(char) not in ("Cf", "Zl", "Zp", "Cs", "Co", "Cn")


def _plain(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


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
