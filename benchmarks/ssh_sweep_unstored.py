"""A sweep whose reports go nowhere: what reaching, collecting and parsing cost without the store.

    python -m benchmarks.ssh_sweep_unstored SWEEP_ARGUMENT...

The `surveymark sweep` command with its arguments; each report is made to its last byte and then dropped.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from api.cli import main
from api.local_estate import LocalEstate


def _dropped(_: LocalEstate, batches: Sequence[bytes]) -> list[dict[str, Any]]:
    return [{"ci": None, "quarantined": [], "sections": []} for _ in batches]


if __name__ == "__main__":
    LocalEstate.submit_many = _dropped  # type: ignore[method-assign,assignment]
    sys.exit(main(["sweep", *sys.argv[1:]]))
