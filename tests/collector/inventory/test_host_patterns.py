"""Names of hosts in Ansible's inventories."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.inventory.host_patterns import expand


@pytest.mark.parametrize(
    ("pattern", "names", "port"),
    [
        ("web", ["web"], ""),
        ("web:2222", ["web"], "2222"),
        ("web[1:3]", ["web1", "web2", "web3"], ""),
        ("web[08:10].example.org:22", ["web08.example.org", "web09.example.org", "web10.example.org"], "22"),
        ("web[:2]", ["web0", "web1", "web2"], ""),
        ("web[1:9:4]", ["web1", "web5", "web9"], ""),
        ("db-[a:c]", ["db-a", "db-b", "db-c"], ""),
        ("x[1:2]y[a:b]", ["x1ya", "x1yb", "x2ya", "x2yb"], ""),
        ("[1:2]x", ["1x", "2x"], ""),
        ("10.0.[0:1].[1:2]", ["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.2"], ""),
        ("[2001:db8::1]:22", ["2001:db8::1"], "22"),
        ("2001:db8::1", ["2001:db8::1"], ""),
    ],
)
def test_patterns_stand_for_the_names_that_ansible_gives_them(pattern: str, names: list[str], port: str) -> None:
    assert expand(pattern) == (names, port)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("web[1]", "no range of host names"),
        ("web[3:1]", "ends before it begins"),
        ("web[01:100]", "differ in length"),
        ("web[a:3]", "begins with a letter"),
        ("web[1:3:0]", "step is 1 or more"),
        ("web[1:9999999999]", "1 to 9 digits"),
        ("web[1:999999999]", "stands for 999999999 hosts"),
        ("x[1:1000][1:1000]", "more than 100000 hosts"),
        ("web[1:3][", "no range"),
        ("[1:2]" * 9, "no range"),
        ("web:", "ends in a colon"),
        ("w" * 513, "has 513 characters"),
    ],
)
def test_what_is_no_name_and_no_range_is_refused(pattern: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        expand(pattern)


@given(st.integers(0, 500), st.integers(0, 60), st.integers(1, 7))
def test_a_range_has_as_many_names_as_numbers(begin: int, more: int, step: int) -> None:
    names, _ = expand(f"web{[begin]}".replace("]", f":{begin + more}:{step}]"))

    assert names == [f"web{number}" for number in range(begin, begin + more + 1, step)]


@given(st.text(alphabet="ab01[]:.-x", max_size=30))
def test_any_text_is_expanded_or_refused(text: str) -> None:
    with suppress(UsageError):
        names, _ = expand(text)
        assert names
