"""How long a CI is taken to be as it was last seen: the staleness limit of its class. Pure.

Parts follow their whole: the limit of a package is that of its host.
"""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.times import SECOND

DAY = 86_400 * SECOND


def silent_before(class_name: str, now: int) -> int:
    """Who has not seen anything since that time (microseconds) is silent; 0, when nobody is, where the class has no limit."""
    days = CLASSES[class_name].type.stale_after_days
    return 0 if days is None else max(0, now - days * DAY)
