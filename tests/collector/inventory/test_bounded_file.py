"""Texts of files, bounded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cmdb.model.errors import UsageError
from collector.inventory import bounded_file
from collector.inventory.bounded_file import text_of


def test_line_ends_and_a_byte_order_mark_make_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(b"\xef\xbb\xbfa\r\nb\rc\n")

    assert text_of(path) == "a\nb\nc\n"


def test_what_is_no_text_of_bounded_length_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hosts"
    for content, words in ((b"\xff", r"not UTF-8 \(byte 0\)"), (b"a\0", "NUL"), (b"x" * 11, "more than 10 bytes")):
        path.write_bytes(content)
        with pytest.raises(UsageError, match=words):
            text_of(path, most=10)
    monkeypatch.setattr(bounded_file, "MOST_LINES", 2)
    path.write_bytes(b"a\n\n\n")
    with pytest.raises(UsageError, match="more than 2 lines"):
        text_of(path)


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, words in (
        ("pipe", "is no file"),
        ("none", "can not be read: No such file"),
        (".", "is no file|Is a dir"),
    ):
        with pytest.raises(UsageError, match=words):
            text_of(tmp_path / name)
