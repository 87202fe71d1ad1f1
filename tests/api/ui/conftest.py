"""A shop for all tests of a file that only ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.ui.shop import Shop, shop


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as found:
        yield found
