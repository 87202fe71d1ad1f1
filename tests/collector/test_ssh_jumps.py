"""Hosts on the way to another."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.ssh_jumps import hop, words_of


def test_hops_stand_in_the_order_of_the_way() -> None:
    words = words_of("alice@j1:2222, ssh://bob@j2:22/,[2001:db8::1]:22")

    assert [(one.user, one.name or str(one.span), one.port) for one in map(hop, words)] == [
        ("alice", "j1", 2222), ("bob", "j2", 22), ("", "2001:db8::1", 22)
    ]  # fmt: skip


def test_none_is_no_hop() -> None:
    assert words_of(" None ") == []


@pytest.mark.parametrize("text", ["", "a,,b", "10.0.0.0/24", "!j", "j:0", ",".join("abcdefghi"), "-oProxyCommand=x"])
def test_what_is_no_way_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        words_of(text)


def test_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        words_of("ssh://root:hunter2@jump")
    assert "hunter2" not in str(caught.value)


@given(st.text(alphabet="ab@:,[]/.! %sh", max_size=30))
def test_any_text_is_a_way_or_refused(text: str) -> None:
    with suppress(UsageError):
        words_of(text)
