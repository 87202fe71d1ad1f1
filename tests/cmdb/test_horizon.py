"""Before anything is freed there is no horizon, and a state that is kept is handed on."""

from __future__ import annotations

from cmdb.horizon import horizon, kept, may_be_freed, within
from tests.cmdb.building import Receiver, Reporter, system


def test_without_retention_every_revision_can_be_asked(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web")))
    host = cmdb.one("class:Host")
    with cmdb.view() as view:
        assert horizon(view) == 0
        within(view, 0)
        assert kept(view, host) is host
        assert not may_be_freed(view, host)
