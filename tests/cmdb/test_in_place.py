"""A whole file gets its name with hard links and without, and never over another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmdb.in_place import put_in_place
from tests.cmdb.without_calls import known_here, without

LINKS = ("link", "linkat")

pytestmark = known_here


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    file = tmp_path / "new.part"
    file.write_text("new")
    return file


@pytest.mark.parametrize("calls", [(), LINKS])
def test_it_gets_its_name(whole: Path, tmp_path: Path, calls: tuple[str, ...]) -> None:
    assert without(calls, lambda: put_in_place(whole, tmp_path / "new"))
    assert (tmp_path / "new").read_text() == "new"
    assert whole.exists() is (calls == ())


@pytest.mark.parametrize("calls", [(), LINKS])
def test_it_never_takes_the_place_of_another_one(whole: Path, tmp_path: Path, calls: tuple[str, ...]) -> None:
    (tmp_path / "new").write_text("old")

    with pytest.raises(FileExistsError):
        without(calls, lambda: put_in_place(whole, tmp_path / "new"))

    assert ((tmp_path / "new").read_text(), whole.read_text()) == ("old", "new")


def test_where_the_file_system_can_do_neither_nothing_is_risked(whole: Path, tmp_path: Path) -> None:
    assert not without((*LINKS, "renameat2"), lambda: put_in_place(whole, tmp_path / "new"))
    assert [f.name for f in tmp_path.iterdir()] == ["new.part"]


def test_what_is_wrong_with_the_file_itself_is_an_error(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        put_in_place(whole, tmp_path / "nowhere" / "new")
