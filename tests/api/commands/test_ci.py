"""`surveymark ci`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site, packages

Run = Callable[..., Done]


def test_found_items_are_a_table_and_the_count_a_message(surveymark: Run) -> None:
    done = surveymark("ci", "find", "class:SoftwarePackage")

    lines = done.out.splitlines()
    assert lines[0].split()[:4] == ["class", "name", "id", "state"]
    assert [line.split()[1] for line in lines[1:]] == ["curl", "vim"]
    assert done.err.startswith("2 of 2, as of revision 1 ")


def test_words_of_a_query_may_stand_apart(surveymark: Run) -> None:
    assert "curl" in surveymark("ci", "find", "class:SoftwarePackage", "name:c*").out


def test_csv_and_markdown_are_asked_by_format(surveymark: Run) -> None:
    rows = list(csv.reader(io.StringIO(surveymark("ci", "find", "class:Host", "--format", "csv").out)))
    assert rows[1][:2] == ["Host", "web"]
    assert surveymark("ci", "find", "class:Host", "--format", "md").out.startswith("| class | name |")


def test_the_next_page_is_said_and_followed(surveymark: Run) -> None:
    first = surveymark("ci", "find", "--limit", "2")
    cursor = first.err.split("--cursor ")[1].strip()
    second = surveymark("ci", "find", "--limit", "2", "--cursor", cursor)
    assert len(second.out.splitlines()) == 3
    assert first.out != second.out


def test_one_is_shown_by_id_and_by_a_query(surveymark: Run, site: Site) -> None:
    by_id = surveymark("ci", "show", site.id("curl", "SoftwarePackage"))
    by_query = surveymark("ci", "show", "name:curl")
    assert by_id.out == by_query.out
    assert "versions      1" in by_id.out


def test_json_is_the_document_of_the_contract(surveymark: Run, site: Site) -> None:
    ci = surveymark("ci", "show", "class:Host", "--json").json
    assert (ci["id"], ci["class"], ci["state"]) == (site.id("web"), "Host", "current")
    assert set(surveymark("ci", "neighbours", "class:Host", "--json").json["items"][0]) == {"relation", "ci"}


def test_a_retired_one_is_shown_with_its_witness(surveymark: Run, site: Site) -> None:
    gone = site.id("vim", "SoftwarePackage")
    site.report("web", packages("curl=2"))

    shown = surveymark("ci", "show", gone).out
    told = surveymark("ci", "history", gone).out

    assert "retired" in shown
    assert "agent:web packages batch-2" in shown
    assert "not there for agent:web packages batch-2" in told
    assert surveymark("ci", "find", "name:vim").out == ""
    assert "vim" in surveymark("ci", "find", "name:vim", "--at", "1").out


def test_history_says_what_became_of_each_attribute(surveymark: Run, site: Site) -> None:
    site.report("web", packages("curl=2", "vim=1"))
    assert "versions  1 -> 2" in surveymark("ci", "history", "name:curl").out


def test_neighbours_show_the_direction(surveymark: Run) -> None:
    out = surveymark("ci", "neighbours", "class:SoftwareInstance").out
    assert "EXPOSES ->" in out
    assert "RUNS_ON ->" in out
