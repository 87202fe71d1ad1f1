"""Whatever happened to a store, its copy is the same store and goes on as it would."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.campaigns.length import LONG
from tests.cmdb.building import Receiver, open_store
from tests.cmdb.stores.copying import copy, lines
from tests.cmdb.stores.histories import History

pytestmark = pytest.mark.campaign


class Copied(History):
    """SQLite alone; at the end it is copied, and all that was ever handed in is handed to both once more."""

    def __init__(self) -> None:
        self.place = tempfile.TemporaryDirectory()
        super().__init__([open_store(Path(self.place.name) / "cmdb.db")])

    def teardown(self) -> None:
        (store,) = self.stores
        with closing(open_store(Path(self.place.name) / "copy.db", genesis="7" * 64)) as other:
            copy(store, other)
            assert lines(other) == lines(store)
            both = [Receiver(one, "later") for one in (store, other)]
            for one in both:
                one.now = self.everyone[0].now + 90
            for (host, _), reporter in sorted(self.reporters.items()):
                data = reporter.batch(*self.last[(host, _)][:1], at=both[0].now)
                assert both[0].take(data) == both[1].take(data)
            assert lines(other) == lines(store)
            both[1].sound()
        super().teardown()
        self.place.cleanup()


def test_a_copy_of_any_history_is_the_same_store() -> None:
    how = settings(
        max_examples=500 if LONG else 20,
        stateful_step_count=40 if LONG else 12,
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Copied, settings=how)
