"""The estate behind a server: the same answers as from the store."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate
from api.service import address, server, serving
from api.settings import Settings
from cmdb.model.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocument,
    NotFoundError,
    StoreError,
    SurveymarkError,
    UsageError,
)
from tests.api.conftest import token
from tests.api.routes.test_batches import batch
from tests.baselines.site import Site


@pytest.fixture
def url(app: OpenAPI) -> Iterator[str]:
    settings = Settings(port=0)
    made = server(app, settings)
    with serving(made):
        yield address(made, settings)


@pytest.fixture
def remote(url: str, site: Site) -> RemoteEstate:
    return RemoteEstate(url, token(site, "admin"))


def test_every_question_has_the_same_answer(remote: RemoteEstate, estate: LocalEstate, site: Site) -> None:
    host = site.id("web")
    remote.create_baseline("b", "")
    questions: list[tuple[str, tuple[Any, ...]]] = [
        ("find", ("class:Host",)), ("find", ("", "1", None, 2)), ("show", (host,)), ("show", (host, "1")),
        ("history", (host,)), ("neighbours", (host, None, None, 2)), ("summary", (host,)), ("impact", ([host],)),
        ("explain", (host,)),
        ("impact", ([host], [], "1")), ("topology", ()),
        ("topology", ([host], [], 1, ["Host"], 50, "1")), ("drift", ("b",)), ("baselines", ()), ("baseline", ("b",)),
        ("verify_baseline", ("b",)), ("records", ("change",)), ("list_tokens", ()), ("digest_key", ()), ("doctor", ()),
        ("doctor", (True,)),
    ]  # fmt: skip
    for name, arguments in questions:
        assert getattr(remote, name)(*arguments) == getattr(estate, name)(*arguments), name


def test_everything_can_be_done_from_afar(remote: RemoteEstate, estate: LocalEstate, site: Site) -> None:
    receipt = remote.submit(batch(site))
    made = remote.create_baseline("b", "class:Host")
    remote.approve_baseline("b", made["digest"], "alone here")
    record = remote.add_record("incident", "tool.example/I-1", {"cis": ["class:Host"], "impact": True, "drift": ["b"]})
    kept = remote.impact([site.id("web")], keep=True)["document"]
    drift = remote.drift("b", keep=True)["document"]
    made_token = remote.create_token("joe", ["reader"], "1h", None)

    assert receipt["created"] == 2
    assert estate.baseline("b")["state"] == "approved"
    assert remote.record("incident", "tool.example/I-1") == estate.record("incident", "I-1") == record
    assert [remote.document(d) for d in (kept, drift)] == [estate.document(d) for d in (kept, drift)]
    assert remote.revoke_token(made_token["id"])["state"] == "revoked"


def test_an_item_is_retired_and_restored_from_afar(remote: RemoteEstate, site: Site) -> None:
    host = site.id("web")

    gone, back = remote.retire(host, "scrapped"), remote.restore(host, "by mistake")

    assert (gone["state"], back["state"], remote.show(host)["state"]) == ("retired", "current", "current")
    assert remote.freshness(True)["dry_run"]


def test_errors_are_what_they_were_on_the_other_side(
    remote: RemoteEstate, estate: LocalEstate, url: str, site: Site
) -> None:
    remote.create_baseline("b", "")
    reader = RemoteEstate(url, token(site, "reader"))
    asked: list[tuple[Any, type[SurveymarkError]]] = [
        (lambda e: e.show("NONE"), NotFoundError),
        (lambda e: e.find("colour:red"), UsageError),
        (lambda e: e.create_baseline("b", ""), ConflictError),
        (lambda e: e.submit(b'{"batch":9}'), InvalidDocument),
    ]
    for question, expected in asked:
        with pytest.raises(expected) as here:
            question(estate)
        with pytest.raises(expected) as there:
            question(remote)
        assert (there.value.message, there.value.kind, there.value.status) == (here.value.message, here.value.kind, 2)
    with pytest.raises(ForbiddenError):
        reader.create_baseline("c", "")
    with pytest.raises(UsageError, match="unknown, expired or revoked"):
        RemoteEstate(url, "smt_x").find("")


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(StoreError, match="can not be reached"):
        RemoteEstate("http://127.0.0.1:9", "smt_x").find("")


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1", "ftp://127.0.0.1", "127.0.0.1:80", "http://joe:x@127.0.0.1", "https://"]
)
def test_a_url_that_would_give_the_token_away_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        RemoteEstate(url, "smt_x")


def test_a_token_with_a_line_end_is_refused() -> None:
    with pytest.raises(UsageError, match="no access token"):
        RemoteEstate("http://127.0.0.1:9", "a\r\nX: y")


class Stranger(http.server.BaseHTTPRequestHandler):
    """A server of another kind."""

    def do_GET(self) -> None:
        if "history" in self.path:
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
            return
        self.send_response(500 if "neighbours" in self.path else 200)
        self.end_headers()
        self.wfile.write(b"<html>" if "summary" not in self.path else b"[]")

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_of_another_kind_is_said_and_no_redirect_followed() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Stranger) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        remote = RemoteEstate(f"http://127.0.0.1:{stranger.server_port}", "smt_x")
        for question, said in (
            (remote.show, "no JSON"), (remote.summary, "no document"),
            (remote.neighbours, "answered 500"), (remote.history, "answered 302"),
        ):  # fmt: skip
            with pytest.raises(StoreError, match=said):
                question("x")
        stranger.shutdown()
