"""Words of a line that is quoted as for a shell."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collector.inventory.shell_words import split


@given(st.text(alphabet="ab=-# \t'\"\\\u00e9\n", max_size=30), st.booleans())
@example("a='b c'\"d e\" f", True)
@example("''", False)
@example("a '", False)
@example("a'b", True)
def test_words_are_those_of_the_standard_library(text: str, comments: bool) -> None:
    try:
        expected = shlex.split(text, comments=comments)
    except ValueError:
        with pytest.raises(ValueError):
            split(text, comments=comments)
        return

    assert split(text, comments=comments) == expected
