"""What of a CI is indexed, and in which form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.search_index import index_value, indexed, text_of
from cmdb.model.text import fold
from cmdb.model.values import MAX_INDEXED_BYTES, Attributes


def test_an_attribute_that_is_not_searched_shows_nowhere() -> None:
    software: Attributes = {"command": "nginx -g daemon", "kind": "web server", "ports": ["tcp/443", "tcp/80"]}

    assert indexed("SoftwareInstance", "nginx", software) == {
        "name": ["nginx"],
        "kind": ["web server"],
        "ports": ["tcp/443", "tcp/80"],
    }
    assert text_of("SoftwareInstance", "nginx", software) == ["443", "80", "nginx", "server", "tcp", "web"]


def test_members_that_compare_alike_are_indexed_once() -> None:
    assert indexed("Host", "a", {"gateways": ["A", "a"]}) == {"name": ["a"], "gateways": ["a"]}


def test_numbers_and_truth_values_are_no_free_text() -> None:
    assert indexed("Endpoint", "x", {"port": 80, "exposed": True}) == {"name": ["x"], "port": [80], "exposed": ["true"]}
    assert text_of("Endpoint", "x", {"port": 80, "exposed": True}) == ["x"]


@given(st.integers(480, 520), st.sampled_from(["a", "\u00e4", "\u20ac", "\U0001f600"]), st.integers(1, 4))
def test_text_is_indexed_folded_and_never_longer_than_2000_bytes(length: int, char: str, times: int) -> None:
    value = char * length * times

    key = index_value(value)

    assert isinstance(key, str)
    size = len(fold(value).encode())
    if size <= MAX_INDEXED_BYTES:
        assert key == fold(value)
    else:
        assert len(key.encode()) <= MAX_INDEXED_BYTES
        assert fold(value).startswith(key[:-64])
        assert key != index_value(value + char)
