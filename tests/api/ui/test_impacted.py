"""Impact for people."""

from __future__ import annotations

from typing import Any

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


def _port(n: int) -> dict[str, Any]:
    path = [{"id": "s", "type": None, "rule": None}, {"id": f"p{n}", "type": "CONTAINS", "rule": "r"}]
    told = {"class": "NetworkInterface", "name": f"eth{n}", "level": "outage", "on": "s", "on_name": "sw", "rule": "r"}
    return {"id": f"p{n}", **told, "path": path}


def _switch(ports: int) -> dict[str, Any]:
    """A switch with a host behind its port 3."""
    rows = [_port(n) for n in range(ports)]
    path = [*rows[3]["path"], {"id": "h", "type": "LINKED_VIA", "rule": "r"}]
    rows.append(
        {
            **rows[3],
            "id": "h",
            "class": "Host",
            "name": "web",
            "level": "at_risk",
            "on": None,
            "on_name": None,
            "path": path,
        }
    )
    seed = {"id": "s", "class": "NetworkDevice", "name": "sw", "starts": ["s"]}
    return {"seeds": [seed], "down": [], "impacted": rows, "revision": 1}


def test_what_trouble_goes_on_from_is_no_part_of_a_box() -> None:
    found = impacted._drawing(_switch(48), lambda i: "/" + i)

    assert {(n.name, n.count) for n in found.nodes} == {
        ("sw", 1),
        ("eth3", 1),
        ("47 network interf\u2026", 47),
        ("web", 1),
    }
    assert {(e.source, e.target) for e in found.edges} == {("s", "1 NetworkInterface outage"), ("s", "p3"), ("p3", "h")}


def test_a_box_opens_its_members_stand_in_the_frame_of_their_device_and_the_rest_stays_in_it() -> None:
    closed = impacted._drawing(_switch(60), lambda i: "/" + i, lambda box: "?open=" + box)
    (box,) = [n for n in closed.nodes if n.count > 1]
    opened = impacted._drawing(
        _switch(60), lambda i: "/" + i, lambda box: "?open=" + box, [box.href.removeprefix("?open=")]
    )

    (rest,) = [n for n in opened.nodes if n.count > 1]
    assert (box.count, rest.count, rest.href) == (59, 19, "#listed")
    assert len(opened.nodes) == 2 + 41 + 1
    assert [f.title for f in opened.frames] == ["on sw"]
