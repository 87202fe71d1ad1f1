"""Hosts in groups, and which variable counts."""

from __future__ import annotations

import pytest

from cmdb.model.errors import UsageError
from collector.inventory import groups as module
from collector.inventory.groups import ALL, UNGROUPED, Groups, Variables, Written


def nothing(group: str) -> Variables:
    return {}


def test_a_host_is_in_all_groups_above_its_own_and_deeper_ones_count_more() -> None:
    groups = Groups()
    for name in ("outer", "inner", "beside"):
        groups.add_group(name)
        groups.set_variable(name, "user", Written(name, name))
    groups.add_child("outer", "inner")
    host = groups.add_host("web", "inner", "line 1")
    groups.add_host("web", "beside", "line 2")
    groups.finish()

    assert groups.groups_of(host) == [ALL, "beside", "outer", "inner"]
    assert groups.variables_of([host], nothing)[tuple(host.groups)]["user"].value == "inner"


def test_a_priority_decides_between_groups_of_one_depth() -> None:
    groups = Groups()
    for name, priority in (("a", "10"), ("b", "no number"), ("c", "5")):
        groups.add_group(name)
        groups.set_variable(name, "ansible_group_priority", Written(priority, ""))
    host = groups.add_host("web", "b", "")
    groups.add_host("web", "a", "")
    groups.add_host("web", "c", "")
    groups.finish()

    assert groups.groups_of(host) == [ALL, "b", "c", "a"]


def test_a_host_of_no_group_is_ungrouped() -> None:
    groups = Groups()
    groups.add_group("web")
    hosts = [groups.add_host("a", ALL, ""), groups.add_host("b", UNGROUPED, ""), groups.add_host("b", "web", "")]
    groups.finish()

    assert [groups.groups_of(host) for host in hosts[:2]] == [[ALL, UNGROUPED], [ALL, "web"]]


def test_groups_in_a_circle_are_refused() -> None:
    groups = Groups()
    for name in ("a", "b", "c"):
        groups.add_group(name)
    groups.add_child("a", "b")
    groups.add_child("b", "c")
    groups.add_child("c", "b")

    with pytest.raises(UsageError, match="Group 'b' holds itself"):
        groups.finish()


def test_groups_hosts_and_their_depth_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_GROUPS", 4)
    monkeypatch.setattr(module, "MOST_HOSTS", 1)
    monkeypatch.setattr(module, "MOST_DEPTH", 1)
    groups = Groups()
    groups.add_group("a")
    groups.add_group("b")
    with pytest.raises(UsageError, match="more than 4 groups"):
        groups.add_group("c")
    groups.add_host("web", "a", "")
    with pytest.raises(UsageError, match="more than 1 hosts"):
        groups.add_host("web2", "a", "")
    groups.add_child("a", "b")
    with pytest.raises(UsageError, match="nested deeper than 1 groups"):
        groups.finish()
