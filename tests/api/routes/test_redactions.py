"""Redaction over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from api.models import CI
from api.models_redaction import Lifted, RedactionDone
from tests.api.conftest import Api
from tests.baselines.site import Site


def test_a_value_is_erased_and_lifted(api: Api, site: Site) -> None:
    (ci,) = api("GET", "/cis?q=class:Host&limit=1").json["items"]
    body = {"ci": ci["id"], "attribute": "memory_bytes", "reason": "a secret"}
    done = RedactionDone.model_validate(api("POST", "/redactions", json=body).json)
    assert (done.revision, done.scrubbed) == (site.head(), True)
    shown = api("GET", f"/cis/{ci['id']}").json
    told = CI.model_validate(shown).redacted or {}
    assert {name: (why.reason, why.revision) for name, why in told.items()} == {
        "memory_bytes": ("a secret", done.revision)
    }
    assert all(why.by and why.at for why in told.values())
    assert Lifted.model_validate(api("POST", "/redactions/lift", json=body).json).revision == site.head()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"ci": "nobody", "attribute": "memory_bytes", "reason": "r"}, 404),
        ({"ci": "nobody", "attribute": "memory_bytes", "reason": ""}, 422),
        ({"ci": "nobody", "attribute": "", "reason": "r"}, 422),
        ({"ci": "nobody", "reason": "r"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(api: Api, site: Site, body: dict[str, Any], status: int) -> None:
    head = site.head()
    assert api("POST", "/redactions", json=body).status_code == status
    assert api("POST", "/redactions/lift", json=body).status_code == status
    assert site.head() == head
