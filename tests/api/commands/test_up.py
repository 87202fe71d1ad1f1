"""`surveymark up`, as a process."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar

from tests.api.commands.test_serve import running
from tests.api.conftest import Done


def test_once_says_what_this_host_is_and_ends(process: Callable[..., Done]) -> None:
    done = process("up", "--once")
    again = process("up", "--once", "--json")

    assert done.status == 0, done.err
    for title in ("kernel:", "What listens", "What it depends on", "What could not be seen"):
        assert title in done.out
    assert "created" in done.err
    assert {"host", "listens", "depends_on", "unseen", "receipt"} <= set(again.json)


def test_it_serves_page_and_api_and_signs_a_browser_in_once() -> None:
    with running("up", "--listen", "127.0.0.1:0", until="sign-in/") as (process, said):
        address = said[-1].split()[-1]
        base = address.partition("/sign-in")[0]
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = browser.open(address, timeout=30)
        session = json.load(browser.open(f"{base}/api/v1/session", timeout=30))
    assert page.status == 200
    assert session["roles"] == ["admin"]
    assert process.returncode == 0
    assert "Traceback" not in "".join(said)
