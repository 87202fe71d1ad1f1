"""Own attributes as data of one store."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb import commit
from cmdb.model.errors import UsageError
from cmdb.model.vocabulary import DECLARED
from cmdb.own_attributes import KIND, query_of, still_declared, vocabulary
from cmdb.states import Entry
from tests.cmdb.building import START, Receiver, receiver


def put(one: Receiver, **value: Any) -> None:
    """An entry as it stands in a store, valid or not."""
    entry = Entry(KIND, f"{value['class']}.{value['name']}", value, 0, b"", b"")
    with one.store.transaction() as tx:
        commit.entry_revision(tx, KIND, [entry], "ann", "why", lambda: START, one.random)


def test_a_question_knows_the_attributes_of_its_revision() -> None:
    with receiver() as one:
        put(one, **{"class": "Host", "name": "cost_center", "type": "int", "text": "Who pays."})

        with one.view() as view:
            assert query_of(view, "cost_center:>40").vocabulary.own["Host"]["cost_center"].type == "int"
            assert vocabulary(view, 0) == DECLARED
            with pytest.raises(UsageError, match="no field 'cost_center'"):
                query_of(view, "cost_center:42", 0)


def test_a_name_that_is_near_an_own_one_is_told() -> None:
    with receiver() as one:
        put(one, **{"class": "Host", "name": "cost_center", "type": "int", "text": "Who pays."})

        with one.view() as view, pytest.raises(UsageError, match="cost_center"):
            query_of(view, "cost_centre:42")


@pytest.mark.parametrize(
    ("class_name", "name"), [("Host", "a`) DETACH DELETE n //"), ("Nothing", "x"), ("Host", "os"), ("Host", "_part")]
)
def test_an_entry_that_was_written_by_hand_is_no_attribute(class_name: str, name: str) -> None:
    with receiver() as one:
        put(one, **{"class": class_name, "name": name, "type": "str", "text": "x"})

        with one.view() as view:
            assert vocabulary(view) == DECLARED


def test_what_was_said_once_is_said_still_where_its_declaration_stands() -> None:
    with receiver() as one:
        put(one, **{"class": "Host", "name": "cost", "type": "int", "text": "What it costs."})
        with one.view() as view:
            known = vocabulary(view)

    assert still_declared(known, "Host", {"name": "web", "cost": 4, "gone": "x"}) == {"name": "web", "cost": 4}
    assert still_declared(known, "Host", {"cost": "of another type"}) == {}
    assert still_declared(known, "Subnet", {"prefix": "10.0.0.0/8", "cost": 4}) == {"prefix": "10.0.0.0/8"}
