"""Rules of the kernel's packet filter as its tools print them.

Sources: `nft -s list ruleset`, nft(8), whose -s leaves out what rules count; `iptables-save`, iptables-save(8), whose counters
stand in brackets. Pure: text in, chains and sets out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from agent.fact import ParseError
from cmdb.model.dataclass import dataclass

_TABLE = re.compile(r"table (?:(\w+) )?(\S+) \{(?: #.*)?\Z")
_BLOCK = re.compile(
    r"(chain|set|map|flowtable|counter|quota|limit|ct \w+|synproxy|secmark|tunnel)(?: (\S+))? \{(?: #.*)?\Z"
)
_BASE = re.compile(r"(type \S+ hook .*?);(?: policy (\w+);)?\Z")
_CHAIN = re.compile(r":(\S+) (\S+)(?: \[\d+:\d+\])?\Z")
_COUNTERS = re.compile(r"\A\[\d+:\d+\] ")


@dataclass
class Chain:
    """A chain with its rules in their order; `hook` is empty where only other chains lead to it."""

    family: str
    table: str
    name: str
    hook: str = ""
    policy: str = ""
    rules: list[str] = field(default_factory=list)


@dataclass
class Set:
    """A named set or map."""

    family: str
    table: str
    name: str
    type: str = ""
    flags: str = ""
    elements: list[str] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """True where packets fill it, or members end by themselves."""
        return "dynamic" in self.flags or "timeout" in self.flags


@dataclass
class Ruleset:
    """All chains and sets, in the order of the text."""

    chains: list[Chain] = field(default_factory=list)
    sets: list[Set] = field(default_factory=list)


def parse_nft(text: str) -> Ruleset:
    """The ruleset from what nft prints.

    Raises ParseError, quoting the line, at what stands outside of a table or where the text ends within one.
    """
    found = Ruleset()
    family = table = ""
    lines = iter(text.splitlines())
    for raw in lines:
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        head = _TABLE.match(line)
        if not table:
            if head is None:
                raise ParseError(f"nft list ruleset: not understood: {line[:200]!r}")
            family, table = head[1] or "ip", head[2]
        elif line == "}":
            table = ""
        else:
            block = _BLOCK.match(line)
            if block is None:
                continue  # a table's flags or comment
            inside = list(_inside(lines))
            if block[1] == "chain":
                found.chains.append(_chain(Chain(family, table, block[2] or ""), inside))
            elif block[1] in ("set", "map"):
                found.sets.append(_set(Set(family, table, block[2] or ""), inside))
    if table:
        raise ParseError(f"nft list ruleset: ends within table {table[:100]!r}")
    return found


def parse_save(text: str, family: str) -> list[Chain]:
    """Chains from what iptables-save prints for a family (ip, ip6).

    Raises ParseError, quoting the line, where one is of another kind or a table is not closed.
    """
    chains: dict[str, Chain] = {}
    table = ""
    found: list[Chain] = []
    for raw in text.splitlines():
        line = _COUNTERS.sub("", raw.strip())
        if not line or line.startswith("#"):
            continue
        declared = _CHAIN.match(line)
        if line.startswith("*") and not table:
            table, chains = line[1:], {}
        elif line == "COMMIT" and table:
            found += chains.values()
            table = ""
        elif declared and table:
            base = declared[2] != "-"
            chains[declared[1]] = Chain(
                family, table, declared[1], declared[1].lower() if base else "", declared[2].lower() if base else ""
            )
        elif table and line.startswith("-A ") and line.split(" ")[1] in chains:
            _, name, rule = [*line.split(" ", 2), ""][:3]
            chains[name].rules.append(rule)
        else:
            raise ParseError(f"iptables-save: not understood: {line[:200]!r}")
    if table:
        raise ParseError(f"iptables-save: ends within table {table[:100]!r}")
    return found


def _inside(lines: Iterator[str]) -> Iterator[str]:
    for raw in lines:
        line = raw.strip()
        if line == "}":
            return
        if line:
            yield line
    raise ParseError("nft list ruleset: ends within a chain or set")


def _chain(chain: Chain, lines: list[str]) -> Chain:
    for line in lines:
        base = _BASE.match(line)
        if base and not chain.rules:
            chain.hook, chain.policy = base[1].replace("type ", "", 1), base[2] or "accept"
        elif not (line.startswith("comment ") and not chain.rules):
            chain.rules.append(line)
    return chain


def _set(found: Set, lines: list[str]) -> Set:
    text = " ".join(lines)
    kind = re.search(
        r"(?:\A| )(?:type|typeof) (.+?)(?= (?:flags|size|timeout|gc-interval|policy|counter|elements|comment|auto-merge)\b|\Z)",
        text,
    )
    flags = re.search(r"(?:\A| )flags (\S+)", text)
    elements = re.search(r"(?:\A| )elements = \{ (.*) \}\Z", text)
    found.type, found.flags = kind[1].strip() if kind else "", flags[1] if flags else ""
    # A comma within a comment of a member is none between members.
    members = re.findall(r"(?:\"[^\"]*\"|[^,\"])+", elements[1]) if elements else []
    found.elements = sorted({member.strip() for member in members} - {""})
    return found
