"""Cursors lead on from the last CI of a page, and nothing else is taken for one."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.cursor import after, cursor_of
from cmdb.model.errors import UsageError
from cmdb.model.text import sort_key


@dataclass
class Last:
    class_name: str
    name: str
    id: str


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_cursor_says_behind_which_ci_the_page_begins(name: str) -> None:
    cursor = cursor_of(Last("Host", name, "01J9"))

    assert after(cursor) == ("Host", sort_key(name), "01J9")
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(st.text() | st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_a_text_that_is_no_cursor_is_refused_or_read_and_never_breaks(cursor: str) -> None:
    try:
        place = after(cursor)
    except UsageError:
        return

    assert len(place) == 3


@pytest.mark.parametrize("place", ["{}", '["a","b"]', '["a","b",1]', "[" * 100000, "1e999", '"x"'])
def test_json_of_another_shape_is_no_cursor(place: str) -> None:
    with pytest.raises(UsageError, match="no cursor"):
        after(base64.urlsafe_b64encode(place.encode()).decode())
