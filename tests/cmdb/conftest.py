"""What tests of the core can ask for. Read under Python 3.9 too, for the sake of tests/cmdb/model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cmdb.building import Receiver


@pytest.fixture
def cmdb() -> Iterator[Receiver]:
    """A receiver over a new store; whatever the test did, the store is sound afterwards."""
    from tests.cmdb.building import receiver  # here, because the core needs a newer Python than the model

    with receiver() as made:
        yield made
        made.sound()
