"""Files of names, a line each."""

from __future__ import annotations

import pytest

from agent.fact import ParseError
from agent.name_files import rows


def test_lines_come_in_the_order_of_the_file_without_comments_and_nis() -> None:
    text = "# people\nb:x:2\n\na:x:1\n+::\n-c:x:3\n"

    assert rows(text, "/etc/names", 3, [2]) == [["b", "x", "2"], ["a", "x", "1"]]


def test_of_two_lines_with_one_name_the_first_counts() -> None:
    assert rows("a:x:1\na:x:2\n", "/etc/names", 3, [2]) == [["a", "x", "1"]]


@pytest.mark.parametrize("line", ["a:x", "a:x:1:y", ":x:1", "a:x:one", "a:x:-1", "a:x:", "a"])
def test_a_line_of_another_kind_is_an_error_that_quotes_it(line: str) -> None:
    with pytest.raises(ParseError, match="/etc/names: not understood: "):
        rows(f"root:x:0\n{line}\n", "/etc/names", 3, [2])


@pytest.mark.parametrize("text", ["", "\n", "# nobody\n"])
def test_a_file_that_names_nobody_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="it names nobody"):
        rows(text, "/etc/names", 3, [2])


def test_a_hash_in_the_second_field_is_not_quoted() -> None:
    with pytest.raises(ParseError) as error:
        rows("adm:aB3dEfGh1jKlM:x", "/etc/names", 3, [2])

    assert "aB3dEfGh1jKlM" not in str(error.value)
