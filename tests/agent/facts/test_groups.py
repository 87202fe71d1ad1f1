"""Local groups."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.fact import Collected, Failed, ParseError
from agent.facts import groups
from agent.facts.groups import Group, parse
from tests.agent.supplied import made, recorded, run


def test_the_recorded_groups() -> None:
    outcome = run(groups, recorded("debian12-user"))

    assert isinstance(outcome, Collected)
    found = {str(i.attributes()["name"]): i.attributes() for i in outcome.items}
    assert len(found) == 49
    assert found["root"] == {"name": "root", "gid": 0, "members": []}


@pytest.mark.shared
def test_a_foreign_recording_gives_what_another_parser_read(recordings: Path) -> None:
    folder = recordings / "ssh" / "centos-7.7"
    judged = json.loads((folder / "group.json").read_text())

    found = parse((folder / "group.out").read_text())

    assert [(g.name, g.gid) for g in found] == [(row["group_name"], row["gid"]) for row in judged]


def test_the_first_of_two_lines_counts_and_nis_is_left_out() -> None:
    text = "# comment\na:x:1:x, y\na:x:2:\n\n+:::\n-b::3:\n"

    assert parse(text) == [Group("a", 1, ("x", "y"))]


@pytest.mark.parametrize("text", ["", "\n", "a:x:1", "a:x:eins:", ":x:1:", "root:x:0:\nadm:x:4"])
def test_a_truncated_file_is_an_error_and_not_fewer_groups(text: str) -> None:
    with pytest.raises(ParseError, match="/etc/group"):
        parse(text)


def test_an_absent_file_is_a_failure() -> None:
    assert isinstance(run(groups, made({})), Failed)


def test_a_hash_left_in_group_is_not_quoted() -> None:
    with pytest.raises(ParseError) as error:
        parse("adm:aB3dEfGh1jKlM:x:bob")

    assert "aB3dEfGh1jKlM" not in str(error.value)
