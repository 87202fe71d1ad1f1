"""Words of a line that is quoted as for a shell, as shlex of the standard library has them, for many thousands of lines."""

from __future__ import annotations

import re
import shlex

_WORD = re.compile(r"""(?:[^\s'"]+|'[^']*'|"[^"]*")+""")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")


def split(line: str, *, comments: bool = False) -> list[str]:
    """The words; "#" begins a comment where there are some. Raises ValueError for a quote without its end."""
    if "\\" in line or (comments and "#" in line) or not line.isascii():
        return shlex.split(line, comments=comments)
    if "'" not in line and '"' not in line:
        return line.split()
    words = []
    at = 0
    for found in _WORD.finditer(line):
        if line[at : found.start()].strip():
            break
        at = found.end()
        words.append(_QUOTED.sub(lambda one: one[1] if one[1] is not None else one[2], found[0]))
    if line[at:].strip():
        raise ValueError("No closing quotation")
    return words
