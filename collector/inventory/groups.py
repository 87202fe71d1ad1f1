"""Hosts in groups with their variables, and which variable counts, as Ansible has it.

Source: https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html and "Understanding variable
precedence" there. From weakest to strongest: variables of `all` in the inventory, of its other groups (parents before
children, then by ansible_group_priority, then by name), of group_vars/all, of the other group_vars in the same order,
of the host in the inventory, of host_vars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.inventory.listed import MOST_HOSTS
from collector.yaml_text import Tagged

MOST_GROUPS = 20_000
MOST_DEPTH = 100
ALL, UNGROUPED = "all", "ungrouped"


@dataclass(frozen=True, slots=True)
class Written:
    """A variable's value and where it is written. None: nothing of one line (a list, a mapping, null)."""

    value: str | Tagged | None
    where: str


Variables = dict[str, Written]


@dataclass(slots=True)
class _Group:
    children: dict[str, None] = field(default_factory=dict)
    parents: dict[str, None] = field(default_factory=dict)
    variables: Variables = field(default_factory=dict)
    depth: int = 0


@dataclass(slots=True)
class Host:
    """A host of an inventory: where it stands first, its own variables, the groups that name it."""

    origin: str
    variables: Variables = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)


class Groups:
    """An inventory that is being put together. Hosts and groups keep the order in which they were added."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self._groups: dict[str, _Group] = {ALL: _Group(), UNGROUPED: _Group()}
        self._above: dict[tuple[str, ...], list[str]] = {}

    def has_group(self, name: str) -> bool:
        """Whether the group is declared."""
        return name in self._groups

    def add_group(self, name: str) -> None:
        """Declares a group; it may be there already."""
        self._groups.setdefault(name, _Group())
        if len(self._groups) > MOST_GROUPS:
            raise UsageError(f"The inventory has more than {MOST_GROUPS} groups.")

    def add_child(self, parent: str, child: str) -> None:
        """Puts a group into another; both are declared."""
        self._groups[parent].children[child] = None
        self._groups[child].parents[parent] = None

    def add_host(self, name: str, group: str, origin: str) -> Host:
        """Puts a host into a group that is declared; it may be in others already."""
        host = self.hosts.get(name)
        if host is None:
            host = self.hosts[name] = Host(origin)
            if len(self.hosts) > MOST_HOSTS:
                raise UsageError(f"The inventory has more than {MOST_HOSTS} hosts; split it.")
        host.groups[group] = None
        return host

    def set_variable(self, group: str, name: str, value: Written) -> None:
        """Gives a group that is declared a variable; the last one counts."""
        self._groups[group].variables[name] = value

    def finish(self) -> None:
        """Works out how deep each group is. Raises UsageError where groups hold each other in a circle."""
        for name, group in self._groups.items():
            if name != ALL and not group.parents:
                self.add_child(ALL, name)
        waiting = {name: len(group.parents) for name, group in self._groups.items()}
        ready = [name for name, count in waiting.items() if not count]
        for name in ready:
            group = self._groups[name]
            if group.depth > MOST_DEPTH:
                raise UsageError(f"Group {shown(name)} is nested deeper than {MOST_DEPTH} groups.")
            for child in group.children:
                self._groups[child].depth = max(self._groups[child].depth, group.depth + 1)
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
        if len(ready) < len(self._groups):
            circle = sorted(name for name, count in waiting.items() if count)
            raise UsageError(f"Group {shown(circle[0])} holds itself, by way of its children.")

    def groups_of(self, host: Host) -> list[str]:
        """Every group that a host is in, `all` first, in the order in which their variables are laid over each other."""
        key = tuple(host.groups)
        if key not in self._above:
            found = {ALL}
            waiting = [name for name in key if name != ALL and (name != UNGROUPED or not set(key) - {ALL, UNGROUPED})]
            if not set(key) - {ALL}:
                waiting.append(UNGROUPED)
            while waiting:
                name = waiting.pop()
                if name not in found:
                    found.add(name)
                    waiting += self._groups[name].parents
            self._above[key] = sorted(found, key=self._order)
        return self._above[key]

    def variables_of(
        self, hosts: Iterable[Host], group_files: Callable[[str], Variables]
    ) -> dict[tuple[str, ...], Variables]:
        """What the groups of hosts give them, by the groups that name a host.

        `group_files` gives the variables that a folder beside the inventory has for a group.
        """
        found: dict[tuple[str, ...], Variables] = {}
        beside: dict[str, Variables] = {}
        for host in hosts:
            key = tuple(host.groups)
            if key in found:
                continue
            made: Variables = {}
            groups = self.groups_of(host)
            for name in groups:
                made.update(self._groups[name].variables)
            for name in groups:
                if name not in beside:
                    beside[name] = group_files(name)
                made.update(beside[name])
            found[key] = made
        return found

    def _order(self, name: str) -> tuple[int, int, str]:
        group = self._groups[name]
        priority = group.variables.get("ansible_group_priority")
        try:
            number = int(priority.value) if priority is not None and isinstance(priority.value, str) else 1
        except ValueError:
            number = 1
        return (group.depth, number, name)
