"""The natural digest tells what is there, and nothing of how it came to be there."""

from __future__ import annotations

import pytest

from cmdb.model.batch import Section
from tests.cmdb.building import (
    Receiver,
    Reporter,
    accounts,
    depends,
    flows,
    network,
    packages,
    receiver,
    software,
    system,
)


def graph(*batches: bytes, seed: str = "", now: int = 0) -> str:
    with receiver(seed) as cmdb:
        cmdb.now = now
        for data in batches:
            cmdb.take(data)
        return cmdb.natural()


def test_ids_salts_revisions_and_times_do_not_count() -> None:
    def batches(start: int) -> list[bytes]:
        reporters = [Reporter(name, sequence=start) for name in ("a", "b")]
        return [r.batch(system(r.host), packages("x", "y"), at=start) for r in reporters]

    detour = Reporter("a").batch(system("a"), packages("z"))
    assert graph(*batches(5)) == graph(detour, *reversed(batches(9)), seed="other", now=700)


def test_an_empty_graph_has_one_digest() -> None:
    assert graph() == graph()
    assert len(graph()) == 64


@pytest.mark.parametrize(
    "other",
    [
        [system("web", os="debian"), packages("a"), software("nginx:80")],
        [system("web"), packages("a", version="2"), software("nginx:80")],
        [system("web"), packages("a", "b"), software("nginx:80")],
        [system("web"), packages("a"), software("nginx:81")],
        [system("web"), packages("a"), software("nginx:80"), network("10.0.0.1")],
        [system("web"), packages("a"), software("nginx:80"), accounts("a")],
    ],
)
def test_attributes_cis_and_relations_count(other: list[Section]) -> None:
    one = graph(Reporter("web").batch(system("web"), packages("a"), software("nginx:80")))

    assert graph(Reporter("web").batch(*other)) != one


def test_whose_part_it_is_counts() -> None:
    first = [Reporter("a").batch(packages("x")), Reporter("b").batch(packages("y"))]
    second = [Reporter("a").batch(packages("y")), Reporter("b").batch(packages("x"))]

    assert graph(*first) != graph(*second)


def test_a_past_revision_has_the_digest_that_it_had(cmdb: Receiver) -> None:
    web, db = Reporter("web"), Reporter("db")
    digests = [cmdb.natural()]
    for data in (
        db.batch(system("db"), network("10.0.0.2"), software("pg:5432")),
        web.batch(system("web"), depends(("10.0.0.2", 5432)), flows(("x", "10.0.0.2", 1)), software(silent=["x"])),
        db.batch(software("pg:5433")),
        web.batch(system("web", os="debian")),
        db.batch(software("pg:5432")),
    ):
        cmdb.take(data)
        digests.append(cmdb.natural())

    assert [cmdb.natural(at) for at in range(6)] == digests
    assert len(set(digests)) == 6
