"""What people say of things, over HTTP: the same answers as from the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_openapi3.openapi import OpenAPI

from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate
from api.service import address, server, serving
from api.settings import Settings
from tests.api.conftest import token
from tests.baselines.site import Site


@pytest.fixture
def remote(app: OpenAPI, site: Site) -> Iterator[RemoteEstate]:
    settings = Settings(port=0)
    made = server(app, settings)
    with serving(made):
        yield RemoteEstate(address(made, settings), token(site, "admin"))


def test_an_edit_says_the_same_from_afar(remote: RemoteEstate, estate: LocalEstate, site: Site) -> None:
    said = {"set": {"owner": "ann"}, "unset": ["location"], "reason": "handed over"}

    shown = remote.edit("class:Host", {**said, "dry_run": True})
    assert shown == estate.edit("class:Host", {**said, "dry_run": True})
    remote.edit("class:Host", {**said, "expect": shown["digest"]})

    assert site.item("web").attributes["owner"] == "ann"


def test_a_file_is_taken_from_afar(remote: RemoteEstate, estate: LocalEstate, site: Site) -> None:
    said = {"format": "csv", "source": "s", "class": "Host", "match": ["name"], "columns": {"Who": "owner", "x": ""}}
    data = b"name,Who,x\nweb,ann,1\n"

    assert remote.import_file(data, {**said, "dry_run": True}) == estate.import_file(data, {**said, "dry_run": True})
    told: list[tuple[int, int]] = []
    assert remote.import_file(data, said, lambda done, rows: told.append((done, rows)))["landed"]

    assert told == [(1, 1)]
    assert site.item("web").attributes["owner"] == "ann"


def test_attributes_and_tags_are_the_same_from_afar(remote: RemoteEstate, estate: LocalEstate, site: Site) -> None:
    remote.add_attribute("Host", "cost", {"type": "integer", "reason": "needed"})
    remote.edit("class:Host", {"set": {"cost": "4"}, "tag": ["pci"], "reason": "asked"})

    assert remote.attributes() == estate.attributes()
    assert remote.tags() == estate.tags()
    assert remote.find("cost:4") == estate.find("cost:4")
    assert remote.remove_attribute("Host", "cost", "unused")["values"] == 1
    assert remote.attributes()["items"] == []
