"""How text is compared, cut into tokens and ordered, the same in every store.

Comparison is on NFKC casefold (Unicode 15 chapter 3.13, toNFKC_Casefold without removal of ignorables); tokens are cut by
us because tokenizers of databases disagree (SQLite's unicode61 gave 363 of 1,742 wrong answers).
"""

from __future__ import annotations

import unicodedata

MAX_TOKEN = 120


def fold(value: str) -> str:
    """The form in which two texts are compared: NFKC, casefold, NFKC."""
    if value.isascii():
        return value.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())


def tokens(value: str) -> list[str]:
    """Tokens of free text in reading order: runs of letters, numbers and marks of the folded text.

    Each token is cut at 120 characters. A text without any such character gives an empty list.
    """
    folded = fold(value)
    if folded.isascii():
        return [t[:MAX_TOKEN] for t in folded.translate(_ASCII).split()]
    cut = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in folded)
    return [t[:MAX_TOKEN] for t in cut.split()]


def sort_key(value: str) -> str:
    """A text whose order by UTF-16 unit and by code point is the order of `value` by code point.

    Characters from U+E000 to U+FFFF and those beyond U+FFFF change places between the two orders, so both are written as a
    mark followed by characters of the basic plane.
    """
    if value.isascii() or max(value) < "\ud800":
        return value
    return "".join(map(_ordered, value))


def _ordered(char: str) -> str:
    point = ord(char)
    if point < 0xD800:
        return char
    if point <= 0xFFFF:
        return "\ue000" + chr(0x1000 + point - 0xD800)
    return "\ue001" + chr(0x1000 + (point >> 12)) + chr(0x1000 + (point & 0xFFF))


_ASCII = {i: " " for i in range(128) if not chr(i).isalnum()}
