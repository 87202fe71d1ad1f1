"""Services as the init system of a host has them, running or not.

Sources: systemd's units, unit files and what is in force of them by systemctl(1); where systemd does not run the host
/etc/init.d with the links of /etc/rc?.d (init scripts as LSB 5.0 section 22 has them), or those of /etc/runlevels (OpenRC,
rc-update(8)).
Yields a SystemService for each. The state of an init script is not asked, since that would run the script.

The state of a unit that can not be enabled is left out: a timer or message starts it and it ends again.
What of it keeps running is seen as software. So are account, command and files of a unit that is neither enabled nor
running, since systemd knows them only while something else of the moment names the unit; those of a unit that a timer starts
stand with the timer (fact `timers`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from agent import systemd
from agent.fact import Content, Context, Files, Inapplicable, Links, Material, Need, Unavailable, Usual
from agent.scrub import scrub_text
from agent.systemd import Details, Unit
from cmdb.model.classes.system_service import SystemService

NAME = "services"
VERSION = 2
CLASSES = ("SystemService",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 3
STEADY = True

_SCRIPTS = Files("/etc/init.d/*", 1024 * 1024)
_RUNLEVELS = Links("/etc/rc?.d/*")
_OPENRC = Links("/etc/runlevels/*/*")
NEEDS = (systemd.UNITS, _SCRIPTS, _RUNLEVELS, _OPENRC)
USUAL = (
    Usual(systemd.UNIT_FILES, where="/run/systemd/system"),
    Usual(systemd.DETAILS, where="/run/systemd/system"),
)

_STATES = {
    **dict.fromkeys(("running", "reload", "reload-signal", "reload-notify"), "running"),
    **dict.fromkeys(("failed", "auto-restart", "auto-restart-queued"), "failed"),
    "exited": "exited",
    "dead": "stopped",
}
_ON_DEMAND = frozenset({"static", "indirect", "transient"})
_STARTED = frozenset({"enabled", "enabled-runtime", "linked", "linked-runtime", "generated"})
"""Units that are loaded at all times, or run when they are not."""
_DISTRIBUTION = frozenset({"README", "functions", "functions.sh", "skeleton", "rc", "rcS", "halt", "killall", "single"})
"""Files of /etc/init.d that are no service."""


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    """Unit files, where systemd runs the host: without it systemctl would read them all one by one for nothing."""
    if systemd.units(material) is not None:
        yield systemd.UNIT_FILES
        yield systemd.DETAILS


def collect(material: Material, context: Context) -> Iterator[SystemService]:  # noqa: ARG001 - as every fact
    """Services; raises Inapplicable where there is neither systemd nor an init script."""
    units = systemd.units(material)
    if units is not None:
        output = material.output(systemd.UNIT_FILES)
        if output.status:
            raise Unavailable(f"systemctl list-unit-files ended with status {output.status}")
        return observe_units(units, systemd.parse_unit_files(output.text), systemd.details(material))
    scripts = {
        path.rpartition("/")[2]: content.text if isinstance(content, Content) else ""
        for path, content in material.files(_SCRIPTS).items()
    }
    if not scripts:
        raise Inapplicable("neither systemd nor init scripts start services here, as in many containers")
    return observe_scripts(scripts, material.links(_RUNLEVELS), material.links(_OPENRC))


def observe_units(
    units: Iterable[Unit], files: Mapping[str, str], details: Mapping[str, Details] = {}
) -> Iterator[SystemService]:
    """Services of systemd: units that are loaded, and unit files that are not. Templates without an instance and
    aliases are none, nor are names that others only mention."""
    loaded = {unit.name: unit for unit in units if unit.load != "not-found"}
    for name in sorted({*loaded, *files}):
        unit, startup = loaded.get(name), files.get(name)
        if name.endswith("@.service") or (startup == "alias" and unit is None):
            continue
        state = _STATES.get(unit.sub, "stopped") if unit else "stopped"
        known = state == "failed" or startup not in _ON_DEMAND
        service = SystemService(
            name=name,
            manager="systemd",
            startup=startup,
            state=state if known else None,
            description=_said(unit.description) if unit else None,
        )
        lasts = startup in _STARTED or (known and state == "running")
        yield _detailed(service, details[name]) if lasts and name in details else service


def account(details: Details) -> str:
    """Account that a service runs as."""
    return "dynamic" if details.get("DynamicUser") == "yes" else details.get("User") or "root"


def command(details: Details) -> str | None:
    """Command lines that start a service, without secrets."""
    return " ; ".join(scrub_text(command) for command in details.commands()) or None


def observe_scripts(
    scripts: Mapping[str, str], runlevels: Iterable[str], openrc: Iterable[str]
) -> Iterator[SystemService]:
    """Services of init scripts. `scripts` is their text by name, `runlevels` and `openrc` paths of links."""
    started = {m[1] for m in (re.match(r"/etc/rc[2-5S]\.d/S\d*(.+)\Z", path) for path in runlevels) if m}
    levels = {path.rpartition("/")[2] for path in openrc}
    for name in sorted(scripts):
        if name in _DISTRIBUTION or name.startswith(".") or name.endswith((".sh~", ".dpkg-dist", ".dpkg-old")):
            continue
        said = re.search(r"^# Short-Description:[ \t]*(\S.*)$|^description=\"([^\"]+)\"$", scripts[name], re.MULTILINE)
        yield SystemService(
            name=name,
            manager="openrc" if levels else "sysv",
            startup="enabled" if name in (levels or started) else "disabled",
            description=_said(said[1] or said[2]) if said else None,
        )


def _detailed(service: SystemService, details: Details) -> SystemService:
    return replace(
        service,
        type=details.get("Type") or None,
        user=account(details),
        command=command(details),
        restart=details.get("Restart") or None,
        file=details.get("SourcePath") or details.get("FragmentPath") or None,
        drop_ins=details.get("DropInPaths").split() or None,
    )


def _said(description: str) -> str | None:
    """A description without secrets: that of a unit made by systemd-run(1) is the command line."""
    return scrub_text(description.strip()) or None
