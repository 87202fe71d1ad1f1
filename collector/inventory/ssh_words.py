"""What the command-line words of ssh(1) in an inventory say of the way to a host: `-J bastion -o Port=2222`.

The words are never handed to a program. Of those that are not used only the option's name is told, since its value may
hold a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from collector.inventory.shell_words import split

MOST_CHARACTERS = 8_192
# ssh(1): the options that take a word.
_WITH_WORD = frozenset("BbcDEeFIiJLlmOopPQRSWw")


@dataclass(frozen=True, slots=True)
class SshWords:
    """What was found; empty where the words say nothing. `unused` are names of options, `problem` is set for no words."""

    jump: str = ""
    port: str = ""
    user: str = ""
    identity_files: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    problem: str = ""


@lru_cache(maxsize=4_096)
def parse(text: str) -> SshWords:
    """The words of a shell-quoted text. The first of several values counts, as ssh has it."""
    try:
        words = split(text) if len(text) <= MOST_CHARACTERS else []
    except ValueError:
        words = []
    if not words and text.strip():
        return SshWords(problem="are no words for ssh")
    said: dict[str, list[str]] = {"proxyjump": [], "port": [], "user": [], "identityfile": []}
    unused: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if not word.startswith("-") or len(word) < 2:
            unused.append("a word that is no option")
            continue
        # Several letters may share a dash; the first that takes a word takes what is left of it.
        for place, letter in enumerate(word[1:], 2):
            if letter not in _WITH_WORD:
                if letter not in "qvTxanNCk46":
                    unused.append(f"-{letter}" if letter.isalnum() else "a word that is no option")
                continue
            value = word[place:]
            if not value:
                value = words[at] if at < len(words) else ""
                at += 1
            _take(said, unused, letter, value)
            break
    return SshWords(
        next(iter(said["proxyjump"]), ""),
        next(iter(said["port"]), ""),
        next(iter(said["user"]), ""),
        tuple(said["identityfile"]),
        tuple(unused),
    )


def _take(said: dict[str, list[str]], unused: list[str], letter: str, value: str) -> None:
    name = {"J": "proxyjump", "p": "port", "l": "user", "i": "identityfile"}.get(letter, "")
    if letter == "o":
        option, sign, rest = value.partition("=")
        if not sign or " " in option.strip():
            option, _, rest = value.strip().partition(" ")
        name, value = option.strip().lower(), rest.strip()
    if name in said:
        said[name].append(value.strip('"'))
    else:
        unused.append(name if letter == "o" and name.isalnum() and len(name) <= 40 else f"-{letter}")
