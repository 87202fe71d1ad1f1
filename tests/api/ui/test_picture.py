"""Pictures of neighbourhoods."""

from __future__ import annotations

from pathlib import Path

from api.ui import picture
from api.ui.drawing import Drawing
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.declaration import CI, Relation
from cmdb.states import Item
from tests.api.ui.shop import Shop, empty_shop, host, section


def _address(item: Item) -> str:
    return "/" + item.id


def _more(_: str, class_name: str) -> str:
    return "/more/" + class_name


def _drawn(estate: Shop, query: str) -> Drawing:
    with estate.store.view() as view:
        id_ = estate.id(query)
        return picture.neighbourhood(view, view.items([id_])[id_], None, _address, _more)


def _lines(drawing: Drawing) -> set[tuple[str, str, str]]:
    names = {n.key: n.name for n in drawing.nodes}
    return {(names[e.source], names[e.target], e.kind) for e in drawing.edges}


def test_software_stands_between_its_host_and_its_clients(estate: Shop) -> None:
    found = _drawn(estate, "class:SoftwareInstance name:shop")

    assert [lane.title for lane in found.lanes] == ["Needs", "Host", "Software", "Listens on", "Used by"]
    assert _lines(found) >= {
        ("app2", "shop", "plain"),
        ("shop", "tcp 0.0.0.0:8080", "plain"),
        ("nginx", "tcp 0.0.0.0:8080", "maybe"),
        ("shop", "tcp 0.0.0.0:5432", "maybe"),
    }
    assert [n.name for n in found.nodes if n.focus] == ["shop"]


def test_a_host_shows_its_software_with_what_uses_it(estate: Shop) -> None:
    found = _drawn(estate, "class:Host name:db3")

    assert ("shop", "tcp 0.0.0.0:5432", "maybe") in _lines(found)


def test_any_other_part_shows_its_whole_and_what_it_is_related_to(estate: Shop) -> None:
    found = _drawn(estate, "class:NetworkInterface in:" + estate.id("class:Host name:db3"))

    assert _lines(found) == {("db3", "eth0", "plain"), ("eth0", "10.0.0.3", "plain")}


def test_hidden_characters_are_shown_and_long_names_cut(estate: Shop) -> None:
    found = _drawn(estate, "class:Host name:db3")

    (odd,) = [n for n in found.nodes if n.name.startswith("<U+001B>")]
    assert len(odd.name) <= picture.NAME
    assert all(char.isprintable() for n in found.nodes for char in n.name + n.about + n.caption)


def test_like_ones_are_one_box_and_the_rest_is_counted(tmp_path: Path) -> None:
    software: list[CI] = [SoftwareInstance(instance=f"unit {n}", name=f"daemon{n:02}") for n in range(30)]
    endpoints: list[CI] = [
        Endpoint(name=f"tcp {a}:22", protocol="tcp", address=a, port=22, exposed=True) for a in ("0.0.0.0", "::")
    ]
    exposes = [Relation("EXPOSES", software[0].ref(), e.ref()) for e in endpoints]
    with empty_shop(tmp_path) as found:
        found.report("db3", [host("db3")[0], section("software", software + endpoints, exposes)])
        drawing = _drawn(found, "class:Host")

    names = {n.name: n for n in drawing.nodes}
    assert names["tcp 22 \N{MULTIPLICATION SIGN}2"].count == 2
    assert names["22 more"].href == "/more/SoftwareInstance"
    assert len([n for n in drawing.nodes if n.shape == "software"]) == picture.MOST
