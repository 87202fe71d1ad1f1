"""Batches over HTTP."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from flask_openapi3.openapi import OpenAPI

from api.app import create_app
from api.models import Receipt
from api.settings import Settings
from cmdb.model.batch import Header, encode
from tests.api.conftest import Api, token
from tests.baselines.site import Site, packages

NDJSON = {"Content-Type": "application/x-ndjson"}


def batch(site: Site, source: str = "agent:web", route: str = "agent", id_: str = "b-http") -> bytes:
    marks = {"agent_key": "key-new", "machine_id": "0123456789abcdef0123456789abcdef"}
    header = Header(id_, source, route, 100, site.time, "Host", marks)
    return b"".join(encode(header, [packages("new=1")]))


def test_a_batch_lands_and_its_receipt_is_as_described(api: Api, site: Site) -> None:
    answer = api("POST", "/batches", data=batch(site), headers=NDJSON)

    assert answer.status_code == 200
    Receipt.model_validate(answer.json)
    assert answer.json["created"] == 2
    assert site.id("new", "SoftwarePackage")


def test_a_batch_may_be_packed(api: Api, site: Site) -> None:
    packed = gzip.compress(batch(site))
    answer = api("POST", "/batches", data=packed, headers={**NDJSON, "Content-Encoding": "gzip"})
    assert answer.json["created"] == 2


def test_an_agent_reports_only_as_itself_whatever_it_says(api_as: Callable[..., Api], site: Site) -> None:
    agent = api_as("agent", "agent:mine")

    receipt = agent("POST", "/batches", data=batch(site, "agent:web", "manual"), headers=NDJSON).json

    with site.store.view() as view:
        revision = view.revision(receipt["revision"])
        scopes = view.scopes(receipt["ci"])
    assert revision is not None
    assert revision.source == "agent:mine"
    assert {(s.source, s.route) for s in scopes} == {("agent:mine", "agent")}


def test_only_agents_hand_in_and_get_the_digest_key(api_as: Callable[..., Api], site: Site) -> None:
    for role in ("reader", "operator"):
        assert api_as(role)("POST", "/batches", data=batch(site), headers=NDJSON).status_code == 403
        assert api_as(role)("GET", "/agent/digest-key").status_code == 403
    key = api_as("agent", "agent:mine")("GET", "/agent/digest-key")
    assert key.json == {"key": site.store.digest_key().hex()}
    assert key.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b"", NDJSON, 422),
        (b"no json\n", NDJSON, 422),
        (b'{"batch":9}\n', NDJSON, 422),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"{}", {**NDJSON, "Content-Encoding": "br"}, 415),
        (b"{}", {**NDJSON, "Content-Encoding": "gzip"}, 400),
        (gzip.compress(b"{}", mtime=0)[:-4], {**NDJSON, "Content-Encoding": "gzip"}, 400),
    ],
)
def test_what_is_no_batch_is_refused(api: Api, data: bytes, headers: dict[str, str], status: int) -> None:
    answer = api("POST", "/batches", data=data, headers=headers)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_the_problem_names_the_path_in_the_document(api: Api) -> None:
    assert api("POST", "/batches", data=b'{"batch":1}\n', headers=NDJSON).json["path"] == "/0/subject"


def small(site: Site) -> OpenAPI:
    return create_app(Settings(max_batch_bytes=10_000, max_body_bytes=100), site.store, site.clock)


def test_a_batch_is_bounded_before_and_after_it_is_unpacked(site: Site) -> None:
    agent = Api(small(site).test_client(), token(site, "admin"))
    bomb = gzip.compress(b" " * 50_000_000)

    plain = agent("POST", "/batches", data=b" " * 10_001, headers=NDJSON)
    packed = agent("POST", "/batches", data=bomb[:9000], headers={**NDJSON, "Content-Encoding": "gzip"})
    fits = agent("POST", "/batches", data=batch(site), headers=NDJSON)

    assert [plain.status_code, packed.status_code, fits.status_code] == [413, 413, 200]
