"""A target as plain JSON and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.target import Hop, Target
from collector.target_json import document, target_of

HOPS = st.builds(Hop, st.text(max_size=20), st.integers(1, 65535), st.text(max_size=8))


@given(
    st.builds(
        Target,
        st.text(max_size=20),
        st.text(max_size=20),
        st.integers(1, 65535),
        st.text(max_size=8),
        credentials=st.lists(st.text(max_size=8), max_size=3).map(tuple),
        identity_files=st.lists(st.text(max_size=8), max_size=3).map(tuple),
        jumps=st.lists(HOPS, max_size=3).map(tuple),
        host_key_alias=st.text(max_size=8),
    )
)
def test_every_target_comes_back_as_it_was(target: Target) -> None:
    assert target_of(json.loads(json.dumps(document(target)))) == target


def test_a_plain_target_is_told_in_a_few_words() -> None:
    assert document(Target("web", "10.0.0.1")) == {"name": "web", "address": "10.0.0.1"}


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"name": "x"},
        {"name": 1, "address": "10.0.0.1"},
        {"name": "x", "address": "10.0.0.1", "port": "22"},
        {"name": "x", "address": "10.0.0.1", "port": True},
        {"name": "x", "address": "10.0.0.1", "jumps": [{"port": 22}]},
        {"name": "x", "address": "10.0.0.1", "credentials": "root"},
    ],
)
def test_what_is_no_target_is_refused(found: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="target"):
        target_of(found)


def test_members_that_are_not_known_are_left_out() -> None:
    assert target_of({"name": "x", "address": "10.0.0.1", "later": 1}) == Target("x", "10.0.0.1")
