"""The systems that are known."""

from __future__ import annotations

import re

from collector.cli.systems import SYSTEMS, by_kind

SECTIONS = {"device", "forwarding", "hardware", "interfaces", "neighbours", "vlans"}
READ_ONLY = re.compile(r"(show |net show |ip |bridge |lldpctl|hostnamectl)")


def test_recordings_name_systems_with_the_kind_of_device_behind_them() -> None:
    assert [by_kind(k).name for k in ("junos-qfx", "NXOS", "cumulus", "sonic", "eos")] == [  # type: ignore[union-attr]
        "junos", "nxos", "linux", "linux", "eos",
    ]  # fmt: skip
    assert by_kind("panos") is None


def test_every_command_only_reads() -> None:
    commands = [c for system in SYSTEMS for question in system.questions for c in question.commands]

    assert [c for c in commands if not READ_ONLY.match(c) or ";" in c or ">" in c] == []


def test_every_section_lives_of_questions_that_are_asked() -> None:
    for system in SYSTEMS:
        asked = {question.name for question in system.questions}
        assert {part.name for part in system.parts} <= SECTIONS
        assert {name for part in system.parts for name in part.asks} <= asked
