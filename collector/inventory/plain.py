"""A plain list: one expression of targets a line, "#" begins a comment, "!" leaves out."""

from __future__ import annotations

from cmdb.model.errors import UsageError
from collector.inventory.listed import MOST_HOSTS, Inventory, Listed
from collector.targets import Expression, parse


def parse_list(text: str, name: str) -> Inventory:
    """The hosts and exclusions of a list; `name` is the file's. Raises UsageError that names file and line."""
    hosts: list[Listed] = []
    exclusions: list[Expression] = []
    for number, line in enumerate(text.split("\n"), 1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        try:
            found = parse(word)
        except UsageError as error:
            raise UsageError(f"{name} line {number}: {error}") from None
        if found.excludes:
            exclusions.append(found)
        else:
            shown = found.name if found.span is None else str(found.span)
            hosts.append(Listed(shown, found, f"{name} line {number}", found.port, found.user))
        if len(hosts) + len(exclusions) > MOST_HOSTS:
            raise UsageError(f"{name} has more than {MOST_HOSTS} targets; write ranges, or split it.")
    return Inventory(tuple(hosts), tuple(exclusions))
