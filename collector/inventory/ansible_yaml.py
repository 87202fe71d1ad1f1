"""Ansible's inventory as YAML (or JSON): groups with `hosts`, `vars` and `children`.

Source: https://docs.ansible.com/ansible/latest/collections/ansible/builtin/yaml_inventory.html. What
`ansible-inventory --list --yaml` prints has this form.
"""

from __future__ import annotations

from typing import Any

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.inventory.groups import Groups, Written
from collector.inventory.host_patterns import expand
from collector.inventory.listed import Ignored
from collector.inventory.reach import READ
from collector.yaml_text import Tagged, read

MOST_DEPTH = 64
_PARTS = ("hosts", "vars", "children")


def parse(text: str, name: str, ignored: Ignored) -> Groups:
    """The hosts and groups of an inventory; `name` is the file's, for messages. Only variables that READ has are kept.

    Raises UsageError that names the file and the group.
    """
    document, _ = read(text, depth=MOST_DEPTH, lenient=True)
    if not isinstance(document, dict):
        raise UsageError(
            f"{name} is no inventory: expected groups with hosts, vars and children, found {shown(document)}."
        )
    if "plugin" in document:
        raise UsageError(
            f"{name} configures an inventory plugin, which is not run. Write its hosts down with"
            f" `ansible-inventory -i {name} --list --yaml` and name that file."
        )
    groups = Groups()
    waiting: list[tuple[str, Any, str | None]] = [(group, body, None) for group, body in reversed(document.items())]
    while waiting:
        group, body, parent = waiting.pop()
        if body is not None and not isinstance(body, dict):
            ignored.add(f"{shown(group)} is no group", name)
            continue
        groups.add_group(group)
        if parent is not None:
            groups.add_child(parent, group)
        parts = {part: _mapping(body or {}, part, group, name) for part in _PARTS}
        for part in body or {}:
            if part not in _PARTS:
                ignored.add(f"{shown(part)} is none of {', '.join(_PARTS)} of a group", f"{name} group {shown(group)}")
        for variable, value in _kept(parts["vars"], f"{name} group {group}").items():
            groups.set_variable(group, variable, value)
        waiting += [(child, inner, group) for child, inner in reversed(parts["children"].items())]
        for pattern, inner in parts["hosts"].items():
            _host(groups, pattern, inner, group, name)
    groups.finish()
    return groups


def kept(document: Any, where: str) -> dict[str, Written]:
    """Those variables of a mapping that READ has, each as text, or what stands for it. None of what is no mapping."""
    return _kept(document if isinstance(document, dict) else {}, where)


def _host(groups: Groups, pattern: str, body: Any, group: str, name: str) -> None:
    where = f"{name} host {pattern}"
    if body is not None and not isinstance(body, dict):
        raise UsageError(f"{where}: expected variables, found {'a text' if isinstance(body, str) else 'a list'}.")
    try:
        names, port = expand(pattern)
    except UsageError as error:
        raise UsageError(f"{name} group {group}: {error}") from None
    variables = _kept(body or {}, where)
    for host_name in names:
        new = host_name not in groups.hosts
        host = groups.add_host(host_name, group, where)
        if port and new:
            host.variables["ansible_port"] = Written(port, where)
        host.variables.update(variables)


def _kept(variables: dict[str, Any], where: str) -> dict[str, Written]:
    return {
        key: Written(value if isinstance(value, str | Tagged) else None, where)
        for key, value in variables.items()
        if key in READ
    }


def _mapping(body: dict[str, Any], part: str, group: str, name: str) -> dict[str, Any]:
    found = body.get(part)
    if isinstance(found, str):
        return {found: None}
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UsageError(f"{name}: {part} of group {shown(group)} is no mapping; write a colon behind each name.")
    return found
