"""Files that are whole or not there: what is brought to the disk before what, and who is first."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from agent.whole_file import born, write_whole


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    replace = Path.replace

    def named(self: Path, to: Path) -> Path:
        done.append("name")
        return replace(self, to)

    monkeypatch.setattr(os, "fsync", lambda fd: done.append(_kind(fd)))
    monkeypatch.setattr(Path, "replace", named)

    write_whole(tmp_path / "file", b"whole")

    assert done == ["file", "name", "folder"]


def _kind(fd: int) -> str:
    return "folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"


def test_the_first_secret_stays_and_nobody_else_reads_it(tmp_path: Path) -> None:
    born(tmp_path / "key", b"first")
    born(tmp_path / "key", b"second")

    assert (tmp_path / "key").read_bytes() == b"first"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 1


def test_what_can_not_be_written_leaves_the_old_and_nothing_else(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"old", 0o644)
    (tmp_path / ".file.new").mkdir()

    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "file", b"new")

    assert (tmp_path / "file").read_bytes() == b"old"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644
