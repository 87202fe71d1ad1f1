"""Tags in use."""

from __future__ import annotations

import pytest

from cmdb import tags
from cmdb.edit import Words, edit
from cmdb.model.errors import UsageError
from cmdb.tags import in_use
from tests.cmdb.building import Reporter, receiver, system


def test_tags_are_counted_as_of_any_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as one:
        for name in ("a", "b"):
            one.take(Reporter(name).batch(system(name)))
        edit(one.store, "class:Host", Words(tags=["pci"]), "ann", "why")
        edit(one.store, "name:b class:Host", Words(tags=["dmz"]), "ann", "why")

        with one.view() as view:
            assert in_use(view)["items"] == [{"tag": "dmz", "count": 1}, {"tag": "pci", "count": 2}]
            assert in_use(view, 3)["items"] == [{"tag": "pci", "count": 2}]
            assert in_use(view, 2)["items"] == []
            monkeypatch.setattr(tags, "MOST", 1)
            with pytest.raises(UsageError, match="More than 1"):
                in_use(view)
