"""Ansible's inventory as YAML. What its variables come to is held against Ansible in test_vars_folders.py."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.inventory.ansible_yaml import kept, parse
from collector.inventory.groups import Written
from collector.inventory.listed import Ignored
from collector.yaml_text import Tagged


def test_hosts_groups_and_ranges_are_found() -> None:
    groups = parse("all: {children: {web: {hosts: {'web[1:2]:2222': {ansible_user: a}}}}}", "hosts.yml", Ignored())

    assert list(groups.hosts) == ["web1", "web2"]
    assert {name: one.value for name, one in groups.hosts["web2"].variables.items()} == {
        "ansible_port": "2222", "ansible_user": "a"
    }  # fmt: skip
    assert groups.hosts["web1"].origin == "hosts.yml host web[1:2]:2222"


def test_only_what_is_looked_at_is_kept() -> None:
    variables = {"ansible_user": Tagged("!vault", 3), "ansible_port": ["x"], "nginx": "x"}

    assert kept(variables, "f") == {
        "ansible_user": Written(Tagged("!vault", 3), "f"), "ansible_port": Written(None, "f")
    }  # fmt: skip
    assert kept(["x"], "f") == {}


def test_what_means_nothing_in_a_group_is_told() -> None:
    ignored = Ignored()

    parse("web: {hosts: {a: }, host: {b: }}\nother: text\n", "hosts.yml", ignored)

    assert ignored.lines() == [
        "hosts.yml group 'web': 'host' is none of hosts, vars, children of a group.",
        "hosts.yml: 'other' is no group.",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- web\n", "is no inventory: expected groups"),
        ("plugin: aws_ec2\n", "inventory plugin, which is not run.*ansible-inventory -i hosts.yml --list --yaml"),
        ("all: {hosts: [a, b]}\n", "hosts of group 'all' is no mapping"),
        ("all: {hosts: {a: text}}\n", "hosts.yml host a: expected variables, found a text"),
        ("all: {hosts: {'a[1]': }}\n", "no range of host names"),
        ("a: {children: {b: {children: {a: }}}}\n", "holds itself"),
        ("a: [\n", "Line 2 is no YAML"),
    ],
)
def test_what_is_no_inventory_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse(text, "hosts.yml", Ignored())


@given(st.text(alphabet="abhost:{}[]!&*,\n -", max_size=60))
def test_any_text_is_an_inventory_or_refused(text: str) -> None:
    for head in ("", "all:\n hosts:\n  "):
        with suppress(UsageError):
            parse(head + text, "hosts.yml", Ignored())
