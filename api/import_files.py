"""Rows of a file that people keep: CSV (RFC 4180), JSON (a list of objects) or YAML (the same), bounded in size, rows and depth.

The text is UTF-8, with or without a byte order mark. A CSV's first row names its columns; it may be separated by comma,
semicolon or tab. A cell that begins like a formula is text like any other.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from cmdb.importing import MAX_ROWS, Row
from cmdb.model.checked import shown
from cmdb.model.errors import UsageError

FORMATS = ("csv", "json", "yaml")
MAX_BYTES = 16 * 1024 * 1024
MAX_COLUMNS = 200


def format_of(name: str, wanted: str | None = None) -> str:
    """The format of a file by its name, unless one is named. Raises UsageError where neither tells."""
    ending = name.rpartition(".")[2].lower()
    found = wanted or {"yml": "yaml"}.get(ending, ending)
    if found not in FORMATS:
        raise UsageError(f"What format has {name!r:.200}? Say it: --format {'|'.join(FORMATS)}.")
    return found


def mapping(written: Sequence[str]) -> dict[str, str]:
    """COLUMN=NAME as names by column; an empty name leaves the column out."""
    found: dict[str, str] = {}
    for word in written:
        column, sign, name = word.rpartition("=")
        if not sign or not column or column in found:
            raise UsageError(f"{word!r:.200} is no COLUMN=NAME, as in 'Cost Center=cost_center', once a column.")
        found[column] = name
    return found


def rows_of(data: bytes, format_name: str) -> list[Row]:
    """The rows of a file. Raises UsageError that names the place of what can not be read."""
    if len(data) > MAX_BYTES:
        raise UsageError(f"The file has {len(data)} bytes; an import takes at most {MAX_BYTES}: split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"The file is not UTF-8 (byte {error.start}); save it as UTF-8, as in `iconv -f latin1 -t utf-8`."
        ) from None
    if "\0" in text:
        raise UsageError("The file holds a NUL character, so it is UTF-16 or no text; save it as UTF-8.")
    found = _READERS[format_name](text)
    if not found:
        raise UsageError("The file has no rows.")
    return found


def _csv(text: str) -> list[Row]:
    head = text.lstrip().partition("\n")[0]
    between = max(",;\t", key=head.count) if head else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    rows: list[Row] = []
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"line {reader.line_num}"
            if columns is None:
                columns = [cell.strip() for cell in cells]
                _columns(columns)
                continue
            if len(cells) != len(columns):
                rows.append(
                    Row(place, {}, f"it has {len(cells)} cells, and the first row names {len(columns)} columns")
                )
            else:
                rows.append(Row(place, dict(zip(columns, cells, strict=True))))
            if len(rows) > MAX_ROWS:
                raise UsageError(f"The file has more than {MAX_ROWS} rows; split it.")
    except csv.Error as error:
        raise UsageError(f"Line {reader.line_num} is no CSV: {error}.") from None
    return rows


def _json(text: str) -> list[Row]:
    try:
        found = json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise UsageError("The file is nested too deep.") from None
    except ValueError as error:
        raise UsageError(f"The file is no JSON: {error}.") from None
    return listed(found, lambda number: f"item {number + 1}")


def _yaml(text: str) -> list[Row]:
    from collector.yaml_text import read

    found, lines = read(text)
    return listed(found, lambda number: f"line {lines[number]}" if number < len(lines) else f"item {number + 1}")


def listed(found: Any, place: Callable[[int], str]) -> list[Row]:
    """The rows of a decoded document: a list of objects, or an object that has one under "items"."""
    rows = found.get("items") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise UsageError(f"The file is no list of objects, but {shown(found)}.")
    if len(rows) > MAX_ROWS:
        raise UsageError(f"The file has {len(rows)} rows; an import takes at most {MAX_ROWS}: split it.")
    made = []
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            made.append(Row(place(number), {}, f"it is no object, but {shown(row)}"))
        else:
            _columns(list(row))
            made.append(Row(place(number), row))
    return made


def _columns(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1}) if len(names) <= MAX_COLUMNS else []
    if len(names) > MAX_COLUMNS or twice or any(len(name) > 128 for name in names):
        why = f"{shown(twice[0])} stands twice" if twice else f"at most {MAX_COLUMNS} of up to 128 characters are taken"
        raise UsageError(f"The columns can not be read: {why}.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"{shown(twice)} stands twice in one object")
    return found


_READERS: dict[str, Callable[[str], list[Row]]] = {"csv": _csv, "json": _json, "yaml": _yaml}
