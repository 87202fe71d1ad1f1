"""The estate that a command asks."""

from __future__ import annotations

import argparse
import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from api import connect
from api.remote_estate import RemoteEstate
from cmdb.model.errors import StoreError, UsageError
from tests.api.conftest import Done


def options(**given: object) -> argparse.Namespace:
    return argparse.Namespace(**given)


def test_the_store_is_the_named_one_else_that_of_the_environment_else_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert connect.store_url(options()) == f"sqlite://{tmp_path}/state/surveymark.db"
    monkeypatch.setenv("SURVEYMARK_STORE", "sqlite:///env")
    assert connect.store_url(options()) == "sqlite:///env"
    assert connect.store_url(options(store="sqlite:///named")) == "sqlite:///named"


def test_three_slashes_or_four_lead_to_the_same_file(tmp_path: Path) -> None:
    connect.open_store(f"sqlite://{tmp_path}/a.db", create=True).close()
    connect.open_store(f"sqlite:///{tmp_path}/a.db", create=False).close()


def test_a_store_is_made_only_where_the_command_writes(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no store"), connect.connected(options()):
        pass
    with connect.connected(options(), create=True) as estate:
        assert estate.find("")["items"] == []


def test_who_opens_a_store_is_its_administrator_under_the_systems_name() -> None:
    with connect.opened(options(), create=True) as estate:
        assert estate.caller.actor == f"os:{pwd.getpwuid(os.geteuid()).pw_name}"
        assert estate.caller.roles == ("admin",)


def test_the_environment_does_not_say_who_somebody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "mallory")
    monkeypatch.setenv("LOGNAME", "mallory")
    assert connect.user() != "mallory"


def test_a_server_is_asked_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEYMARK_TOKEN", "smt_x")
    with connect.connected(options(server="http://127.0.0.1:1")) as estate:
        assert isinstance(estate, RemoteEstate)


def test_a_file_name_with_odd_characters_is_found_again(tmp_path: Path) -> None:
    connect.open_store(f"sqlite://{tmp_path}/a%20b.db", create=True).close()
    assert (tmp_path / "a b.db").exists()


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        connect.open_store(f"sqlite://{tmp_path}", create=True)


def test_the_same_commands_work_on_neo4j(empty_neo4j: str, process: Callable[..., Done]) -> None:
    def ask(*arguments: str) -> Done:
        return process(*arguments, "--json", "--store", empty_neo4j)

    landed = ask("agent", "once")
    assert landed.status == 0, landed.out
    assert ask("ci", "find", "class:Host").json["items"][0]["id"] == landed.json["ci"]
    assert ask("baseline", "create", "b", "--scope", "class:Host").status == 0
    assert ask("drift", "b").json["findings"] == 0
    assert ask("impact", "class:Host").json["complete"]
    assert ask("change", "add", "C1", "--ci", "class:Host", "--impact").json["pins"]
    assert ask("token", "create", "joe").status == 0
    assert ask("doctor").json["findings"] == 0
    assert ask("ci", "history", "class:Host").json["total"] >= 1
    assert ask("ci", "neighbours", "class:Host", "--limit", "3").json["next"]


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_database_that_is_not_there_is_said_in_one_line(process: Callable[..., Done], scheme: str) -> None:
    done = process("ci", "find", "--store", f"{scheme}://127.0.0.1:9")
    assert (done.status, done.err.count("\n")) == (4, 1)
