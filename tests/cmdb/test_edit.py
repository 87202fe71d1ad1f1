"""Edits by people; what they do to a store is proved on both stores (tests/cmdb/stores/conformance_people.py)."""

from __future__ import annotations

import pytest

from baselines import records
from cmdb import edit as edits
from cmdb.edit import Words, edit
from cmdb.model.errors import UsageError
from tests.cmdb.building import Reporter, raw, receiver, system


def test_more_than_an_edit_takes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "MOST", 1)
    with receiver() as one:
        for name in ("a", "b"):
            one.take(Reporter(name).batch(system(name)))
        with pytest.raises(UsageError, match="More than 1"):
            edit(one.store, "class:Host", Words({"owner": "ann"}), "ann", "why")


@pytest.mark.parametrize("reason", ["", " \n", "x" * 1001, "a\0b"])
def test_a_reason_is_needed(reason: str) -> None:
    with receiver() as one, pytest.raises(UsageError, match="reason"):
        edit(one.store, "class:Host", Words({"owner": "ann"}), "ann", reason)


@pytest.mark.parametrize("tag", ["", "a,b", "a;b", "x" * 129, "a\nb", "\u202e"])
def test_a_tag_is_one_short_printable_word(tag: str) -> None:
    with receiver() as one:
        one.take(Reporter("web").batch(system("web")))
        with pytest.raises(UsageError, match="is no tag"):
            edit(one.store, "class:Host", Words(tags=[tag]), "ann", "why")


def test_one_attribute_is_not_set_and_taken_back_at_once() -> None:
    with receiver() as one:
        one.take(Reporter("web").batch(system("web")))
        with pytest.raises(UsageError, match="owner is set and taken back"):
            edit(one.store, "class:Host", Words({"owner": "ann"}, ["owner"]), "ann", "why")


def test_the_last_tag_that_people_take_off_hides_those_of_an_import() -> None:
    with receiver() as one:
        host = {"class": "Host", "attributes": {"tags": ["pci"]}}
        sheet = Reporter("web", source="sheet", route="import")
        one.take(sheet.batch(raw("sheet", {"items": [host], "relations": []}, ["Host"])))

        edit(one.store, "class:Host", Words(untagged=["pci"]), "ann", "why")

        assert one.one("class:Host").attributes["tags"] == []
        assert one.names("tag:pci") == []


def test_a_record_is_not_edited_here() -> None:
    with receiver() as one:
        records.add(one.store, "change", "CHG1", "ann", title="Move")
        with pytest.raises(UsageError, match="`change add`"):
            edit(one.store, "class:ChangeRecord", Words({"title": "x"}), "ann", "why")
