"""Timer: what systemd starts on a schedule."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class Timer(CI):
    """A timer of systemd that is enabled or active, and what it starts."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: Optional[str] = attribute("Unit: apt-daily.timer.")
    startup: Optional[str] = attribute("How it is started: enabled, static.", security=True)
    active: Optional[bool] = attribute("True where it waits for its time.", security=True)
    schedules: Optional[list[str]] = attribute(
        "When: 'OnCalendar=*-*-* 06:00:00', 'OnBootSec=15min', as systemd has understood it.", security=True
    )
    random_delay: Optional[str] = attribute("By how much a run may be late, by lot: 1h.")
    persistent: Optional[bool] = attribute("True where a run that was missed is made up for.")
    starts: Optional[str] = attribute("Unit that it starts.", security=True)
    user: Optional[str] = attribute("Account that the unit runs as; 'dynamic' is one made for it.", security=True)
    command: Optional[str] = attribute(
        "Command lines of the unit, secrets removed, ' ; ' between several.", search=False, security=True
    )
    file: Optional[str] = attribute("Unit file that it is made of.", search=False)
    drop_ins: Optional[list[str]] = attribute("Files that change what the unit file says.", search=False, security=True)
    last_run: Optional[str] = attribute("When it last started its unit, as systemd writes it.", reading=True)
