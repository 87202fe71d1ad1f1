"""What the command-line words of ssh(1) in an inventory say of the way to a host: `-J bastion -o Port=2222`.

The words are never handed to a program. Of those that are not used only the option's name is told, since its value may
hold a secret.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

MOST_CHARACTERS = 8_192
# ssh(1): the options that take a word.
_WITH_WORD = frozenset("BbcDEeFIiJLlmOopPQRSWw")


@dataclass(slots=True)
class SshWords:
    """What was found; empty where the words say nothing. `unused` are names of options, `problem` is set for no words."""

    jump: str = ""
    port: str = ""
    user: str = ""
    identity_files: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    problem: str = ""


def parse(text: str) -> SshWords:
    """The words of a shell-quoted text. The first of several values counts, as ssh has it."""
    found = SshWords()
    try:
        words = shlex.split(text) if len(text) <= MOST_CHARACTERS else []
    except ValueError:
        words = []
    if not words and text.strip():
        found.problem = "are no words for ssh"
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if not word.startswith("-") or len(word) < 2:
            found.unused.append("a word that is no option")
            continue
        # Several letters may share a dash; the first that takes a word takes what is left of it.
        for place, letter in enumerate(word[1:], 2):
            if letter not in _WITH_WORD:
                if letter not in "qvTxanNCk46":
                    found.unused.append(f"-{letter}" if letter.isalnum() else "a word that is no option")
                continue
            value = word[place:]
            if not value:
                value = words[at] if at < len(words) else ""
                at += 1
            _take(found, letter, value)
            break
    return found


def _take(found: SshWords, letter: str, value: str) -> None:
    name = {"J": "proxyjump", "p": "port", "l": "user", "i": "identityfile"}.get(letter, "")
    if letter == "o":
        option, sign, rest = value.partition("=")
        if not sign or " " in option.strip():
            option, _, rest = value.strip().partition(" ")
        name, value = option.strip().lower(), rest.strip()
    if name == "proxyjump":
        found.jump = found.jump or value
    elif name == "port":
        found.port = found.port or value
    elif name == "user":
        found.user = found.user or value
    elif name == "identityfile":
        found.identity_files.append(value.strip('"'))
    else:
        shown = name if letter == "o" and name.isalnum() and len(name) <= 40 else f"-{letter}"
        found.unused.append(shown)
