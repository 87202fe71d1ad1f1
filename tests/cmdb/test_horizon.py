"""Before anything is freed there is no horizon, and a state that is kept is handed on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cmdb.chain import verify_chain
from cmdb.horizon import ALL, HORIZON, horizon, horizons, kept, may_be_freed, within
from cmdb.model.times import SECOND
from cmdb.retention import Run, set_age
from cmdb.states import Entry
from tests.cmdb.building import START, Receiver, Reporter, system


def test_without_retention_every_revision_can_be_asked(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web")))
    host = cmdb.one("class:Host")
    with cmdb.view() as view:
        assert horizon(view) == 0
        within(view, 0)
        assert kept(view, host) is host
        assert not may_be_freed(horizons(view), host)


def test_a_state_may_be_freed_up_to_the_horizon_of_its_class_or_of_all_others(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web")))
    host = cmdb.one("class:Host")
    ended = replace(host, until=5)

    for reach, freed in (
        ({"Host": 5}, True),
        ({"Host": 4, ALL: 9}, False),
        ({ALL: 5}, True),
        ({ALL: 4}, False),
        ({}, False),
    ):
        assert may_be_freed(reach, ended) is freed
        assert not may_be_freed(reach, host)


def test_a_verification_asks_for_the_horizons_once(cmdb: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    web = Reporter("web")
    for day in range(6):
        cmdb.now = day * 86_400
        cmdb.take(web.batch(system("web", os_version=str(day)), at=cmdb.now))
    cmdb.now = 100 * 86_400
    clock = lambda: START + cmdb.now * SECOND  # noqa: E731 - one of an argument
    with cmdb.store.transaction() as tx:
        set_age(tx, 30, None, "policy", "me", clock, cmdb.random)
    assert Run(cmdb.store, "me", clock, cmdb.random).run()["states"] == 5
    with cmdb.view() as view:
        asked: list[str] = []
        entries = view.entries

        def counted(kind: str, *more: Any) -> list[Entry]:
            asked.append(kind)
            return entries(kind, *more)

        monkeypatch.setattr(view, "entries", counted)

        assert list(verify_chain(view)) == []
        assert asked.count(HORIZON) == 1
