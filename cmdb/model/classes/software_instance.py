"""SoftwareInstance: running software of a host."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class SoftwareInstance(CI):
    """Software that keeps running or listening on a host: a daemon, a database, a web server.

    Its key is the unit, else the container's name, else data or configuration path, else executable, user and lowest
    configured port at first sight; never a pid.
    """

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    containment: ClassVar[str] = "RUNS_ON"
    key: ClassVar[tuple[str, ...]] = ("instance",)
    topology: ClassVar[bool] = True
    owned: ClassVar[bool] = True

    instance: Optional[str] = attribute(
        "What tells it from others on its host: 'unit nginx.service', 'exe /usr/sbin/sshd root 22'."
    )
    name: Optional[str] = attribute("Short name of the software: nginx, postgres.")
    kind: Optional[str] = attribute("Kind where recognised: database, web server, broker, balancer, remote access.")
    unit: Optional[str] = attribute("Service unit it runs as.")
    executable: Optional[str] = attribute("Path of the executable as the kernel has it.")
    command: Optional[str] = attribute("Command line of the first process, secrets removed.", search=False)
    user: Optional[str] = attribute("Account that it runs as.", security=True)
    ports: Optional[list[str]] = attribute("What it listens on: 'tcp/80'.")
    package: Optional[str] = attribute("Package that owns the executable, where known.")
    software_version: Optional[str] = attribute("Version of the software, without that of its packaging.")
    data_path: Optional[str] = attribute("Folder that its data lies in.")
    config_path: Optional[str] = attribute("Its configuration file.")
    pids: Optional[list[int]] = attribute("Processes.", reading=True)
    started_at: Optional[str] = attribute("Start of its oldest process, ISO 8601.", reading=True)
    resident_bytes: Optional[int] = attribute("Resident memory of its processes.", unit="bytes", reading=True)
