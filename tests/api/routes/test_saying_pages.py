"""The form on a CI's page, as a browser sends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from cmdb.attribute_register import declare
from tests.api.ui.shop import Shop, empty_shop, host

NASTY = "<script>alert(1)</script>\"'>\u202e"


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Shop]:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3", packages=1))
        declare(found.store, "Host", "cost_center", "integer", "Who pays.", "ann", "needed")
        yield found


def form(html: str) -> dict[str, str]:
    """The fields of the form, with what they hold."""
    part = html.split('<form class="words"')[1].split("</form>")[0]
    found = re.findall(r'name="([^"]+)"(?: value="([^"]*)")?', part)
    return {name: unescape(value) for name, value in found}


def send(client: Any, id_: str, **fields: str) -> Any:
    held = form(client.get(f"/ci/{id_}").text)
    return client.post(f"/ci/{id_}/words", data={**held, "reason": "asked", **fields}, headers={"Accept": "text/html"})


def attributes(estate: Shop, id_: str) -> dict[str, Any]:
    with estate.store.view() as view:
        return dict(view.items([id_])[id_].attributes)


def test_what_is_said_is_shown_and_an_emptied_field_is_taken_back(estate: Shop) -> None:
    client, id_ = estate.signed_in("operator"), estate.id("class:Host")

    done = send(client, id_, **{"a.owner": NASTY, "a.cost_center": "42", "a.tags": "pci, dmz"})
    html = client.get(f"/ci/{id_}").text

    assert (done.status_code, done.headers["Location"]) == (303, f"/ci/{id_}#words")
    assert attributes(estate, id_)["tags"] == ["dmz", "pci"]
    assert "Who pays." in html
    assert "<script>alert" not in html
    send(client, id_, **{"a.cost_center": ""})
    assert "cost_center" not in attributes(estate, id_)
    assert attributes(estate, id_)["owner"] == NASTY


def test_a_form_without_the_session_s_token_is_refused(estate: Shop) -> None:
    client, id_ = estate.signed_in("operator"), estate.id("class:Host")

    assert send(client, id_, **{"a.owner": "ann", "csrf_token": "x"}).status_code == 403
    assert "owner" not in attributes(estate, id_)


def test_a_form_of_an_older_state_is_refused(estate: Shop) -> None:
    client, id_ = estate.signed_in("operator"), estate.id("class:Host")

    assert send(client, id_, **{"a.owner": "ann", "since": "0"}).status_code == 409
    assert send(client, id_, **{"a.cost_center": "many"}).status_code == 400
    assert send(client, id_, **{"a.owner": "ann", "reason": ""}).status_code == 400
    assert "owner" not in attributes(estate, id_)


def test_nothing_but_what_people_say_is_taken_from_a_form(estate: Shop) -> None:
    client, id_ = estate.signed_in("operator"), estate.id("class:Host")
    before = attributes(estate, id_)

    assert send(client, id_, **{"a.os": "windows", "os": "windows"}).status_code == 303
    assert attributes(estate, id_) == before


def test_who_only_reads_has_no_form_and_may_not_send_one(estate: Shop) -> None:
    operator, reader, id_ = estate.signed_in("operator"), estate.signed_in(), estate.id("class:Host")
    held = form(operator.get(f"/ci/{id_}").text)

    assert "What people say" not in reader.get(f"/ci/{id_}").text
    assert "What people say" not in operator.get(f"/ci/{id_}?at=1").text
    assert reader.post(f"/ci/{id_}/words", data=held).status_code == 403
