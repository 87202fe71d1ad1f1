"""Elements of Junos in JSON: every element is a list, its text stands as {"data": ...}; see junos.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.cli.answers import objects, within


def rows(document: Any, key: str) -> list[dict[str, Any]]:
    """Elements of a name, wherever they stand."""
    return [row for found in within(document, key) for row in objects(found)]


def texts(row: Any, key: str) -> list[str]:
    """Texts of an element of a row: [{"data": "text"}], or a text alone as other versions write it."""
    found = row.get(key) if isinstance(row, dict) else None
    members = found if isinstance(found, list) else [found]
    told = [member.get("data") if isinstance(member, dict) else member for member in members]
    return [text.strip() for text in told if isinstance(text, str) and text.strip()]


def text(row: Any, key: str) -> str:
    """Its first text, empty where there is none."""
    return next(iter(texts(row, key)), "")


def first(row: Mapping[str, Any], *keys: str) -> str:
    """The text of the first of several elements that has one."""
    return next((found for found in (text(row, key) for key in keys) if found), "")


def anywhere(document: Any, key: str) -> str:
    """The first text of an element, wherever it stands."""
    return next((told for each in within(document, key) for told in texts({"it": each}, "it")), "")
