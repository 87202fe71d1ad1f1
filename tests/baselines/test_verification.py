"""One flipped byte is found, wherever it is."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines import baseline
from baselines.documents import Document, read
from baselines.verification import verify
from cmdb.ports import View
from cmdb.stores.sqlite_store import SqliteStore
from tests.baselines.site import Site, hardware, network, packages, software, system


class Damaged:
    """A view of a store in which one document has been damaged."""

    def __init__(self, view: View, address: str, damage: Callable[[bytes], bytes]) -> None:
        self._view, self._address, self._damage = view, address, damage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def documents(self, digests: Collection[str]) -> dict[str, bytes]:
        found = self._view.documents(digests)
        return {d: self._damage(data) if d == self._address else data for d, data in found.items()}


def create(site: Site) -> str:
    site.report(
        "web1", system("web1"), hardware(vendor="ACME"), packages("curl", "nginx"), software(80), network("192.0.2.1")
    )
    return str(baseline.create(site.store, "base", "", "ann", clock=site.clock, randomness=site.randomness)["digest"])


def addresses(view: View, header: str) -> list[str]:
    listed = read(view, header)
    return [header, *(row[2] for row in listed["chunks"]), *(row[1] for row in listed["coverage"])]


def verified(view: View, header: str, address: str, damage: Callable[[bytes], bytes]) -> Document:
    damaged: Any = Damaged(view, address, damage)
    return verify(damaged, header)


def replacing(old: str, new: str) -> Callable[[bytes], bytes]:
    def damage(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), 1)

    return damage


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A site and the address of its baseline, for tests that only look."""
    store = SqliteStore.open(tmp_path_factory.mktemp("frozen") / "site.db")
    site = Site(store)
    yield site, create(site)
    store.close()


@pytest.fixture
def chunk_of(site: Site) -> Callable[[str], tuple[str, str]]:
    """(address of the header, address of the chunk of this group)."""

    def found(group: str) -> tuple[str, str]:
        header = create(site)
        with site.store.view() as view:
            return header, next(row[2] for row in read(view, header)["chunks"] if row[1] == group)

    return found


def test_a_sound_baseline_is_sound_and_all_of_it_is_checked(site: Site) -> None:
    header = create(site)

    with site.store.view() as view:
        found = verify(view, header)
        listed = read(view, header)

    assert found["sound"]
    assert found["problems"] == []
    assert found["items"] == sum(listed["counts"].values())
    assert found["documents"] == 1 + len(listed["chunks"]) + len(listed["coverage"])


def test_a_changed_value_is_named_with_its_item_and_attribute(
    site: Site, chunk_of: Callable[[str], tuple[str, str]]
) -> None:
    header, address = chunk_of("SoftwarePackage")

    with site.store.view() as view:
        found = verified(view, header, address, replacing('"versions":["1.0"]', '"versions":["1.1"]'))

    (problem,) = found["problems"]
    with site.store.view() as view:
        first = min(view.scan(["SoftwarePackage"]), key=lambda i: i.id)
    assert not found["sound"]
    assert (problem["document"], problem["ci"], problem["item"]) == (address, site.id("web1"), first.id)
    assert problem["attribute"] == "versions"


@pytest.mark.parametrize("what", ["salt", "digest"])
def test_a_changed_salt_or_digest_is_named_with_its_item(
    site: Site, chunk_of: Callable[[str], tuple[str, str]], what: str
) -> None:
    header, address = chunk_of("Host")

    def damage(data: bytes) -> bytes:
        document = json.loads(data)
        value = document["rows"][0][what]
        return data.replace(value.encode(), (("0" if value[0] != "0" else "1") + value[1:]).encode())

    with site.store.view() as view:
        found = verified(view, header, address, damage)

    assert [(p["item"], p["attribute"]) for p in found["problems"]] == [(site.id("web1"), what)]


def test_a_changed_relation_is_named(site: Site, chunk_of: Callable[[str], tuple[str, str]]) -> None:
    header, address = chunk_of("relations")

    with site.store.view() as view:
        found = verified(view, header, address, replacing('"type":"EXPOSES"', '"type":"EXPOSED"'))

    (problem,) = found["problems"]
    assert " EXPOSED " in problem["item"]
    assert problem["attribute"] == "type"


def test_a_header_that_was_changed_is_found(site: Site) -> None:
    header = create(site)

    with site.store.view() as view:
        found = verified(view, header, header, replacing('"created_by":"ann"', '"created_by":"bob"'))

    assert [problem["problem"][:6] for problem in found["problems"]] == ["header"]


def test_a_missing_document_is_found(site: Site) -> None:
    with site.store.view() as view:
        found = verify(view, "0" * 64)

    assert found["problems"][0]["problem"] == "header: it is not there"


def test_a_byte_flipped_in_the_store_itself_is_found(tmp_path: Path) -> None:
    file = tmp_path / "site.db"
    site = Site(SqliteStore.open(file))
    header = create(site)
    site.store.close()
    connection = sqlite3.connect(file)
    address, data = connection.execute(
        "SELECT digest, data FROM document WHERE digest <> ? LIMIT 1", (header,)
    ).fetchone()
    raw = bytearray(zlib.decompress(data))
    raw[len(raw) // 2] ^= 1
    compressed = bytearray(data)
    compressed[len(compressed) // 2] ^= 1
    outcomes = []
    for damaged in (zlib.compress(bytes(raw)), bytes(compressed)):
        connection.execute("UPDATE document SET data = ? WHERE digest = ?", (damaged, address))
        connection.commit()
        store = SqliteStore.open(file)
        with store.view() as view:
            outcomes.append({problem["document"] for problem in verify(view, header)["problems"]})
        store.close()
    connection.close()

    assert outcomes == [{address}, {address}]


@given(place=st.integers(0), bit=st.integers(0, 7), which=st.integers(0))
def test_a_flipped_bit_is_found_wherever_it_is(frozen: tuple[Site, str], place: int, bit: int, which: int) -> None:
    site, header = frozen
    with site.store.view() as view:
        listed = addresses(view, header)
        address = listed[which % len(listed)]

        def flip(data: bytes) -> bytes:
            raw = bytearray(data)
            raw[place % len(raw)] ^= 1 << bit
            return bytes(raw)

        found = verified(view, header, address, flip)

    assert not found["sound"]
    assert address in {problem["document"] for problem in found["problems"]}
