"""Service units as systemctl lists them.

Source: `systemctl list-units` and `systemctl list-unit-files`, systemctl(1), with --plain --no-legend so that white
space parts the columns and nothing else is printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.fact import Command, Material, ParseError, Unavailable

_OPTIONS = ("--type=service", "--all", "--full", "--plain", "--no-legend", "--no-pager")
UNITS = Command(("/usr/bin/systemctl", "list-units", *_OPTIONS))
UNIT_FILES = Command(("/usr/bin/systemctl", "list-unit-files", *_OPTIONS))

_PASSING = re.compile(
    r"(run-[ru]?[0-9a-f]+|run-\S+|user@\d+|user-runtime-dir@\d+|session-\S+|invocation-\S+)\.service\Z"
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
