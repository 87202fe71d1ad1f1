"""How command lines say that they know no such command, or that it may not be used."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNKNOWN = re.compile(
    r"""
      %\ ?(Invalid|Incomplete|Ambiguous|Unknown)\b.*             # NX-OS, EOS
    | %\ ?Unavailable\ command\b.*\bnot\ supported\b.*           # EOS: not by this hardware
    | Syntax\ error\ while\ parsing.*                            # NX-OS
    | (syntax\ error|unknown\ command|error:\ (syntax|command\ is\ not)).*    # Junos
    | (-?\w*sh:\ )?\S*:?\ ?(line\ \d+:\ )?\S+:\ (command\ )?not\ found.*   # shells
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DENIED = re.compile(
    r"(% ?(Permission|Authorization|Unavailable)\b|Cmd exec error|(error: )?(permission|authorization) denied).*",
    re.IGNORECASE,
)
_FEATURE = re.compile(r"\bfeature ", re.IGNORECASE)
_OFF = re.compile(r"\bnot enabled", re.IGNORECASE)
_MOST_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """`line` is what was said. `unknown` is true where the device has no such command or not the feature; where it is false the
    device has it and does not tell, now or to this account."""

    line: str
    unknown: bool


def refusal(output: str) -> Refusal | None:
    """How the output refuses, None where it is an answer."""
    text = output[:_MOST_LOOKED_AT].strip()
    if text[:1] in ("{", "["):
        return None
    lines = [line.strip().removeprefix("^").strip() for line in text.splitlines()]
    for line in [line for line in lines if line][:4]:
        if _UNKNOWN.fullmatch(line) or _is_off(line):
            return Refusal(line[:200], unknown=True)
        if _DENIED.fullmatch(line):
            return Refusal(line[:200], unknown=False)
    return None


def _is_off(line: str) -> bool:
    """NX-OS: a feature that is not enabled."""
    feature = _FEATURE.search(line)
    return feature is not None and _OFF.search(line, feature.end()) is not None
