"""Ansible's inventory as INI: hosts with variables, [group], [group:children], [group:vars].

Source: https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ini_inventory.html. A value on a host's line
is quoted as for a shell, and both there and under :vars quotes around a whole value, and a comment behind a quoted
value or a number, are no part of it.
"""

from __future__ import annotations

import re

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.inventory.groups import ALL, UNGROUPED, Groups, Written
from collector.inventory.host_patterns import expand
from collector.inventory.reach import READ
from collector.inventory.shell_words import split

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?\Z")
_GROUP = re.compile(r"([^:\]\s]+)\s*(?:#.*)?\Z")
_LITERAL = re.compile(r"""(?:'([^'\\]*)'|"([^"\\]*)"|([+-]?[0-9]+))\s*(?:\#.*)?\Z""")
_KINDS = ("hosts", "children", "vars")


def parse(text: str, name: str) -> Groups:
    """The hosts and groups of an inventory; `name` is the file's, for messages. Only variables that READ has are kept.

    Raises UsageError that names file and line.
    """
    groups = Groups()
    section, kind = UNGROUPED, "hosts"
    declared = {ALL, UNGROUPED}
    wanted: dict[str, tuple[str, str]] = {}
    """Groups that are used before they are declared: file and line, and what uses them."""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        where = f"{name} line {number}"
        head = _SECTION.match(line)
        if head:
            section, kind = head[1], head[2] or "hosts"
            if kind not in _KINDS:
                raise UsageError(f"{where}: section [{section}:{shown(kind)}] is none of {', '.join(_KINDS)}.")
            groups.add_group(section)
            if kind == "vars":
                wanted.setdefault(section, (where, f"[{section}:vars]"))
            else:
                declared.add(section)
        elif line.startswith("[") and line.endswith("]") and ":" not in line.partition("]")[0]:
            raise UsageError(f"{where}: {shown(line)} is no section: write [group], [group:children] or [group:vars].")
        elif kind == "hosts":
            _host(groups, line, section, where)
        elif kind == "vars":
            key, sign, value = line.partition("=")
            if not sign:
                raise UsageError(f"{where}: expected NAME=VALUE under [{section}:vars], found a line without =.")
            if key.strip() in READ:
                groups.set_variable(section, key.strip(), Written(_plain(value.strip()), where))
        else:
            child = _GROUP.match(line)
            if not child:
                raise UsageError(f"{where}: expected a group under [{section}:children], found {shown(line)}.")
            groups.add_group(child[1])
            groups.add_child(section, child[1])
            wanted.setdefault(child[1], (where, f"[{section}:children]"))
    for group, (where, user) in wanted.items():
        if group not in declared:
            raise UsageError(f"{where}: {user} speaks of group {shown(group)}, which the file does not have.")
    groups.finish()
    return groups


def _host(groups: Groups, line: str, section: str, where: str) -> None:
    try:
        tokens = split(line, comments=True)
        names, port = expand(tokens[0]) if tokens else ([], "")
    except (ValueError, UsageError) as error:
        raise UsageError(
            f"{where}: {error}" + ("" if isinstance(error, UsageError) else ", in a host's line.")
        ) from None
    variables = {}
    for token in tokens[1:]:
        key, sign, value = token.partition("=")
        if not sign:
            raise UsageError(f"{where}: expected NAME=VALUE behind the host, found a word without =.")
        if key in READ:
            variables[key] = Written(_plain(value), where)
    for host_name in names:
        new = host_name not in groups.hosts
        host = groups.add_host(host_name, section, where)
        if port and new:
            host.variables["ansible_port"] = Written(port, where)
        host.variables.update(variables)


def _plain(value: str) -> str:
    found = _LITERAL.match(value) if len(value) <= 65_536 else None
    return next(group for group in found.groups() if group is not None) if found else value
