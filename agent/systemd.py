"""Service units as systemctl lists them, and what it shows of loaded services and timers.

Sources: `systemctl list-units` and `systemctl list-unit-files`, systemctl(1), with --plain --no-legend so that white space parts
the columns and nothing else is printed; `systemctl show` of properties that org.freedesktop.systemd1(5) has. Environments are
never asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agent.fact import Command, Material, ParseError, Unavailable
from cmdb.model.dataclass import dataclass

_OPTIONS = ("--type=service", "--all", "--full", "--plain", "--no-legend", "--no-pager")
UNITS = Command(("/usr/bin/systemctl", "list-units", *_OPTIONS))
UNIT_FILES = Command(("/usr/bin/systemctl", "list-unit-files", *_OPTIONS))

_SHOWN = (
    "Id",
    "ActiveState",
    "UnitFileState",
    "FragmentPath",
    "SourcePath",
    "DropInPaths",
    "Type",
    "User",
    "DynamicUser",
    "Restart",
    "ExecStart",
    "Unit",
    "TimersCalendar",
    "TimersMonotonic",
    "Persistent",
    "RandomizedDelayUSec",
    "LastTriggerUSec",
)
DETAILS = Command(
    (
        "/usr/bin/systemctl",
        "show",
        "--all",
        "--no-pager",
        f"--property={','.join(_SHOWN)}",
        "*.service",
        "*.timer",
    )
)
_PROPERTY = re.compile(rf"({'|'.join(_SHOWN)})=")
_EXEC = re.compile(r"\{ path=.*? ; argv\[\]=(.*) ; ignore_errors=(?:yes|no) ; start_time=", re.DOTALL)
_TIMER = re.compile(r"\{ (\w+)=(.*) ; next_elapse=", re.DOTALL)

_PASSING = re.compile(
    r"(run-[ru]?[0-9a-f]+|run-\S+|user@\d+|user-runtime-dir@\d+|session-\S+|invocation-\S+)\.(service|timer)\Z"
)
"""Units that systemd-run and logins make, whose names are made for once."""


@dataclass(frozen=True)
class Unit:
    """A loaded unit: `load` is loaded, not-found or masked, `active` and `sub` its state in systemd's words."""

    name: str
    load: str
    active: str
    sub: str
    description: str


@dataclass(frozen=True)
class Details:
    """What is in force of a loaded unit: its properties, those that may stand several times as a list each."""

    name: str
    properties: Mapping[str, Sequence[str]]

    def get(self, name: str) -> str:
        """A property that stands once, empty where it is not set."""
        return self.properties.get(name, ("",))[-1]

    def commands(self) -> list[str]:
        """Command lines of ExecStart, without what they came to."""
        return [found[1] for value in self.properties.get("ExecStart", ()) if (found := _EXEC.match(value))]

    def schedules(self) -> list[str]:
        """What a timer waits for: "OnCalendar=*-*-* 06:00:00", "OnBoot=15min"."""
        values = [*self.properties.get("TimersCalendar", ()), *self.properties.get("TimersMonotonic", ())]
        found = [match for value in values if (match := _TIMER.match(value))]
        # OnBootUSec=15min is how the property, OnBootSec=15min how the setting is called.
        return [f"{re.sub('USec$', 'Sec', match[1])}={match[2]}" for match in found]


def units(material: Material) -> list[Unit] | None:
    """Loaded service units, None where systemd does not run the host; raises Unavailable where it does and failed."""
    lack = material.missing(UNITS)
    if lack and lack.kind == "absent":
        return None
    output = material.output(UNITS)
    if output.status == 0:
        # In a chroot systemctl ignores the question and succeeds; where systemd runs the host it has services.
        return parse_units(output.text) or None
    said = output.stderr.decode("utf-8", "replace").strip()
    if "has not been booted with systemd" in said or "Host is down" in said:
        return None
    raise Unavailable(f"systemctl list-units ended with status {output.status}: {said[:200]}")


def parse_units(text: str) -> list[Unit]:
    """Units that last, in systemd's order.

    Raises ParseError, quoting the line, where there are not four columns before the description.
    """
    found = []
    for line in text.splitlines():
        # A unit that failed has a mark in front of it, with --plain too before systemd 246.
        columns = line.strip().lstrip("●*×↻ ").split(None, 4)
        if not columns:
            continue
        if len(columns) < 4 or not columns[0].endswith(".service"):
            raise ParseError(f"systemctl list-units: not understood: {line[:200]!r}")
        if not _PASSING.match(columns[0]):
            name, load, active, sub, description = [*columns, ""][:5]
            found.append(Unit(name, load, active, sub, description.strip()))
    return found


def parse_unit_files(text: str) -> dict[str, str]:
    """How each service unit starts (enabled, disabled, static, masked, ...) by its file's name.

    Raises ParseError, quoting the line, where there is no second column.
    """
    found = {}
    for line in text.splitlines():
        columns = line.split()
        if not columns:
            continue
        if len(columns) < 2 or not columns[0].endswith(".service"):
            raise ParseError(f"systemctl list-unit-files: not understood: {line[:200]!r}")
        if not _PASSING.match(columns[0]):
            found[columns[0]] = columns[1]
    return found


def details(material: Material) -> dict[str, Details]:
    """Details of loaded services and timers that last, by name; raises Unavailable where systemctl did not tell them."""
    output = material.output(DETAILS)
    if output.status:
        said = output.stderr.decode("utf-8", "replace").strip()
        raise Unavailable(f"systemctl show ended with status {output.status}: {said[:200]}")
    return parse_details(output.text)


def parse_details(text: str) -> dict[str, Details]:
    """Units by name from what `systemctl show` prints: a line a property, an empty line behind each unit.

    A value may have more than one line. Raises ParseError where a unit has no name, or the text begins with no property.
    """
    found: dict[str, Details] = {}
    pending = ""
    for part in text.split("\n\n"):
        pending += part
        if re.search(r"^Id=", part, re.MULTILINE) is None:
            pending += "\n\n"  # an empty line within a value
            continue
        unit = _details(pending)
        if not _PASSING.match(unit.name):
            found[unit.name] = unit
        pending = ""
    if pending.strip():
        raise ParseError(f"systemctl show: a unit without a name: {pending[:200]!r}")
    return found


def _details(text: str) -> Details:
    properties: dict[str, list[str]] = {}
    last = ""
    for line in text.strip("\n").split("\n"):
        match = _PROPERTY.match(line)
        if match:
            last = match[1]
            properties.setdefault(last, []).append(line[match.end() :])
        elif last:
            properties[last][-1] += f"\n{line}"
        else:
            raise ParseError(f"systemctl show: not understood: {line[:200]!r}")
    name = properties["Id"][0]
    if not name.endswith((".service", ".timer")):
        raise ParseError(f"systemctl show: neither a service nor a timer: {name[:200]!r}")
    return Details(name, properties)
