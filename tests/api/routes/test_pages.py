"""Pages of the whole, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.routes.pages import EXAMPLES
from cmdb.ports import Store, View
from tests.api.ui.shop import HUGE, IMAGE, JAVASCRIPT, SCRIPT, Shop, empty_shop, host, links_of, shop

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as found:
        yield found


class _Counting:
    """A store that counts the questions that its views are asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.questions: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def view(self) -> Iterator[View]:
        with self._store.view() as view:
            yield _counted(view, self.questions)


def _counted(view: View, questions: list[str]) -> Any:
    class Counted:
        def __getattr__(self, name: str) -> Any:
            questions.append(name)
            return getattr(view, name)

    return Counted()


def test_nobody_known_is_sent_to_sign_in(estate: Shop) -> None:
    answer = estate.app.test_client().get("/", headers=HTML)

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    form = estate.app.test_client().get("/sign-in")
    assert form.status_code == 200
    assert 'action="/sign-in"' in form.text


def test_who_is_signed_in_has_no_need_of_the_form(estate: Shop) -> None:
    assert estate.signed_in().get("/sign-in").location == "/"


def test_an_agents_token_does_not_open_the_page(estate: Shop) -> None:
    answer = estate.signed_in("agent").get("/", headers=HTML)

    assert answer.status_code == 403
    assert "<h1>Forbidden</h1>" in answer.text


def test_several_hosts_are_listed_and_counted(estate: Shop) -> None:
    html = estate.signed_in().get("/").text

    assert "<h1>3 hosts</h1>" in html
    assert f"/hosts/{estate.id('class:Host name:db3')}" in links_of(html)
    assert "baseline create first" in html


def test_one_host_is_the_first_page(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3"))
        html = found.signed_in().get("/").text

    for heading in ("What it is", "What listens", "What it depends on", "What could not be seen", "Next steps"):
        assert f">{heading}</h2>" in html
    assert "10.0.0.254" in html
    assert "agent once" in html


def test_an_empty_store_says_what_to_do(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        client = found.signed_in()

        assert "agent once" in client.get("/").text
        assert client.get("/revisions").status_code == 200
        assert "Nothing matches" in client.get("/search?q=class:Host").text


def test_every_example_of_the_help_is_a_query(estate: Shop) -> None:
    client = estate.signed_in()

    for query, _ in EXAMPLES:
        assert client.get("/search", query_string={"q": query}).status_code == 200


def test_the_search_field_takes_discovery_states_as_the_command_does(estate: Shop) -> None:
    with estate.signed_in() as client:
        current = client.get("/search?q=class:Host+is:current")
        retired = client.get("/search?q=class:Host+is:retired")
    assert (current.status_code, retired.status_code) == (200, 200)
    assert "Items, not counted" in current.text
    assert "More than" not in current.text
    assert "Nothing matches" in retired.text


def test_a_query_that_is_not_understood_is_explained_beside_the_field(estate: Shop) -> None:
    answer = estate.signed_in().get("/search", query_string={"q": f"class:{IMAGE}"})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert IMAGE not in answer.text


def test_results_are_paged_to_the_last(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3", packages=120))
        client = found.signed_in()
        address: str | None = "/search?q=class:SoftwarePackage"
        seen: list[str] = []
        while address:
            links = links_of(client.get(address).text)
            seen += [link for link in links if link.startswith("/ci/")]
            address = next((link.replace("&amp;", "&") for link in links if "cursor=" in link), None)

    parts = [link for link in seen if link != max(set(seen), key=seen.count)]
    assert len(parts) == len(set(parts)) == 121


def test_what_a_revision_did_is_listed(estate: Shop) -> None:
    client = estate.signed_in()

    assert "postgres" in client.get("/revisions/4").text
    assert client.get("/revisions/99", headers=HTML).status_code == 404


@pytest.mark.parametrize(
    "path", ["/nothing", "/hosts/x", "/ci/\u202e", "/ci/x/impact", "/baselines/x", "/records/change/x"]
)
def test_what_is_not_there_is_told_on_a_page(estate: Shop, path: str) -> None:
    answer = estate.signed_in().get(path, headers=HTML)

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "<h1>Not Found</h1>" in answer.text


def test_a_program_gets_the_problem_document(estate: Shop) -> None:
    answer = estate.signed_in().get("/nothing", headers={"Accept": "*/*"})

    assert answer.mimetype == "application/problem+json"


def test_every_page_forbids_scripts_and_styles_within_it(estate: Shop) -> None:
    client = estate.signed_in()
    for path in (
        "/",
        "/search?q=nginx",
        "/revisions",
        f"/ci/{estate.id('class:Host name:db3')}",
        "/sign-in",
        "/nothing",
    ):
        answer = client.get(path, headers=HTML)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:")
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        for inline in (" style=", "<style", "<script>", " onclick=", " onerror=", 'javascript:alert(1)"'):
            assert inline not in answer.text.replace("onerror=alert(1)&gt;", ""), (path, inline)


def test_another_host_name_is_refused(estate: Shop) -> None:
    answer = estate.signed_in().get("/", headers={"Host": "evil.example", **HTML})

    assert answer.status_code == 421


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(estate: Shop) -> None:
    cookie = estate.app.test_client().get(estate.address()).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_signing_out_needs_the_form_of_the_session(estate: Shop) -> None:
    client = estate.signed_in()
    token = client.get("/").text.split('name="csrf_token" value="')[1].split('"')[0]

    assert client.post("/sign-out", headers=HTML).status_code == 403
    assert client.get("/").status_code == 200
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert client.get("/", headers=HTML).location == "/sign-in"


def test_hostile_text_is_shown_and_never_markup(estate: Shop) -> None:
    client = estate.signed_in()
    host_id = estate.id("class:Host name:web1")
    for path in (
        "/",
        f"/hosts/{host_id}",
        f"/ci/{host_id}",
        "/search?q=alert",
        "/revisions/1",
        f"/ci/{host_id}/impact",
    ):
        html = client.get(path).text
        assert SCRIPT not in html
        assert IMAGE not in html
        assert "\u202e" not in html
        assert "\x1b" not in html
        assert not [link for link in links_of(html) if link.startswith(JAVASCRIPT[:10])]
        assert len(html) < 200_000 < len(HUGE)


def test_a_page_asks_the_store_the_same_few_questions_whatever_it_shows(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3", packages=1000))
        found.report("db3", host("db3", version="17", packages=1000))
        counting = _Counting(found.store)
        client = _client_over(found, counting)
        paths = {
            "/": 15,
            "/search?q=class:SoftwarePackage": 10,
            f"/ci/{found.id('class:Host')}": 25,
            f"/ci/{found.id('class:Host')}/neighbours/CONTAINS.subject.SoftwarePackage": 10,
            f"/ci/{found.id('class:Host')}/impact": 15,
            "/revisions/1": 10,
        }
        asked = {}
        for path in paths:
            counting.questions.clear()
            assert client.get(path).status_code == 200
            asked[path] = len(counting.questions)

    assert all(asked[path] <= most for path, most in paths.items()), asked


def _client_over(found: Shop, store: Any) -> Any:
    return Shop(store).signed_in()
