"""paramiko without what only its own reader of ssh_config wants: invoke, which runs the program of a `Match exec`. A sweep has a
reader of its own and never runs one, so the start is spared what invoke brings (asyncio, unittest.mock and 40 more modules)."""

from __future__ import annotations

import sys

_SPARED = "invoke"


def start_lean() -> None:
    """Import paramiko, where nobody has; whoever imports invoke behind it gets it."""
    if "paramiko" in sys.modules or _SPARED in sys.modules:
        return
    sys.modules[_SPARED] = None  # type: ignore[assignment]
    try:
        import paramiko  # noqa: F401 - for its place in sys.modules
    finally:
        del sys.modules[_SPARED]
