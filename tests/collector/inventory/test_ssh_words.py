"""Words for ssh(1) in an inventory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.inventory.ssh_words import parse


@pytest.mark.parametrize(
    "text",
    [
        "-J root@jump:22",
        "-Jroot@jump:22",
        "-o ProxyJump=root@jump:22",
        "-oProxyJump=root@jump:22",
        "-o 'ProxyJump root@jump:22'",
        "-o proxyjump=root@jump:22 -J later",
        "-4CqJ root@jump:22",
    ],
)
def test_a_jump_is_understood_in_every_writing(text: str) -> None:
    found = parse(text)

    assert (found.jump, found.unused) == ("root@jump:22", ())


def test_port_user_and_keys_are_taken() -> None:
    found = parse('-p 2222 -l admin -i ~/.ssh/a -o IdentityFile="/keys/b" -o Port=1 -o User=other')

    assert (found.port, found.user, found.identity_files) == ("2222", "admin", ("~/.ssh/a", "/keys/b"))


def test_what_is_not_used_is_told_by_its_name_alone() -> None:
    found = parse("-o ProxyCommand='nc -p hunter2 %h' -o StrictHostKeyChecking=no -F /my/hunter2 -A hunter2")

    assert found.unused == ("proxycommand", "stricthostkeychecking", "-F", "-A", "a word that is no option")
    assert "hunter2" not in str(found)


def test_a_quote_without_its_end_is_told() -> None:
    assert parse("-J 'jump").problem == "are no words for ssh"
    assert parse("x" * 9_000).problem == "are no words for ssh"
    assert parse(" ").problem == ""


@given(st.text(max_size=40) | st.text(alphabet="-oJpli =ab'\\\"", max_size=40))
def test_any_text_is_read(text: str) -> None:
    parse(text)
