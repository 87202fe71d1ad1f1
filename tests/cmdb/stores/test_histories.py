"""Whatever happens, both stores answer alike, and every earlier revision is answered as it was.

`--campaign long` runs many more and longer histories, other ones each time.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from cmdb.model.query_language import matches, parse
from cmdb.model.text import sort_key
from cmdb.natural import natural_digest
from cmdb.ports import View
from cmdb.stores.neo4j_store import Neo4jStore
from tests.campaigns.length import LONG, either
from tests.cmdb.building import GENESIS, START, open_store, state
from tests.cmdb.stores.arranged_histories import ArrangedHistory
from tests.cmdb.stores.building import types_of
from tests.cmdb.stores.histories import WORDS
from tests.cmdb.stores.replay import holds_as_of
from tests.servers.neo4j_server import clear

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(900)]
ENTRIES = ("alias", "attribute", "baseline", "conflict", "decision", "joined", "merge", "shared_identifier")
QUERIES = (
    "",
    "class:Host",
    "class:Host os:debian",
    "class:Host -name:web",
    "name:w*",
    "class:Endpoint port:>22",
    "rel:DEPENDS_ON",
    "-rel:TALKS_TO class:SoftwareInstance",
    "rel:AFFECTS",
    "has:versions -versions:1",
    "lib",
    "ångström",
    "class:SoftwarePackage name:>lib",
    f"name:{WORDS[-1]}",
    "address:10.0.0.*",
    "10.0",
)

revisions = st.floats(0, 1)
"""Which of the revisions that there are, from the first to the last."""


class SameAnswers(ArrangedHistory):
    """SQLite and Neo4j at once."""

    url = ""

    def __init__(self) -> None:
        self.place = tempfile.TemporaryDirectory()
        clear(self.url)
        drawn: dict[str, Any] = {"clock": lambda: START, "randomness": bytes, "genesis": GENESIS}
        super().__init__([open_store(Path(self.place.name) / "cmdb.db"), Neo4jStore.open(self.url, **drawn)])

    def teardown(self) -> None:
        try:
            for store, step in zip(self.stores, (1, either(4, 1))):
                with store.view() as view:
                    holds_as_of(view, step)
        finally:
            super().teardown()
            self.place.cleanup()

    def done(self, before: int) -> None:
        with ExitStack() as stack:
            one, other = (stack.enter_context(store.view()) for store in self.stores)
            equal(now(one), now(other))
            assert one.changed(before, 2**40) == other.changed(before, 2**40)

    @rule(query=st.sampled_from(QUERIES), limit=st.sampled_from((1, 3, 100)), which=revisions, past=st.booleans())
    def find(self, query: str, limit: int, which: float, past: bool) -> None:
        at = self._revision(which) if past else None
        with ExitStack() as stack:
            one, other = (stack.enter_context(store.view()) for store in self.stores)
            assert pages(one, query, at, limit) == pages(other, query, at, limit)

    @rule(which=revisions)
    def look_back(self, which: float) -> None:
        at = self._revision(which)
        with ExitStack() as stack:
            one, other = (stack.enter_context(store.view()) for store in self.stores)
            equal(then(one, at), then(other, at))

    @rule()
    def look_at_histories(self) -> None:
        with ExitStack() as stack:
            one, other = (stack.enter_context(store.view()) for store in self.stores)
            for id_ in sorted({id_ for kind, _, id_ in one.changed(0, 2**40) if kind == "ci"}):
                assert one.history(id_) == other.history(id_)
                assert one.link_history(id_) == other.link_history(id_)

    def _revision(self, which: float) -> int:
        return round(which * self.everyone[0].head())


class Replays(ArrangedHistory):
    """SQLite alone: each revision is remembered as it was when it was the newest."""

    def __init__(self) -> None:
        self.place = tempfile.TemporaryDirectory()
        super().__init__([open_store(Path(self.place.name) / "cmdb.db")])
        self.known: dict[int, Any] = {}
        self.done(0)

    def teardown(self) -> None:
        try:
            with self.stores[0].view() as view:
                for at, known in self.known.items():
                    assert remembered(view, at) == known, at
                holds_as_of(view)
            self.everyone[0].sound()
        finally:
            super().teardown()
            self.place.cleanup()

    def done(self, before: int) -> None:
        with self.stores[0].view() as view:
            number = view.head().number
            assert number >= before
            found = remembered(view, None)
            assert self.known.setdefault(number, found) == found, "no revision, but something effective changed"

    @rule(query=st.sampled_from(QUERIES), limit=st.sampled_from((1, 3, 100)), which=revisions)
    def find(self, query: str, limit: int, which: float) -> None:
        """The store finds what the query's meaning says, in its order."""
        with self.stores[0].view() as view:
            at = round(which * view.head().number)
            items, links = list(view.scan(None, at)), list(view.scan_links(None, at))
            meant = parse(query)
            expected = [item for item in items if matches(meant, item, types_of(item, links, items))]
            expected.sort(key=lambda item: (item.class_name, sort_key(item.name), item.id))
            assert [item.id for page in pages(view, query, at, limit) for item in page.items] == [
                i.id for i in expected
            ]


def pages(view: View, query: str, at: int | None, limit: int) -> list[Any]:
    """All pages of an answer."""
    found = [view.find(parse(query), at, None, limit)]
    while found[-1].next is not None:
        found.append(view.find(parse(query), at, found[-1].next, limit))
    return found


def remembered(view: View, at: int | None) -> Any:
    """What a revision's state is."""
    return natural_digest(view, at), state(view, at), {kind: _values(view, kind, at) for kind in ENTRIES}


def _values(view: View, kind: str, at: int | None) -> list[Any]:
    return [(entry.key, entry.value, entry.since, entry.digest) for entry in view.entries(kind, at)]


def now(view: View) -> dict[str, Any]:
    """Everything that is true at present."""
    items = sorted(view.scan(), key=lambda item: item.id)
    links = sorted(view.scan_links(), key=lambda link: link.key)
    ids = [item.id for item in items]
    wholes = [item.id for item in items if item.parent is None]
    return {
        "head": view.head(),
        "counts": view.counts(),
        "items": items,
        "links": links,
        "natural": natural_digest(view),
        "claims": view.claims([*ids, *(link.key for link in links)]),
        "pending": view.pending(ids),
        "coverage": view.coverage(),
        "scopes": [view.scopes(id_) for id_ in wholes],
        "readings": [view.readings(id_) for id_ in wholes],
        "entries": [view.entries(kind) for kind in ENTRIES],
    }


def then(view: View, at: int) -> dict[str, Any]:
    """Everything that was true as of a revision."""
    items = sorted(view.scan(None, at), key=lambda item: item.id)
    ids = [item.id for item in items]
    revision = view.revision(at)
    time = revision.committed_at if revision else START
    return {
        "revision": revision,
        "revisions": view.revisions(max(at - 2, 0), 3),
        "items": items,
        "by id": view.items(ids, at),
        "last": view.last_states(ids),
        "parts": [view.parts(item.id, None, at) for item in items if item.parent is None],
        "links": view.links(ids, at),
        "scanned": sorted(view.scan_links(None, at), key=lambda link: link.key),
        "natural": natural_digest(view, at),
        "coverage": view.coverage(None, time),
        "at": view.revision_at(time),
        "entries": [view.entries(kind, at) for kind in ENTRIES],
        "changed": view.changed(max(at - 3, 0), at),
    }


def equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    """What differs is named first."""
    for name, answer in one.items():
        assert answer == other[name], name


def _settings(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def test_both_stores_answer_alike_whatever_happens(cleared_neo4j: str) -> None:
    class Here(SameAnswers):
        url = cleared_neo4j

    run_state_machine_as_test(Here, settings=_settings(200, 40) if LONG else _settings(6, 12))


def test_every_revision_stays_as_it_was_whatever_happens() -> None:
    run_state_machine_as_test(Replays, settings=_settings(1000, 50) if LONG else _settings(60, 20))
