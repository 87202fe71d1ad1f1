"""How long to wait after a failure: longer each time, and never as long as others, so that they do not come back together."""

from __future__ import annotations

import random
from dataclasses import field
from typing import Callable, Optional

from cmdb.model.dataclass import dataclass

FIRST_SECONDS = 15.0
LONGEST_SECONDS = 900.0
_MOST_OBEYED = 86_400.0


@dataclass
class Backoff:
    """Counts failures. `chance` gives a number from 0 to 1, another each time."""

    chance: Callable[[], float] = random.random
    failures: int = field(default=0, init=False)

    def succeeded(self) -> None:
        self.failures = 0

    def failed(self, retry_after: Optional[float] = None) -> float:
        """Seconds until the next try: what the server asked for and a little more, else up to twice as long as last time."""
        self.failures += 1
        if retry_after is not None:
            asked = min(max(retry_after, 1.0), _MOST_OBEYED)
            return asked + self.chance() * (1.0 + asked / 8)
        longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(self.failures - 1, 20))
        return longest * (0.5 + 0.5 * self.chance())
