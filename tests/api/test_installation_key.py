"""The installation's key: born once, in a file of its own, and bound to what it seals."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from api.installation_key import FILE, InstallationKey, place
from cmdb.model.errors import StoreError, SurveymarkError, UsageError


def test_what_is_sealed_is_opened_by_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "installation.key"

    sealed = InstallationKey(path).seal(b"secret", "agent a 1")

    assert InstallationKey(path).open(sealed, "agent a 1") == b"secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["installation.key"]
    assert "secret" not in sealed
    assert path.read_text().strip() not in repr(InstallationKey(path))


def test_it_opens_nothing_that_is_of_another_or_under_another_key(tmp_path: Path) -> None:
    one, other = InstallationKey(tmp_path / "one"), InstallationKey(tmp_path / "other")
    sealed = one.seal(b"secret", "agent a 1")

    for key, of in ((one, "agent b 1"), (one, "agent a 2"), (other, "agent a 1")):
        with pytest.raises(StoreError, match="sealed under another key"):
            key.open(sealed, of)
    assert one.seal(b"secret", "agent a 1") != sealed


def test_a_file_that_others_may_read_or_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    InstallationKey(path).seal(b"x", "a")

    path.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        InstallationKey(path).seal(b"x", "a")
    path.chmod(0o600)
    path.write_text("nonsense\n")
    with pytest.raises(SurveymarkError, match="64 hexadecimal digits"):
        InstallationKey(path).seal(b"x", "a")


def test_it_lies_in_the_state_folder_unless_another_file_is_named(tmp_path: Path, state_folder: Path) -> None:
    assert place() == state_folder / "installation.key"
    assert place({FILE: str(tmp_path / "key")}) == tmp_path / "key"


def test_where_it_can_not_be_written_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(SurveymarkError, match="can not be written"):
        InstallationKey(tmp_path / "missing" / "key").seal(b"x", "a")
