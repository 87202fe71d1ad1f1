"""The lines of an OpenSSH client configuration. Words and blocks are held against ssh in test_ssh_config.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmdb.model.errors import UsageError
from collector import ssh_config_lines
from collector.ssh_config_lines import Block, Line, load_blocks, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b", ["a", "b"]),
        ("'a b' \"c d\"", ["a b", "c d"]),
        ("a # b", ["a"]),
        ("a#b", ["a#b"]),
        ("a\\ b", ["a b"]),
        ('"a\\"b"', ['a"b']),
        ("a\\nb", ["a\\nb"]),
        ("''", [""]),
    ],
)
def test_words_are_quoted_as_openssh_has_it(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def lines(blocks: list[Block]) -> list[tuple[str, tuple[str, ...], str]]:
    found: list[tuple[str, tuple[str, ...], str]] = []
    for block in blocks:
        for item in ([block.line] if block.line else []) + block.items:
            if isinstance(item, Line):
                found.append((item.name, item.words, item.where))
            else:
                found += lines(item)
    return found


def test_what_is_included_stands_in_its_place_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / ".ssh" / "more").mkdir(parents=True)
    (tmp_path / ".ssh" / "config").write_text("Include more/* nothing-there\nUser = last\n")
    (tmp_path / ".ssh" / "more" / "b").write_text("User b\n")
    (tmp_path / ".ssh" / "more" / "a").write_text("Host x\n User a\n")

    assert lines(load_blocks(tmp_path / ".ssh" / "config", tmp_path)) == [
        ("host", ("x",), "~/.ssh/more/a line 1"),
        ("user", ("a",), "~/.ssh/more/a line 2"),
        ("user", ("b",), "~/.ssh/more/b line 1"),
        ("user", ("last",), "~/.ssh/config line 2"),
    ]


@pytest.mark.parametrize(
    ("text", "words"), [('User "a\n', "config line 1: a quote has no end"), ("= x\n", "no option")]
)
def test_what_is_no_option_is_refused_with_its_line(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(UsageError, match=words):
        load_blocks(tmp_path / "config", tmp_path)


def test_a_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("User a\n")
    path.chmod(0o664)
    with pytest.raises(UsageError, match=r"can be written by others.*chmod go-w"):
        load_blocks(path, tmp_path)


def test_files_lines_and_depth_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config"
    path.write_text(f"Include {path}\n")
    with pytest.raises(UsageError, match="include each other deeper than 16 times"):
        load_blocks(path, tmp_path)

    path.write_text(f"Include {path} {path}\n")
    with pytest.raises(UsageError, match="deeper than 16"):
        load_blocks(path, tmp_path)

    leaf = tmp_path / "leaf"
    leaf.write_text("User a\n")
    path.write_text(f"Include {leaf} {leaf} {leaf}\n")
    monkeypatch.setattr(ssh_config_lines, "MOST_FILES", 3)
    with pytest.raises(UsageError, match="is the 4th file"):
        load_blocks(path, tmp_path)
    monkeypatch.setattr(ssh_config_lines, "MOST_FILES", 10)
    monkeypatch.setattr(ssh_config_lines, "MOST_LINES", 7)
    with pytest.raises(UsageError, match="more than 7 lines"):
        load_blocks(path, tmp_path)
