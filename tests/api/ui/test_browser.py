"""The page in a real Chromium, over HTTP on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cheroot.wsgi import Server
from playwright.sync_api import Browser, Page, sync_playwright

from api.context import NAME
from tests.api.ui.shop import Shop


@pytest.fixture(scope="module")
def origin(estate: Shop) -> Iterator[str]:
    server = Server(("127.0.0.1", 0), estate.app, numthreads=4)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield found
        found.close()


class Watched:
    """A tab, and all that it complained about or asked of anybody."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.dialogs: list[str] = []
        self.asked: set[str] = set()
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self.asked.add(request.url))

    def _dialog(self, dialog: object) -> None:
        self.dialogs.append(str(dialog))

    def harmless(self, origin: str) -> bool:
        """Nothing was blocked, nothing ran, nothing was asked of anybody else."""
        elsewhere = [url for url in self.asked if not url.startswith((origin + "/", "data:"))]
        return not (self.complaints or self.dialogs or elsewhere)


@contextmanager
def _tab(
    browser: Browser, address: str = "", script: bool = True, dark: bool = False, width: int = 1280
) -> Iterator[Watched]:
    context = browser.new_context(
        java_script_enabled=script, color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900}
    )
    try:
        watched = Watched(context.new_page())
        if address:
            watched.page.goto(address)
        yield watched
    finally:
        context.close()


def test_a_one_time_address_signs_in_once(estate: Shop, browser: Browser, origin: str) -> None:
    address = origin + estate.address()
    with _tab(browser, address) as tab:
        assert tab.page.url == origin + "/"
        assert tab.page.inner_text("h1") == "3 hosts"
        assert tab.page.evaluate("document.cookie") == ""
        assert tab.harmless(origin), (tab.complaints, tab.asked)
    with _tab(browser, address) as tab:
        assert tab.page.inner_text("h1") == "Bad Request"


def test_a_token_signs_in_by_the_form_and_signing_out_ends_it(estate: Shop, browser: Browser, origin: str) -> None:
    token = estate.app.extensions[NAME].tokens.create("os:tester", "page", ["reader"], "1d", None)["token"]
    with _tab(browser, origin + "/") as tab:
        assert tab.page.url == origin + "/sign-in"
        tab.page.get_by_label("Access token").fill(token)
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url(origin + "/")
        tab.page.get_by_role("button", name="Sign out").click()
        tab.page.wait_for_url(origin + "/sign-in")
        tab.page.goto(origin + "/")
        assert tab.page.url == origin + "/sign-in"


def test_the_keyboard_alone_finds_a_ci(estate: Shop, browser: Browser, origin: str) -> None:
    with _tab(browser, origin + estate.address()) as tab:
        tab.page.keyboard.press("/")
        tab.page.keyboard.type("class:SoftwareInstance name:postgres")
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/search?*")
        link = tab.page.get_by_role("table").get_by_role("link", name="postgres")
        link.focus()
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/ci/*")
        assert tab.page.inner_text("h1") == "postgres"
        assert tab.page.get_by_role("heading", name="Timeline").is_visible()
        assert tab.harmless(origin), (tab.complaints, tab.asked)


def test_the_first_stop_of_the_keyboard_skips_to_the_content(estate: Shop, browser: Browser, origin: str) -> None:
    with _tab(browser, origin + estate.address()) as tab:
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("document.activeElement.textContent") == "Skip to content"


def test_everything_works_without_scripts(estate: Shop, browser: Browser, origin: str) -> None:
    with _tab(browser, origin + estate.address(), script=False) as tab:
        tab.page.get_by_label("Search configuration items").fill("class:Endpoint port:5432")
        tab.page.keyboard.press("Enter")
        tab.page.get_by_role("table").get_by_role("link", name="tcp 0.0.0.0:5432").click()
        assert tab.page.inner_text("h1") == "tcp 0.0.0.0:5432"
        tab.page.get_by_role("link", name="Impact if it goes").click()
        assert tab.page.inner_text("h1") == "What breaks if it goes"


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 1280), (False, 390)])
def test_hostile_text_is_harmless_and_no_page_is_wider_than_its_window(
    estate: Shop, browser: Browser, origin: str, dark: bool, width: int
) -> None:
    host = estate.id("class:Host name:web1")
    odd = estate.id("class:SoftwareInstance alert")
    account = estate.id(f"class:LocalAccount name:root in:{host}")
    pages = (
        "/", f"/hosts/{host}", f"/ci/{host}", f"/ci/{odd}", f"/ci/{account}", f"/ci/{host}/impact", f"/ci/{host}/timeline",
        "/search?q=alert", "/revisions", "/revisions/1", "/baselines", "/records", "/conflicts", "/conflicts?all=1",
        f"/ci/{host}/identity", f"/ci/{odd}/identity", f"/ci/{account}/identity",
    )  # fmt: skip
    with _tab(browser, origin + estate.address(), dark=dark, width=width) as tab:
        for path in pages:
            tab.page.goto(origin + path)
            assert tab.harmless(origin), (path, tab.complaints, tab.dialogs, tab.asked)
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert tab.page.evaluate("document.querySelectorAll('main script, main img, main style').length") == 0


def test_the_text_of_a_name_is_all_there_to_be_read(estate: Shop, browser: Browser, origin: str) -> None:
    with _tab(browser, origin + estate.address()) as tab:
        tab.page.goto(f"{origin}/ci/{estate.id('class:SoftwareInstance alert')}")
        assert tab.page.inner_text("h1") == "<script>alert(document.domain)</script>"
        tab.page.goto(f"{origin}/search?q=owned")
        assert "<U+202E>" in tab.page.inner_text("main table")


# Ratio of contrast of every text on its ground (WCAG 2.2, 1.4.3), by the browser's own colours.
_CONTRAST = """() => {
  const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255]; };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.closest("svg, title") || !e.checkVisibility()) continue;
    const pair = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push([ratio.toFixed(2), e.className, walk.currentNode.data.trim().slice(0, 40)].join(" "));
  }
  return poor;
}"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_ground(estate: Shop, browser: Browser, origin: str, dark: bool) -> None:
    software = estate.id("class:SoftwareInstance name:postgres")
    host = estate.id("class:Host name:web1")
    pages = (
        "/",
        f"/hosts/{host}",
        f"/ci/{software}",
        f"/ci/{software}/impact",
        f"/ci/{host}/identity",
        "/conflicts",
        "/search?q=class:Host&at=1",
        "/revisions/4",
    )
    with _tab(browser, origin + estate.address(), dark=dark) as tab:
        for path in pages:
            tab.page.goto(origin + path)
            assert tab.page.evaluate(_CONTRAST) == [], path


def test_every_table_has_a_caption_and_every_field_a_label(estate: Shop, browser: Browser, origin: str) -> None:
    host = estate.id("class:Host name:web1")
    with _tab(browser, origin + estate.address()) as tab:
        for path in (
            "/",
            f"/hosts/{host}",
            f"/ci/{host}",
            f"/ci/{host}/impact",
            f"/ci/{host}/identity",
            "/conflicts",
            "/search?q=nginx",
            "/sign-in",
        ):
            tab.page.goto(origin + path)
            assert tab.page.evaluate("[...document.querySelectorAll('table')].every((t) => t.caption)")
            fields = "[...document.querySelectorAll('input:not([type=hidden])')].every((f) => f.labels.length)"
            assert tab.page.evaluate(fields)
            assert tab.page.locator("h1").count() == 1
            twice = (
                "[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, n, all) => all.indexOf(id) !== n)"
            )
            assert tab.page.evaluate(twice) == []


def test_the_picture_leads_to_its_cis(estate: Shop, browser: Browser, origin: str) -> None:
    with _tab(browser, origin + estate.address()) as tab:
        tab.page.goto(f"{origin}/ci/{estate.id('class:Host name:db3')}")
        tab.page.locator("svg.graph a", has_text="shop").click()
        tab.page.wait_for_url("**/ci/*")
        assert tab.page.inner_text("h1") == "shop"
