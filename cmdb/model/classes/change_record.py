"""ChangeRecord: a reference to a change kept in an ITSM tool, or kept here where there is none."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class ChangeRecord(CI):
    """A change of any ITSM tool, known by instance and number."""

    key: ClassVar[tuple[str, ...]] = ("instance", "number")
    name_from: ClassVar[str] = "number"
    group: ClassVar[str] = "people"
    stale_after_days: ClassVar[Optional[int]] = None

    instance: Optional[str] = attribute("Tool that keeps the record: a host name or 'local'.")
    number: Optional[str] = attribute("Number of the record: CHG0030001.")
    title: Optional[str] = attribute("Short description.")
    link: Optional[str] = attribute("https link to the record.")
    window_start: Optional[str] = attribute("Start of the window, ISO 8601 UTC.")
    window_end: Optional[str] = attribute("End, exclusive, ISO 8601 UTC.")
    pins: Optional[list[str]] = attribute("Documents that were looked at: 'impact sha256-digest'.", search=False)
