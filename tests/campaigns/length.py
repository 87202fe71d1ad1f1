"""How long the campaigns run: short in CI (6 minutes in all), long with `--campaign long` or SURVEYMARK_CAMPAIGN=long.

A test that is one is marked `@pytest.mark.campaign`, wherever it stands: `script/campaign` runs all of them. It may `tell`
(tests/conftest.py) what it did, which is shown at the end and goes into docs/trust.md.
"""

from __future__ import annotations

import os
from typing import TypeVar

LONG = os.environ.get("SURVEYMARK_CAMPAIGN") == "long"

T = TypeVar("T")


def either(short: T, long: T) -> T:
    """The one or the other, by what this run was asked for."""
    return long if LONG else short
