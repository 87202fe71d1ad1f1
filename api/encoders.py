"""One encoder per output, since strings from hosts and devices are hostile (architecture.md section 5).

Terminal: control and bidirectional characters are made visible (agent/visible.py, which the agent has too). CSV: a cell that a
spreadsheet would take for a formula is quoted. Markdown and DOT: what has a meaning there is escaped. HTML is the template
engine's. Runs on Python 3.9.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from agent.visible import printable
from agent.visible import shown as shown
from agent.visible import table as table
from agent.visible import visible as visible
from agent.visible import visible_json as visible_json
from agent.visible import width as width

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection)."""


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
    text = "".join(c if printable(c) or c in "\n\t" else f"<U+{ord(c):04X}>" for c in text.replace("\r\n", "\n"))
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


def _plain(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
