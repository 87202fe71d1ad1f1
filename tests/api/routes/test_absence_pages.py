"""Retiring a CI on its page, and bringing it back, as a browser sends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from cmdb.freshness import Freshness
from cmdb.model.times import SECOND
from tests.api.ui.shop import Shop, empty_shop, host

DAYS = 86_400 * SECOND


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Shop]:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3", packages=1))
        yield found


def send(client: Any, id_: str, what: str, **fields: str) -> Any:
    part = client.get(f"/ci/{id_}").text.split('<form class="words ending"')[1].split("</form>")[0]
    assert f"/ci/{id_}/{what}" in part
    held = {n: unescape(v) for n, v in re.findall(r'name="([^"]+)"(?: value="([^"]*)")?', part)}
    return client.post(
        f"/ci/{id_}/{what}", data={**held, "reason": "<b>scrapped", **fields}, headers={"Accept": "text/html"}
    )


def test_a_host_is_retired_and_brought_back_on_its_page(estate: Shop) -> None:
    client, id_ = estate.signed_in("operator"), estate.id("class:Host")

    gone = send(client, id_, "retirement")
    shown = client.get(f"/ci/{id_}").text
    back = send(client, id_, "restoration")

    assert (gone.status_code, back.status_code, gone.headers["Location"]) == (303, 303, f"/ci/{id_}")
    assert "Retired in" in shown
    assert "<b>scrapped" not in shown
    assert ">current</span>" in client.get(f"/ci/{id_}").text


def test_an_old_form_and_one_without_reason_are_refused(estate: Shop) -> None:
    client, id_ = estate.signed_in("operator"), estate.id("class:Host")

    assert send(client, id_, "retirement", since="0").status_code == 409
    assert send(client, id_, "retirement", reason=" ").status_code == 400
    assert client.post(f"/ci/{id_}/retirement", data={"reason": "x"}).status_code in (400, 403)


def test_who_only_reads_sees_no_form_and_may_not(estate: Shop) -> None:
    operator, reader, id_ = estate.signed_in("operator"), estate.signed_in(), estate.id("class:Host")
    page = operator.get(f"/ci/{id_}").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]

    assert "words ending" in page
    assert "words ending" not in reader.get(f"/ci/{id_}").text
    assert reader.post(f"/ci/{id_}/retirement", data={"csrf_token": token, "reason": "x"}).status_code == 403


def test_what_is_stale_is_marked(estate: Shop) -> None:
    with estate.store.view() as view:
        later = view.head().committed_at + 30 * DAYS
    Freshness(estate.store, "test", lambda: later).run()
    client = estate.signed_in("reader")

    assert ">stale</span>" in client.get(f"/ci/{estate.id('class:Host')}").text
