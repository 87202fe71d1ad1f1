"""Names of hosts in Ansible's inventories: web[01:20], db-[a:f], [1:9:2]x[1:3], host:port, [2001:db8::1]:22.

Source: https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html#adding-ranges-of-hosts
"""

from __future__ import annotations

import re
import string

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.inventory.listed import MOST_HOSTS

_RANGE = re.compile(r"\[([0-9]*|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?\]")
_BRACKETED = re.compile(r"\[([^\[\]]+)\]:([0-9]{1,5})\Z")
_PORT = re.compile(r"((?:[^:\[\]]|\[[^\[\]]*\])*):([0-9]{1,5})\Z")
_MOST_RANGES = 8


def expand(pattern: str) -> tuple[list[str], str]:
    """The names that a pattern stands for, and the port behind it (empty where there is none).

    Raises UsageError that names the pattern.
    """
    if len(pattern) > 512:
        raise UsageError(f"The host name {shown(pattern)} has {len(pattern)} characters; at most 512 are taken.")
    port = ""
    bracketed = _BRACKETED.match(pattern)
    if bracketed and not _RANGE.match(pattern):
        return [bracketed[1]], bracketed[2]
    with_port = _PORT.match(pattern)
    if with_port and with_port[1]:
        pattern, port = with_port[1], with_port[2]
    if "[" not in pattern:
        if pattern.endswith(":") and "::" not in pattern:
            raise UsageError(f"The host name {shown(pattern)} ends in a colon, behind which a port is expected.")
        return [pattern], port
    ranges = list(_RANGE.finditer(pattern))
    if not ranges or len(ranges) > _MOST_RANGES or "[" in _RANGE.sub("", pattern) or "]" in _RANGE.sub("", pattern):
        raise UsageError(f"{shown(pattern)} is no range of host names: write web[01:20] or db-[a:f].")
    names = [""]
    at = 0
    for one in ranges:
        members = _members(one, pattern)
        if len(names) * len(members) > MOST_HOSTS:
            raise UsageError(f"{shown(pattern)} stands for more than {MOST_HOSTS} hosts.")
        before = pattern[at : one.start()]
        names = [f"{name}{before}{member}" for name in names for member in members]
        at = one.end()
    return [f"{name}{pattern[at:]}" for name in names], port


def _members(found: re.Match[str], pattern: str) -> list[str]:
    begin, end, step = found[1] or "0", found[2], int(found[3] or 1)
    if len(begin) > 9 or len(end) > 9 or not step:
        raise UsageError(
            f"{shown(pattern)} is no range of host names: its numbers have 1 to 9 digits, its step is 1 or more."
        )
    if begin.isalpha() != end.isalpha():
        raise UsageError(f"{shown(pattern)} is no range of host names: it begins with a letter and ends with a number.")
    if begin.isalpha():
        letters = string.ascii_letters
        members = list(letters[letters.index(begin) : letters.index(end) + 1 : step])
    else:
        width = len(begin) if begin.startswith("0") and len(begin) > 1 else 0
        if width and width != len(end):
            raise UsageError(f"{shown(pattern)} is no range of host names: 01 and {end} differ in length.")
        numbers = range(int(begin), int(end) + 1, step)
        if len(numbers) > MOST_HOSTS:
            raise UsageError(f"{shown(pattern)} stands for {len(numbers)} hosts; at most {MOST_HOSTS} are taken.")
        members = [str(number).zfill(width) for number in numbers]
    if not members:
        raise UsageError(f"{shown(pattern)} is no range of host names: it ends before it begins.")
    return members
