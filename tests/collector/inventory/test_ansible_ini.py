"""Ansible's inventory as INI. What its variables come to is held against Ansible in test_vars_folders.py."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.inventory.ansible_ini import parse


def own(text: str, host: str) -> dict[str, object]:
    return {name: written.value for name, written in parse(text, "hosts").hosts[host].variables.items()}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("22", "22"), ("'2 2'", "2 2"), ('"a b"', "a b"), ("a\\ b", "a b"), ("'\"q\"'", "q"), ("a#b", "a"),
        ("a # note", "a"), ("'a # b'", "a # b"), ("{{x}}", "{{x}}"), ("a=b", "a=b"), ("", ""),
    ],
)  # fmt: skip
def test_values_on_a_hosts_line_are_quoted_as_for_a_shell(written: str, value: str) -> None:
    assert own(f"web ansible_user={written} other=1\n", "web") == {"ansible_user": value}


@pytest.mark.parametrize(
    ("written", "value"),
    [("a b", "a b"), ("'a b'", "a b"), ("a # b", "a # b"), ("'a' # b", "a"), ("22 # b", "22"), ("'a' 'b'", "'a' 'b'")],
)
def test_values_under_vars_are_the_rest_of_the_line(written: str, value: str) -> None:
    groups = parse(f"[web]\nweb\n[web:vars]\nansible_user = {written}\n", "hosts")

    assert groups.variables_of(groups.hosts.values(), lambda group: {})[("web",)]["ansible_user"].value == value


def test_a_host_in_several_groups_is_one_host_and_its_last_word_counts() -> None:
    text = "web:22 ansible_user=a\n[g]\nweb:23 ansible_user=b ; x=1\n"

    assert own(text.replace(" ; x=1", ""), "web") == {"ansible_port": "22", "ansible_user": "b"}
    assert parse(text.replace(" ; x=1", ""), "hosts").hosts["web"].origin == "hosts line 1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[web:hostz]\n", "hosts line 1: section"),
        ("\n[we b]\n", r"hosts line 2: '\[we b\]' is no section"),
        ("[web:vars]\nansible_user root\n", "line 2: expected NAME=VALUE"),
        ("[web:vars]\nansible_user=root\n", "line 1: .*group 'web', which the file does not have"),
        ("[a:children]\nb\n", "line 2: .*group 'b', which the file does not have"),
        ("[a:children]\nb c\n", "expected a group"),
        ("web 'ansible_user=x\n", "hosts line 1: No closing quotation"),
        ("web word\n", "without ="),
        ("[a:children]\nb\n[b:children]\na\n", "holds itself"),
        ("web[1:999999999]\n", "hosts line 1: .*stands for"),
    ],
)
def test_what_is_no_inventory_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse(text, "hosts")


def test_what_stands_in_a_wrong_place_is_not_repeated() -> None:
    for text in ("web hunter2\n", "web ansible_password='hunter2\n"):
        with pytest.raises(UsageError) as caught:
            parse(text, "hosts")
        assert "hunter2" not in str(caught.value)


@given(st.text(alphabet="ab[]:=#;'\"\\ \n1{}", max_size=60) | st.text(max_size=60))
def test_any_text_is_an_inventory_or_refused(text: str) -> None:
    with suppress(UsageError):
        parse(text, "hosts")
