"""SystemService: a service that the init system knows."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class SystemService(CI):
    """A service as the init system has it, running or not: a systemd unit, an init script."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: Optional[str] = attribute("Unit or script: ssh.service.")
    manager: Optional[str] = attribute("Init system: systemd, sysv, openrc.")
    startup: Optional[str] = attribute("How it starts: enabled, disabled, static, masked.", security=True)
    state: Optional[str] = attribute("State: running, exited, failed, stopped.")
    description: Optional[str] = attribute("What it is, in its own words.")
    type: Optional[str] = attribute("How systemd starts it and knows that it runs: simple, notify, forking, oneshot.")
    user: Optional[str] = attribute("Account that it runs as; 'dynamic' is one made for it.", security=True)
    command: Optional[str] = attribute(
        "Command lines that start it, secrets removed, ' ; ' between several.", search=False, security=True
    )
    restart: Optional[str] = attribute("When it is started anew by itself: no, always, on-failure.")
    file: Optional[str] = attribute("Unit file that it is made of, or the init script.", search=False)
    drop_ins: Optional[list[str]] = attribute("Files that change what the unit file says.", search=False, security=True)
