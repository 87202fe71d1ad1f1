"""Documents: addressed, immutable, the same bytes for good."""

from __future__ import annotations

import json

import pytest

from baselines import baseline
from baselines.documents import chunk, read, resolve, save
from cmdb.model.errors import NotFoundError
from cmdb.model.values import canonical, digest
from tests.baselines.site import Site, packages, system


def test_a_report_is_addressed_by_its_bytes_and_resolves_to_them(site: Site) -> None:
    address = save(site.store, "drift", {"findings": 1, "deviations": []})

    with site.store.view() as view:
        data = resolve(view, address)

    assert digest(data) == address
    assert json.loads(data) == {"document": "drift", "version": 1, "findings": 1, "deviations": []}
    assert canonical(json.loads(data)).encode() == data


def test_saving_a_report_again_gives_the_same_address(site: Site) -> None:
    first = save(site.store, "impact", {"revision": 1})

    assert save(site.store, "impact", {"revision": 1}) == first
    assert save(site.store, "impact", {"revision": 2}) != first


def test_a_document_that_there_is_not_is_said(site: Site) -> None:
    with site.store.view() as view, pytest.raises(NotFoundError, match="no document"):
        resolve(view, "0" * 64)


def test_a_chunk_is_addressed_by_ids_and_digests_and_is_canonical(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl", "nginx"))
    with site.store.view() as view:
        items = list(view.scan(["SoftwarePackage"]))

    address, data, rows = chunk("of", "SoftwarePackage", items)

    assert rows == 2
    assert address == digest(canonical(sorted([item.id, item.digest.hex()] for item in items)))
    assert canonical(json.loads(data)).encode() == data
    assert chunk("of", "SoftwarePackage", reversed(items)) == (address, data, rows)


def test_a_baseline_s_documents_resolve_by_their_addresses(site: Site) -> None:
    site.report("web1", system("web1"), packages("curl"))
    made = baseline.create(site.store, "base", "", "ann", clock=site.clock, randomness=site.randomness)

    with site.store.view() as view:
        header = read(view, made["digest"])
        kinds = {read(view, row[2])["document"] for row in header["chunks"]}
        kinds |= {read(view, row[1])["document"] for row in header["coverage"]}

    assert header["document"] == "baseline"
    assert kinds == {"baseline-chunk", "baseline-coverage"}
