"""Values an attribute may have, and their canonical text.

An attribute is str, bool, int within +-(2^53-1), or a sorted list of distinct str or of distinct int. There is no null,
float or map, strings are NFC, without lone surrogates and at most 4 KiB of UTF-8, so that the text made here is canonical
JSON as RFC 8785 has it and both stores hold every value natively.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, Union

Value = Union[str, bool, int, list[str], list[int]]
Attributes = Mapping[str, Value]

MAX_INT = 2**53 - 1
MAX_STRING_BYTES = 4096
MAX_LIST = 10_000
MAX_INDEXED_BYTES = 2000
_SURROGATE = re.compile("[\ud800-\udfff]")
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")

_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
# JSONEncoder.encode makes this anew at every call, which costs as much as encoding an item. CPython has it, others may not.
_make_encoder: Optional[Callable[..., Callable[[Any, int], Iterable[str]]]] = getattr(
    json.encoder, "c_make_encoder", None
)
_encode = _make_encoder and _make_encoder(
    None, _encoder.default, json.encoder.encode_basestring, None, ":", ",", True, False, False
)


def canonical(value: Any) -> str:
    """Canonical JSON (RFC 8785) of a value that is made of str, bool, int, list and dict with ASCII names.

    Raises ValueError for a float that is no number, RecursionError where it is nested too deep.
    """
    return "".join(_encode(value, 0)) if _encode else _encoder.encode(value)


def digest(text: Union[str, bytes]) -> str:
    """SHA-256 of the text's UTF-8 as 64 hex digits."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def problem(value: Any, type_name: str) -> str:
    """Why `value` is not a valid value of the declared type, or an empty string where it is one."""
    if type_name == "str":
        return _string_problem(value)
    if type_name == "int":
        return _int_problem(value)
    if type_name == "bool":
        return "" if value is True or value is False else f"expected a boolean, found {_kind(value)}"
    if not isinstance(value, list):
        return f"expected a list, found {_kind(value)}"
    if len(value) > MAX_LIST:
        return f"a list of {len(value)} members; at most {MAX_LIST} are kept"
    check = _string_problem if type_name == "list[str]" else _int_problem
    for member in value:
        why = check(member)
        if why:
            return why
    if any(not a < b for a, b in zip(value, value[1:])):
        return "a list must be sorted (by code point, or by number) and its members distinct"
    return ""


def text(value: str, limit: int = MAX_STRING_BYTES) -> str:
    """`value` as a valid string: NFC, lone surrogates shown as U+FFFD, NUL left as U+2400, cut at `limit` bytes of UTF-8.

    A cut is visible: the text then ends with an ellipsis and the first 16 hex digits of the whole text's SHA-256, so that
    two long values that differ only behind the cut stay different.
    """
    if value.isascii() and len(value) <= limit and "\0" not in value:
        return value
    clean = unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", value))
    clean = clean.replace("\0", "\u2400")
    raw = clean.encode()
    if len(raw) <= limit:
        return clean
    return raw[: limit - 24].decode("utf-8", "ignore") + "\u2026" + hashlib.sha256(raw).hexdigest()[:16]


def bounded(value: str) -> str:
    """A text that an index can hold: at most 2,000 bytes of UTF-8, a longer one its first 1,900 bytes and its SHA-256."""
    if len(value) <= MAX_INDEXED_BYTES and value.isascii():
        return value
    raw = value.encode()
    if len(raw) <= MAX_INDEXED_BYTES:
        return value
    return raw[: MAX_INDEXED_BYTES - 100].decode("utf-8", "ignore") + hashlib.sha256(raw).hexdigest()


def texts(values: Iterable[str]) -> list[str]:
    """A valid list of strings: each made valid, distinct and sorted by code point."""
    return sorted({text(v) for v in values})


def _string_problem(value: Any) -> str:
    if not isinstance(value, str):
        return f"expected a string, found {_kind(value)}"
    if value.isascii():
        if len(value) <= MAX_STRING_BYTES and "\0" not in value:
            return ""
    else:
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            return "a lone surrogate, which no UTF-8 text can hold"
        if size <= MAX_STRING_BYTES and "\0" not in value:
            return "" if unicodedata.is_normalized("NFC", value) else "the string is not in Unicode normal form C"
    return "a NUL character" if "\0" in value else f"a string of more than {MAX_STRING_BYTES} bytes"


def _int_problem(value: Any) -> str:
    if type(value) is not int:
        return f"expected an integer, found {_kind(value)}"
    return "" if -MAX_INT <= value <= MAX_INT else "an integer beyond +-(2^53-1); send it as a string"


def _kind(value: Any) -> str:
    names: dict[type, str] = {str: "a string", bool: "a boolean", int: "an integer", float: "a float", list: "a list"}
    return "null" if value is None else names.get(type(value), "an object")
