"""Records of a store as lines."""

from __future__ import annotations

import pytest

from cmdb.model.classes import CLASSES
from cmdb.model.errors import StoreError
from cmdb.portable import (
    Decoder,
    Encoder,
    Identifier,
    Reading,
    did_of,
    fields,
    kept_entry,
    kept_revision,
    parents_first,
)
from cmdb.states import Claim, Entry, Revision
from tests.cmdb.stores.building import host, package


def again(record: object) -> object:
    return Decoder(fields()).record(Encoder().line(record))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "record",
    [
        host("büro-東京", "agent a/b", os="\u2028 \x7f"),
        package(host(), "vim", versions=["1", "2"]),
        Claim(3, "A" * 26, {"uid": 0}, ["mac 00:00:00:00:00:01"]),
        Claim(3, ("A" * 26, "RUNS_ON", "B" * 26), {}),
        Reading("A" * 26, "os", {"items": [{"readings": {"load": 0.25, "none": None}}]}),
        Identifier("agent a b c", "A" * 26),
        kept_entry(Entry("baseline", "a b", {"deep": {"er": [1]}}, 3, b"\0\xff", b"d" * 32, 5), retired=True),
        kept_revision(Revision(1, 2, "ingest", "s", "a", "c", "b"), '{"ci": null}', [did_of("ci", "created", "A")]),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_record_is_the_same_after_it_was_a_line(record: object) -> None:
    assert again(record) == record
    line = Encoder().line(record)  # type: ignore[arg-type]
    assert line.count(b"\n") == 1


def test_a_field_that_an_older_file_does_not_have_takes_its_default() -> None:
    older = {kind: [n for n in names if n != "passes"] for kind, names in fields().items()}
    line = b'["pending",1,"TALKS_TO","A","subject","default","10.0.0.1","tcp",443,{},1,2,null]\n'

    assert Decoder(older).record(line).passes == 1  # type: ignore[union-attr]


def test_a_kind_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(StoreError, match="holds mood, which this Surveymark does not know"):
        Decoder({**fields(), "mood": ["colour"]})


def test_parents_come_before_their_parts() -> None:
    order = parents_first()

    assert sorted(order) == sorted(CLASSES)
    assert all(order.index(p) < order.index(n) for n, c in CLASSES.items() for p in c.parents)
