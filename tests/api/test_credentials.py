"""Secrets of a command."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from api.credentials import access_token, address, asked_password, refuse, store_password
from cmdb.model.errors import UsageError


def test_an_access_token_comes_from_a_file_standard_input_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("smt_file\n")
    file.chmod(0o600)
    monkeypatch.setattr(sys, "stdin", io.StringIO("smt_stdin\n"))

    assert access_token(str(file)) == "smt_file"
    assert access_token("-") == "smt_stdin"
    with pytest.raises(UsageError, match="SURVEYMARK_TOKEN"):
        access_token(None)
    monkeypatch.setenv("SURVEYMARK_TOKEN", "smt_env")
    assert access_token(None) == "smt_env"
    file.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        access_token(str(file))


def test_a_stores_password_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text("hush\n")
    file.chmod(0o600)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    assert store_password() is None
    assert asked_password("the store") is None
    monkeypatch.setenv("SURVEYMARK_STORE_PASSWORD_FILE", str(file))
    assert store_password() == "hush"
    monkeypatch.setenv("SURVEYMARK_STORE_PASSWORD", "now")
    assert store_password() == "now"


@pytest.mark.parametrize("url", ["neo4j://u:secret1@h", "https://:secret1@h", "sqlite://a:secret1@/x"])
def test_a_password_in_a_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        address(url, "The URL")
    assert "secret1" not in refused.value.message


def test_a_user_in_a_url_is_fine() -> None:
    assert address("neo4j://joe@h:7687", "The URL").hostname == "h"


@pytest.mark.parametrize("argument", ["--password", "--password=x", "--token", "--secret=x", "smt_0123456789ab_x"])
def test_an_argument_that_is_a_secret_is_refused(argument: str) -> None:
    with pytest.raises(UsageError, match="Secrets are not taken"):
        refuse(["ci", "find", argument])


def test_other_arguments_are_none_of_its_business() -> None:
    refuse(["--token-file", "x", "token", "list", "--json", "smt_"])
