"""The hosts on the way to another, as ProxyJump of ssh_config(5) writes them: [user@]host[:port], ssh://..., with commas."""

from __future__ import annotations

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.targets import Expression, parse

MOST_HOPS = 8


def words_of(text: str) -> list[str]:
    """The hops of a text in the order of the way; none for "none". Raises UsageError for what is no hop."""
    if text.strip().lower() == "none":
        return []
    words = [word.strip() for word in text.split(",")]
    if len(words) > MOST_HOPS:
        raise UsageError(f"{shown(text)} has {len(words)} jump hosts; at most {MOST_HOPS} are taken.")
    for word in words:
        hop(word)
    return words


def hop(word: str) -> Expression:
    """One hop: one host, by name or address. Raises UsageError."""
    plain = word.strip()
    if plain.lower().startswith("ssh://"):
        plain = plain[6:].rstrip("/")
    found = parse(plain)
    if found.excludes or found.count != 1:
        raise UsageError(f"{shown(word)} is no jump host: write [user@]host[:port].")
    return found
