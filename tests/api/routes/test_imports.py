"""Imports over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.models_people import Imported
from tests.api.conftest import Api
from tests.baselines.site import Site

CSV = b"name,Who\nweb,=1+1\n"
PATH = "/imports?format=csv&source=sheet&class=Host&match=name&map=Who=owner"


def test_a_file_is_shown_and_then_taken_as_shown(api: Api, site: Site) -> None:
    shown = Imported.model_validate(api("POST", f"{PATH}&dry_run=true", data=CSV).json)
    done = Imported.model_validate(api("POST", f"{PATH}&expect={shown.digest}", data=CSV).json)

    assert (shown.landed, done.landed, done.items) == (False, True, shown.items)
    assert site.item("web").attributes["owner"] == "=1+1"


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        (PATH.replace("csv", "xlsx"), CSV, 422),
        (PATH + "&more=1", CSV, 422),
        (PATH.replace("&map=Who=owner", ""), CSV, 400),
        (PATH, b"\xff\xfe", 400),
        (PATH + "&expect=" + "0" * 64, CSV, 409),
        (PATH, b"x" * (16 * 1024 * 1024 + 1), 413),
    ],
)
def test_what_can_not_be_taken_is_refused(api: Api, site: Site, path: str, data: bytes, status: int) -> None:
    before = site.head()

    assert api("POST", path, data=data).status_code == status
    assert site.head() == before


def test_who_only_reads_may_not(api_as: Callable[..., Api]) -> None:
    assert api_as("reader")("POST", PATH, data=CSV).status_code == 403
