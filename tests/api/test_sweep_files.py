"""Where a sweep's files lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.sweep_files import sweep_files
from cmdb.model.errors import UsageError
from collector import private_file

ENTRY = b'[credential.a]\nuser = "u"\nagent = true\nzones = ["z"]\n'


def test_settings_and_state_lie_where_the_environment_says(tmp_path: Path) -> None:
    given = {"SURVEYMARK_STATE": str(tmp_path / "s"), "CONFIGURATION_DIRECTORY": f"{tmp_path / 'c'}:/other"}
    files = sweep_files(environment=given)
    assert files.credentials_path == tmp_path / "c" / "credentials.toml"
    assert (files.vault.path, files.vault.key_file) == (tmp_path / "c" / "vault.json", tmp_path / "s" / "vault.key")
    assert sweep_files(environment={**given, "SURVEYMARK_CONFIG": str(tmp_path)}).folder == tmp_path


def test_without_a_word_they_are_the_users_own_or_the_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert sweep_files(environment={"XDG_CONFIG_HOME": str(tmp_path)}).folder == tmp_path / "surveymark"
    assert sweep_files(environment={"XDG_CONFIG_HOME": "x"}).folder == Path.home() / ".config" / "surveymark"
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert sweep_files(environment={}).folder == Path("/etc/surveymark")


def test_no_file_is_no_credentials_but_a_named_one_has_to_be_there(tmp_path: Path) -> None:
    assert sweep_files().credentials().entries == ()
    with pytest.raises(UsageError, match="No such file"):
        sweep_files(str(tmp_path / "none.toml")).credentials()
    private_file.replace(tmp_path / "config" / "credentials.toml", ENTRY)
    assert [c.name for c in sweep_files().credentials().entries] == ["a"]
    assert [c.name for c in sweep_files().offers().credentials.entries] == ["a"]


def test_a_folder_of_settings_that_others_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config").chmod(0o777)
    with pytest.raises(UsageError, match="chmod go-w"):
        sweep_files()
