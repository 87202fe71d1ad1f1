"""Files of names, a line each, with fields between colons: passwd(5), group(5)."""

from __future__ import annotations

from collections.abc import Sequence

from agent.fact import ParseError


def rows(text: str, path: str, width: int, numbers: Sequence[int]) -> list[list[str]]:
    """The fields of each line, in the order of the file; of two lines with one name the first counts, as it does for
    getpwnam(3) and getgrnam(3).

    Lines of NIS (+ and -) and comments are left out. Raises ParseError, which names `path`, at a line that has not `width`
    fields, or no name, or no number in a field of `numbers`, and where there is no line at all. It does not quote the
    second field, in which old systems keep a hash.
    """
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.strip() or line[0] in "#+-":
            continue
        fields = line.split(":")
        if len(fields) != width or not fields[0] or not all(fields[n].isdecimal() for n in numbers):
            shown = ":".join(f if n != 1 else "…" for n, f in enumerate(fields))
            raise ParseError(f"{path}: not understood: {shown[:200]!r}")
        found.setdefault(fields[0], fields)
    if not found:
        raise ParseError(f"{path}: it names nobody")
    return list(found.values())
