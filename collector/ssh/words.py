"""Words of a POSIX shell (XCU 2.2): a text as itself, and a glob that matches at least what Python's would.

Patterns come from the configuration of hosts too, so nothing but the signs of a glob is ever left unquoted.
"""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9_/.,:=@%+-]+\Z")
_BRACKET = r"\[!?[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\]"
_SIGNS = re.compile(rf"({_BRACKET}|[*?])")


def quoted(text: str) -> str:
    """The text as one word."""
    return text if _PLAIN.match(text) else "'" + text.replace("'", "'\\''") + "'"


def glob(pattern: str) -> str:
    """A word that a shell expands to all that the pattern matches, and maybe more: a "?" or "[!x]" of ours is a character, one
    of a shell in the C locale a byte, and rare brackets differ. Who asks filters again."""
    return "/".join(map(_component, pattern.split("/")))


def _component(part: str) -> str:
    if "[" in re.sub(_BRACKET, "", part):
        return ".*" if part.startswith(".") else "*"
    signs = _SIGNS.split(part)
    return "".join(_sign(s) if n % 2 else quoted(s) if s else "" for n, s in enumerate(signs))


def _sign(sign: str) -> str:
    return "*" if sign == "?" or sign.startswith("[!") else sign
