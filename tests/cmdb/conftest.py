"""What tests of the core can ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cmdb.building import Receiver, receiver


@pytest.fixture
def cmdb() -> Iterator[Receiver]:
    """A receiver over a new store; whatever the test did, the store is sound afterwards."""
    with receiver() as made:
        yield made
        made.sound()
