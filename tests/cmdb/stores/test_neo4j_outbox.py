"""What waits goes out together, in the order that a commit is written in, and in statements that are not too long."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.stores import neo4j_outbox
from cmdb.stores.neo4j_outbox import Outbox, Phase


class Sent:
    """Notes what is sent."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, int, list[Any]]] = []

    def __call__(self, cypher: str, expected: int = 0, /, **parameters: Any) -> None:
        self.statements.append((cypher, expected, parameters["rows"]))


@pytest.fixture
def sent() -> Sent:
    return Sent()


def test_rows_of_several_commits_share_a_statement_in_the_order_of_phases(sent: Sent) -> None:
    outbox = Outbox(sent)
    for number in (1, 2):
        outbox.put(Phase.CLAIMS, "claim", [number])
        outbox.put(Phase.CREATED, "create", [number, number], made=1)
        outbox.replace(Phase.HEAD, "head", number)
    outbox.touched.add("x")

    outbox.send_all()
    outbox.send_all()

    assert sent.statements == [("create", 4, [1, 1, 2, 2]), ("head", 0, [2]), ("claim", 0, [1, 2])]
    assert not outbox.touched


def test_parts_go_out_below_their_parents(sent: Sent) -> None:
    outbox = Outbox(sent)
    below = outbox.level("leaf", "branch") if outbox.level("branch", "root") == 1 else 0
    outbox.put_below(below, "leaves", "branch", ["leaf"])
    outbox.put_below(1, "branches", "root", ["branch"])

    outbox.send_all()

    assert [(cypher, made) for cypher, made, _ in sent.statements] == [("branches", 2), ("leaves", 2)]


def test_a_statement_holds_no_more_rows_than_allowed(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neo4j_outbox, "MOST_ROWS", 3)
    outbox = Outbox(sent)
    outbox.put(Phase.PAST, "past", range(7), made=1)
    outbox.put_below(1, "parts", "a", [1, 2, 3, 4])
    outbox.put_below(1, "parts", "b", [5])

    outbox.send_all()

    assert sent.statements == [
        ("past", 3, [0, 1, 2]),
        ("past", 3, [3, 4, 5]),
        ("past", 1, [6]),
        ("parts", 6, [["a", [1, 2, 3]]]),
        ("parts", 4, [["a", [4]], ["b", [5]]]),
    ]
