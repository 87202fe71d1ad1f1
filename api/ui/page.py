"""The frame of every page: who asks, the state that is asked about, links that stay in it, and how values are shown.

`asked()` opens one view for one page, so that all of it is of one revision. Templates get `page`, and the filters below.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from api import auth
from api.caller import Caller
from api.context import server
from api.encoders import visible
from api.local_estate import LocalEstate
from api.ui import remedies, svg, words
from cmdb import aliases
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.ports import View
from cmdb.query import as_of
from cmdb.states import Head, Item

MAX_NUMBER = 10**9


@dataclass(slots=True)
class Page:
    """One page. `at` is the revision that is asked about, None for the present; `time` is when that was committed."""

    view: View
    caller: Caller
    now: int
    head: Head
    at: int | None
    at_text: str
    time: int | None

    @property
    def revision(self) -> int:
        return self.head.number if self.at is None else self.at

    @property
    def estate(self) -> LocalEstate:
        """The use cases, on behalf of who asks."""
        return server().estate.of(self.caller)

    def link(self, endpoint: str, **values: Any) -> str:
        """The address of another page of the same state."""
        if self.at is not None:
            values["at"] = str(self.at)
        return url_for(endpoint, **values)

    def ci(self, item: Item | str) -> str:
        return self.link("ci_pages.ci", id_=item if isinstance(item, str) else item.id)

    def present(self) -> str:
        """The address of this page as of now."""
        kept = urlencode([(k, v) for k, v in request.args.items(multi=True) if k not in ("at", "cursor", "before")])
        return self.here() + (f"?{kept}" if kept else "")

    def here(self) -> str:
        """The address of this page without its query."""
        given: dict[str, Any] = dict(request.view_args or {})
        return url_for(str(request.endpoint), **given)

    def command(self, *words: str) -> str:
        """A command of this program on this store, for a shell."""
        return remedies.command(self.estate.store.url, *words)

    def as_root(self) -> str:
        """The command that looks at this host as root."""
        return remedies.as_root(self.estate.store.url)

    def ago(self, time: int | None) -> str:
        return words.ago(time, self.now)

    def render(self, template: str, **values: Any) -> str:
        return render_template(template, page=self, **values)


@contextmanager
def asked(permission: str = "read") -> Iterator[Page]:
    """The page that the present request asks for. Raises Unauthorized, ForbiddenError, UsageError."""
    caller = auth.caller(permission)
    estate = server().estate
    now = estate.clock()
    text = request.args.get("at", "").strip()
    with estate.store.view() as view:
        at = as_of(view, text or None, now)
        revision = view.revision(at) if at else None
        yield Page(view, caller, now, view.head(), at, text, revision.committed_at if revision else None)


def number(name: str, default: int | None = None) -> int | None:
    """A count in the query string. Raises UsageError where it is none."""
    text = request.args.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text[:12]) > MAX_NUMBER:
        raise UsageError(f"{name}={text!r:.40} is no number; follow the links of the page before.")
    return int(text)


def state(page: Page, id_: str, class_name: str = "") -> Item:
    """A CI as of the page's revision, its last state where it is retired by then. Raises NotFoundError."""
    id_ = aliases.resolve(page.view, id_, page.at)
    found = page.view.items([id_], page.at).get(id_) if id_.isascii() else None
    if found is None:
        states = [s for s in page.view.history(id_) if page.at is None or s.since <= page.at] if id_.isascii() else []
        found = states[-1] if states else None
    if found is None or (class_name and found.class_name != class_name):
        when = "" if page.at is None else f" as of revision {page.at}"
        raise NotFoundError(f"There is no {class_name or 'configuration item'} {id_!r:.60}{when}.")
    return found


def furnish(routes: Blueprint) -> None:
    """Gives the application's templates what pages need."""
    routes.add_app_template_filter(words.hostile, "hostile")
    routes.add_app_template_filter(_plain, "plain")
    routes.add_app_template_filter(words.moment, "moment")
    routes.add_app_template_filter(words.class_label, "class_label")
    routes.add_app_template_filter(words.relation_label, "relation_label")
    routes.add_app_template_filter(words.attribute_label, "attribute_label")
    routes.add_app_template_filter(words.cut, "cut")
    routes.add_app_template_filter(_https, "https")
    routes.add_app_template_filter(svg.inline, "svg")
    routes.add_app_template_filter(svg.key, "svg_key")


def _plain(text: object) -> str:
    """For titles and attributes, where no markup can be: hidden characters as code points; still to be escaped."""
    return visible(str(text), 400)


def _https(address: object) -> Markup | str:
    """An address that may stand in a link, else nothing: only https and http, no other scheme."""
    text = str(address)
    return text if text.lower().startswith(("https://", "http://")) and text.isprintable() else ""
