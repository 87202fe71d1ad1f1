"""How command lines say that they know no such command, or that it may not be used."""

from __future__ import annotations

import re

_REFUSALS = re.compile(
    r"""\s*(?:\^\s*)?(
        %\ ?(Invalid|Incomplete|Ambiguous|Unknown|Permission|Authorization|Unavailable)\b.*   # NX-OS, EOS
      | Syntax\ error\ while\ parsing.* | Cmd\ exec\ error.* | .*\bfeature\ .*\bnot\ enabled.*  # NX-OS
      | (syntax\ error|unknown\ command|error:\ (syntax|command\ is\ not)|permission\ denied).* # Junos
      | (-?\w*sh:\ )?\S*:?\ ?(line\ \d+:\ )?\S+:\ (command\ )?not\ found.*                      # shells
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_MOST_LOOKED_AT = 2_000


def refusal(output: str) -> str:
    """The line that refuses, empty where the output is an answer."""
    text = output[:_MOST_LOOKED_AT].strip()
    if text[:1] in ("{", "["):
        return ""
    lines = [line for line in text.splitlines() if line.strip() and line.strip() != "^"]
    for line in lines[:4]:
        if _REFUSALS.fullmatch(line):
            return line.strip()[:200]
    return ""
