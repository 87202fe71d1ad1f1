"""Baselines as documents, and read again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baselines import baseline
from baselines.documents import save
from baselines.frozen import freeze, thaw
from baselines.snapshot import Snapshot, capture
from cmdb.model.errors import NotFoundError, UsageError
from tests.baselines.site import Site, accounts, failed, hardware, network, packages, software, system


def whole_site(site: Site) -> None:
    site.report(
        "web1",
        system("web1"),
        hardware(vendor="ACME"),
        packages("curl"),
        software(80),
        network("192.0.2.1", "192.0.2.2"),
    )
    site.report("db1", system("db1"), packages("postgres", privilege="user"), failed(accounts(), "no permission"))


def told(snapshot: Snapshot) -> object:
    """A snapshot without what only a store has: revisions of states, numbers of claimants, times of coverage."""
    items = {i: replace(item, since=0, born=0, scope=None, not_before=None) for i, item in snapshot.items.items()}
    links = {k: replace(link, since=0, scope=None, not_before=None) for k, link in snapshot.links.items()}
    coverage = {p: [replace(row, seen_at=0) for row in rows] for p, rows in snapshot.coverage.items()}
    return (snapshot.revision, snapshot.as_of, items, links, coverage, snapshot.claims, snapshot.tells)


def create(site: Site, name: str, scope: str = "", at: int | None = None) -> str:
    made = baseline.create(site.store, name, scope, "ann", at, site.clock, site.randomness)
    return str(made["digest"])


def test_what_is_read_again_is_what_was_frozen(site: Site) -> None:
    whole_site(site)
    with site.store.view() as view:
        snapshot = capture(view, "")

    address = create(site, "base")

    with site.store.view() as view:
        assert told(thaw(view, address).snapshot) == told(snapshot)


def test_a_second_baseline_of_an_unchanged_estate_keeps_only_a_header(site: Site) -> None:
    whole_site(site)
    create(site, "base")
    with site.store.view() as view:
        snapshot = capture(view, "")
        known = baseline.load(view, "base").header

    address, documents = freeze(snapshot, {"name": "again", "as_of": "", "scope": ""})

    listed = {row[2] for row in known["chunks"]} | {row[1] for row in known["coverage"]}
    assert set(documents) - listed == {address}


def test_a_change_makes_one_new_chunk(site: Site) -> None:
    whole_site(site)
    create(site, "base")
    site.report(
        "web1",
        system("web1"),
        hardware(vendor="ACME"),
        packages("curl", "hello"),
        software(80),
        network("192.0.2.1", "192.0.2.2"),
    )
    create(site, "later")

    with site.store.view() as view:
        before, after = (baseline.load(view, name).header for name in ("base", "later"))

    fresh = [row for row in after["chunks"] if row not in before["chunks"]]
    assert [(row[0], row[1]) for row in fresh] == [(site.id("web1"), "SoftwarePackage")]
    assert after["coverage"] == before["coverage"]


def test_a_baseline_needs_no_history_to_be_read(site: Site) -> None:
    whole_site(site)
    address = create(site, "base", "class:Host name:web1")
    before = {}
    with site.store.view() as view:
        before = {i: item.attributes for i, item in thaw(view, address).snapshot.items.items()}
    site.report("web1", system("web1", memory_bytes=2 << 30), packages("nginx"))

    with site.store.view() as view:
        after = {i: item.attributes for i, item in thaw(view, address).snapshot.items.items()}

    assert after == before


def test_what_is_no_baseline_is_not_read_as_one(site: Site) -> None:
    report = save(site.store, "drift", {})

    with site.store.view() as view:
        with pytest.raises(UsageError, match="no baseline"):
            thaw(view, report)
        with pytest.raises(NotFoundError):
            thaw(view, "f" * 64)
