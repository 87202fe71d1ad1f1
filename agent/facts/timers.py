"""What systemd starts on a schedule.

Source: `systemctl show` of loaded timers and services, systemd.timer(5) (see agent/systemd.py).
Yields a Timer for each that is enabled or active, with account and command of the unit that it starts, and its last run as a
reading. Timers that systemd-run and logins make for once are left out, and those of accounts' own managers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agent import systemd
from agent.fact import Context, Inapplicable, Material, Need, Usual
from agent.facts.services import account, command
from agent.systemd import Details
from cmdb.model.classes.timer import Timer

NAME = "timers"
VERSION = 1
CLASSES = ("Timer",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 3
NEEDS: tuple[Need, ...] = (systemd.UNITS,)
USUAL = (Usual(systemd.DETAILS, where="/run/systemd/system"),)

_NEVER = frozenset({"", "n/a", "0"})


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    if systemd.units(material) is not None:
        yield systemd.DETAILS


def collect(material: Material, context: Context) -> Iterator[Timer]:  # noqa: ARG001 - as every fact
    """Timers; raises Inapplicable where systemd does not run the host."""
    if systemd.units(material) is None:
        raise Inapplicable("systemd does not run this host, so it has no timers")
    return observe(systemd.details(material))


def observe(details: Mapping[str, Details]) -> Iterator[Timer]:
    """What the CMDB should know of timers that wait, or will when the host starts again."""
    for name in sorted(details):
        timer = details[name]
        startup, active = timer.get("UnitFileState"), timer.get("ActiveState") == "active"
        if not name.endswith(".timer") or not (active or startup.startswith(("enabled", "linked"))):
            continue
        unit = details.get(timer.get("Unit"))
        last = timer.get("LastTriggerUSec")
        delay = timer.get("RandomizedDelayUSec")
        yield Timer(
            name=name,
            startup=startup or None,
            active=active,
            schedules=timer.schedules(),
            random_delay=None if delay in _NEVER else delay,
            persistent=True if timer.get("Persistent") == "yes" else None,
            starts=timer.get("Unit") or None,
            user=account(unit) if unit else None,
            command=command(unit) if unit else None,
            file=timer.get("FragmentPath") or None,
            drop_ins=timer.get("DropInPaths").split() or None,
            last_run=None if last in _NEVER else last,
        )
