"""What holds of drift whatever an estate went through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from baselines import baseline
from baselines.documents import Document
from baselines.drift import exit_status
from baselines.snapshot import Snapshot
from cmdb.model.batch import Section
from cmdb.stores.sqlite_store import SqliteStore
from tests.baselines.asking import ask, freeze
from tests.baselines.site import Site, failed, not_applicable, packages, software, system

_NAMES = st.lists(
    st.sampled_from(["curl=1", "curl=2", "nginx", "hello"]), max_size=3, unique_by=lambda n: n.split("=")[0]
)
_PORTS = st.lists(st.integers(80, 83), max_size=3, unique=True)
_STATES = st.tuples(st.sampled_from(["web1", "db1"]), st.integers(1, 2), _NAMES, _PORTS, st.sampled_from("cccfnu"))
_HISTORIES = st.lists(_STATES, min_size=1, max_size=6)


@given(history=_HISTORIES)
def test_drift_against_itself_is_empty(history: list[Any]) -> None:
    with _site() as site:
        for state in history:
            site.report(state[0], *_sections(state))
        freeze(site, "one")
        freeze(site, "two")

        reports = [ask(site, "one"), ask(site, "one", at=site.head()), ask(site, "one", against="two")]

        for report in reports:
            assert report["findings"] == 0
            assert all(row["section"] for row in report["deviations"])
            assert report["left_out"] == 0


@given(before=_HISTORIES, after=_HISTORIES)
def test_what_is_added_one_way_is_removed_the_other(before: list[Any], after: list[Any]) -> None:
    with _site() as site:
        for name, history in (("one", before), ("two", after)):
            for state in history:
                site.report(state[0], *_sections(state, "c"))
            freeze(site, name)

        there, back = ask(site, "one", against="two"), ask(site, "two", against="one")

        swapped = {"added": "removed", "removed": "added", "changed": "changed"}
        assert sorted((swapped[r["kind"]], r["ci"], str(r["attribute"])) for r in there["deviations"]) == sorted(
            (r["kind"], r["ci"], str(r["attribute"])) for r in back["deviations"]
        )
        assert there["findings"] == back["findings"] == len(there["deviations"])
        assert all(row["revision"] and row["not_after"] for row in there["deviations"])


@given(before=_HISTORIES, after=_HISTORIES)
def test_what_failed_is_never_drift_and_never_nothing(before: list[Any], after: list[Any]) -> None:
    with _site() as site:
        for name, history in (("one", before), ("two", after)):
            for state in history:
                site.report(state[0], *_sections(state))
            freeze(site, name)
        report = ask(site, "one", against="two")
        with site.store.view() as view:
            sides = [baseline.load(view, name).snapshot for name in ("one", "two")]

        shared = sides[0].items.keys() & sides[1].items.keys()
        blind = {
            p for side in sides for p, rows in side.coverage.items() if p[0] in shared and rows[0].outcome == "failed"
        }
        of_blind = [
            row
            for row in report["deviations"]
            if row["class"] == "SoftwarePackage" and (_whole(sides, row), "packages") in blind
        ]
        assert blind <= {(row["ci"], row["section"]) for row in report["deviations"]}
        assert {row["kind"] for row in of_blind} <= {"not_comparable"}
        assert exit_status(report) == 3 or not blind


def _whole(sides: list[Snapshot], row: Document) -> str | None:
    return next(side.items[row["ci"]].parent for side in sides if row["ci"] in side.items)


def _sections(state: Any, outcome: str = "") -> list[Section]:
    name, memory, names, ports, how = state
    last = packages(*names, privilege="user" if (outcome or how) == "u" else "full")
    made = {"f": failed, "n": not_applicable}.get(outcome or how)
    return [system(name, memory << 30), software(*ports), made(last) if made else last]


@contextmanager
def _site() -> Iterator[Site]:
    with TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder) / "site.db")
        try:
            yield Site(store)
        finally:
            store.close()
