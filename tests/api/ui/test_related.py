"""Neighbours in groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.ui import related
from cmdb.model.errors import UsageError
from cmdb.ports import View
from tests.api.ui.shop import Shop, empty_shop, host


def _groups(view: View, id_: str, at: int | None = None) -> dict[str, related.Group]:
    return {g.key: g for g in related.groups(view, view.items([id_], at)[id_], at)}


def test_each_group_has_its_relation_its_class_and_its_count(estate: Shop) -> None:
    with estate.store.view() as view:
        found = _groups(view, estate.id("class:SoftwareInstance name:postgres"))

    assert {key: [m.item.name for m in g.members] for key, g in found.items()} == {
        "RUNS_ON.subject.Host": ["db3"],
        "EXPOSES.subject.Endpoint": ["tcp 0.0.0.0:5432", "tcp 127.0.0.1:9003"],
    }
    assert [g.label for g in found.values()] == ["Runs on", "Exposes"]


def test_a_neighbour_on_another_host_says_which(estate: Shop) -> None:
    with estate.store.view() as view:
        (client,) = _groups(view, estate.id("class:Endpoint port:5432"))["TALKS_TO.object.SoftwareInstance"].members

    assert client.item.name == "shop"
    assert client.on is not None
    assert client.on.name == "app2"


def test_parts_come_last_and_their_whole_first(estate: Shop) -> None:
    host_id = estate.id("class:Host name:db3")
    with estate.store.view() as view:
        of_host = [g.type for g in related.groups(view, view.items([host_id])[host_id])]
        part = estate.id(f"class:NetworkInterface in:{host_id}")
        of_part = [g.key for g in related.groups(view, view.items([part])[part])]

    assert set(of_host) == {"CONTAINS", "RUNS_ON"}
    assert of_part == ["CONTAINS.object.Host", "HAS_ADDRESS.subject.IPAddress"]


def test_pages_of_a_group_show_every_member_once(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3", packages=25))
        with found.store.view() as view:
            group = _groups(view, found.id("class:Host"))["CONTAINS.subject.SoftwarePackage"]
        names: list[str] = []
        cursor: str | None = None
        for _ in range(3):
            page = related.page(group, cursor, 10)
            names += [m.item.name for m in page.members]
            cursor = page.next

    assert cursor is None
    assert names == [m.item.name for m in group.members]
    assert group.count == 26
    with pytest.raises(UsageError):
        related.page(group, "%%", 10)


def test_as_of_before_the_server_was_known_a_client_talks_to_nobody(estate: Shop) -> None:
    with estate.store.view() as view:
        client = estate.id("class:SoftwareInstance name:nginx")

        assert "TALKS_TO.subject.Endpoint" in _groups(view, client)
        assert "TALKS_TO.subject.Endpoint" not in _groups(view, client, 1)
