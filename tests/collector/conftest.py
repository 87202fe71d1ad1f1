"""Ports of this machine for the tests of how hosts are reached."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.collector.ports import Deaf, Listener


@pytest.fixture
def listeners() -> Iterator[list[Listener]]:
    running: list[Listener] = []
    yield running
    for listener in running:
        listener.end()


@pytest.fixture
def deaf() -> Iterator[list[Deaf]]:
    running: list[Deaf] = []
    yield running
    for one in running:
        one.end()
