"""Processors and memory."""

from __future__ import annotations

from collector.snmp.sections import sizing
from tests.collector.snmp.answers import device, inapplicable, told


def test_processors_and_memory() -> None:
    made = device(("1.3.6.1.2.1.25.2.2.0", 2048), ("1.3.6.1.2.1.25.3.3.1.2.6", 1), ("1.3.6.1.2.1.25.3.3.1.2.7", 0))

    (found,) = told(sizing, made)

    assert (found.cpu_count, found.memory_bytes) == (2, 2 * 1024**2)
    assert "neither" in inapplicable(sizing, device())
