"""Impact for people."""

from __future__ import annotations

from api.ui import impacted
from cmdb.impact import impact
from tests.api.ui.shop import Shop


def _told(estate: Shop, query: str, start: int = 0) -> impacted.Impacted:
    with estate.store.view() as view:
        report = impact(view, [estate.id(query)]).document()
        return impacted.told(view, report, start, lambda i: "/" + i, lambda box: "?open=" + box)


def test_rows_come_worst_first_with_the_names_along_the_path(estate: Shop) -> None:
    found = _told(estate, "class:SoftwareInstance name:postgres")

    assert found.counts == {"outage": 2, "degraded": 0, "at_risk": 0, "possible": 6}
    (nginx,) = [row for row in found.rows if row.name == "nginx"]
    assert [step.name for step in nginx.steps] == ["postgres", "tcp 0.0.0.0:5432", "shop", "tcp 0.0.0.0:8080", "nginx"]
    assert (nginx.level, nginx.on_name) == ("possible", "web1")


def test_the_picture_goes_by_distance_and_marks_levels(estate: Shop) -> None:
    drawing = _told(estate, "class:SoftwareInstance name:postgres").drawing

    by_name = {n.name: n for n in drawing.nodes}
    assert (by_name["postgres"].lane, by_name["tcp 0.0.0.0:5432"].lane, by_name["nginx"].lane) == (0, 1, 4)
    assert (by_name["postgres"].level, by_name["tcp 0.0.0.0:5432"].level, by_name["shop"].level) == (
        "",
        "outage",
        "possible",
    )


def test_many_of_one_class_and_level_are_one_box() -> None:
    seed = {"id": "s", "class": "Host", "name": "h", "starts": ["s"]}
    rows = [
        {
            "id": f"i{n}", "class": "Endpoint", "name": f"e{n}", "level": "outage", "on": "s", "on_name": "h", "rule": "r",
            "path": [{"id": "s", "type": None, "rule": None}, {"id": f"i{n}", "type": "CONTAINS", "rule": "r"}],
        }
        for n in range(20)
    ]  # fmt: skip
    report = {"seeds": [seed], "down": [], "impacted": rows, "revision": 1}

    found = impacted._drawing(report, lambda i: "/" + i)

    assert [(n.name, n.count) for n in found.nodes] == [("h", 1), ("20 endpoints", 20)]
    assert len(found.edges) == 1


def test_what_is_outside_the_topology_has_no_impact_and_says_so(estate: Shop) -> None:
    found = _told(estate, "class:SoftwarePackage name:postgres")

    assert found.rows == []
    assert found.report["outside"][0]["reason"]
