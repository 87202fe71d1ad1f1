"""`surveymark impact`."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done

Run = Callable[..., Done]


def test_what_breaks_is_named_with_level_path_and_host(surveymark: Run) -> None:
    done = surveymark("impact", "class:Host")

    assert done.status == 0
    assert "outage  SoftwareInstance  nginx" in done.out
    assert "web > RUNS_ON nginx" in done.out
    assert done.out.splitlines()[-1] == "2 impacted (2 outage) at revision 1, complete."


def test_what_is_outside_is_said(surveymark: Run) -> None:
    assert "Not followed: SoftwarePackage curl" in surveymark("impact", "name:curl").out


def test_json_and_the_digest_of_a_kept_report(surveymark: Run) -> None:
    found = surveymark("impact", "class:Host", "--keep", "--json").json
    assert found["complete"]
    assert len(found["document"]) == 64
    assert "Kept as document " in surveymark("impact", "class:Host", "--keep").err


def test_dot_is_a_graph_of_the_paths(surveymark: Run) -> None:
    out = surveymark("impact", "class:Host", "--format", "dot").out
    assert out.startswith("digraph impact {\n")
    assert '[label="RUNS_ON"];' in out
    assert '(outage)" color="#a3182c" penwidth=2];' in out


def test_what_is_down_already_is_no_part_of_the_answer(surveymark: Run) -> None:
    found = surveymark("impact", "class:Host", "--down", "class:SoftwareInstance", "--json").json
    assert [i["name"] for i in found["impacted"]] == ["tcp 0.0.0.0:80"]
