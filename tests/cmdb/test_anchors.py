"""A past that was made anew differs from an anchor of before, also where it is consistent in itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb import anchors
from cmdb.anchors import Anchor, anchor, compare, fingerprint, read
from cmdb.chain import verify
from cmdb.model.errors import InvalidDocument
from cmdb.model.times import SECOND
from tests.cmdb.building import START, Receiver, Reporter, open_store, packages, receiver, system

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


def said(cmdb: Receiver, *lines: str) -> list[str]:
    with cmdb.store.view() as view:
        return list(map(str, compare(view, cmdb.store.genesis(), lines)))


@pytest.fixture
def cmdb() -> Iterator[Receiver]:
    with receiver() as made:
        made.take(Reporter("web").batch(system("web"), packages("a")))
        yield made


def test_a_store_is_what_its_anchors_say_however_much_comes_after_them(cmdb: Receiver) -> None:
    lines = [anchor(cmdb.store, START).line()]
    cmdb.take(Reporter("db").batch(system("db")))
    lines += ["", anchor(cmdb.store, START + SECOND).line()]

    assert [read(line).revision for line in lines if line] == [1, 2]
    assert said(cmdb, *lines) == []


def test_an_empty_store_has_an_anchor_too() -> None:
    with receiver() as made:
        line = anchor(made.store, START).line()
        assert json.loads(line)["revision"] == 0
        made.take(Reporter("web").batch(system("web")))
        assert said(made, line) == []


def test_an_anchor_does_not_tell_what_ids_are_minted_from(cmdb: Receiver) -> None:
    assert cmdb.store.genesis() not in anchor(cmdb.store, START).line()


def test_a_past_made_anew_that_is_consistent_in_itself_is_found(tmp_path: Path) -> None:
    real, forged = tmp_path / "real.db", tmp_path / "forged.db"
    web = Reporter("web")
    with closing(open_store(real)) as store:
        one = Receiver(store)
        one.take(web.batch(system("web"), packages("a")))
        kept = [anchor(store, START).line()]
    shutil.copy(real, forged)
    with closing(open_store(real)) as store:
        one = Receiver(store)
        one.now = 1
        one.take(web.batch(packages("a", "malware")))
        kept.append(anchor(store, START).line())
        one.now = 2
        one.take(web.batch(packages("a")))
        kept.append(anchor(store, START).line())
    again = Reporter("web")
    again.batch()
    with closing(open_store(forged)) as store:
        two = Receiver(store)
        for now, name in ((1, "harmless"), (2, "b"), (3, "c")):
            two.now = now
            two.take(again.batch(packages("a", name)))
        with store.view() as view:
            assert list(verify(view)) == []

        first, second = said(two, *kept)

    assert "revision 2: anchor: line 2" in first
    assert "the past was made anew" in first
    assert "line 3" in second


def test_a_past_that_was_cut_off_is_found(cmdb: Receiver, tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "old.db")) as old:
        short = Receiver(old)
        short.take(Reporter("web").batch(system("web"), packages("a")))
        cmdb.take(Reporter("db").batch(system("db")))
        line = anchor(cmdb.store, START).line()
        (found,) = said(short, line)
    assert "the revision is not there, the newest one is 1" in found


def test_an_anchor_of_another_store_is_said_to_be_of_another(cmdb: Receiver) -> None:
    other = replace(anchor(cmdb.store, START), genesis=fingerprint("another"))

    (found,) = said(cmdb, other.line())

    assert "it is of another store" in found


def test_a_time_that_differs_is_found(cmdb: Receiver) -> None:
    other = replace(anchor(cmdb.store, START), committed_at="2020-01-01T00:00:00.000000Z")

    (found,) = said(cmdb, other.line())

    assert "was committed at 2020-01-01" in found


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "no anchor"),
        ('{"anchor": 2}', "version 2"),
        ('{"anchor": true}', "version True"),
        ('{"anchor": 1}', "revision is no number"),
        ('{"anchor": 1, "revision": -1}', "revision is no number"),
        ('{"anchor": 1, "revision": 1}', "genesis is no text"),
        ('{"anchor"' + "[" * 4000, "no anchor"),
        ('{"anchor": ' + "9" * 5000, "more than 4096"),
        (
            json.dumps({"anchor": 1, "revision": 1, "genesis": "x", "digest": "", "committed_at": "", "made_at": ""}),
            "64 hex",
        ),
    ],
)
def test_a_line_that_can_not_be_read_is_named_by_its_number(cmdb: Receiver, line: str, why: str) -> None:
    (found,) = said(cmdb, anchor(cmdb.store, START).line(), line)

    assert "line 2 can not be read" in found
    assert why in found


def test_a_file_without_end_is_read_up_to_a_number_of_lines(cmdb: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anchors, "MOST_LINES", 3)

    (found,) = said(cmdb, *[""] * 9)

    assert "more than 3 lines" in found


@given(HEX, st.integers(1, 2**60), HEX, st.text("0123456789TZ:-", max_size=30))
def test_a_line_is_read_as_it_was_written_also_behind_what_a_log_puts_before_it(
    genesis: str, revision: int, digest: str, time: str
) -> None:
    made = Anchor(genesis, revision, time, digest, time)
    assert read(made.line()) == made
    assert read(f"Nov 25 01:00:00 host surveymark: {made.line()}\n") == made


@given(st.text(max_size=200))
def test_any_text_is_an_anchor_or_said_to_be_none(text: str) -> None:
    with pytest.raises(InvalidDocument):
        read(text)
