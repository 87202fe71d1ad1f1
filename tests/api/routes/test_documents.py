"""Documents: the same bytes for good."""

from __future__ import annotations

import hashlib

from tests.api.conftest import Api
from tests.baselines.site import Site


def test_a_document_is_its_bytes_and_whoever_has_it_need_not_ask_again(api: Api, site: Site) -> None:
    digest = api("POST", "/impact", json={"ci": [site.id("web")]}).json["document"]

    first = api("GET", f"/documents/{digest}")
    again = api("GET", f"/documents/{digest}", headers={"If-None-Match": f'"{digest}"'})

    assert hashlib.sha256(first.data).hexdigest() == digest
    assert "immutable" in first.headers["Cache-Control"]
    assert (again.status_code, again.data) == (304, b"")


def test_an_address_that_there_is_not_or_that_is_none_is_refused(api: Api) -> None:
    assert api("GET", "/documents/" + "0" * 64).status_code == 404
    assert api("GET", "/documents/xyz").status_code == 422
