"""DMI strings, from dmidecode of many machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.dmi import OPEN, dmidecode, further, needs, read
from agent.fact import Context, Inapplicable, Material
from agent.facts import hardware, hardware_identity
from tests.agent.facts.machines import BOARD, DMIDECODE, INSIDE, SERVER
from tests.agent.supplied import made


@pytest.mark.shared
def test_dmidecode_of_other_machines_gives_what_another_tool_found(recordings: Path) -> None:
    folder = recordings / "ssh" / "dmidecode"
    for path in sorted(folder.glob("*.json")):
        judged = json.loads(path.read_text())["identity"]
        entries = dmidecode(path.with_suffix(".out").read_text("utf-8", "replace"))
        make, numbers = hardware.parse(entries), hardware_identity.parse(entries)
        masked = len(set(judged["system_serial"] or "")) == 1  # a run of one character is no serial number
        assert numbers.serial == (None if masked else judged["system_serial"]), path.stem
        assert make.product == judged["system_product"], path.stem
        assert make.vendor == judged["system_manufacturer"], path.stem
        for part in ("bios_vendor", "bios_version", "bios_date"):
            assert judged[part] is None or " ".join(judged[part].split()) in (make.bios or ""), path.stem


def test_the_first_of_several_entries_counts() -> None:
    text = (
        "System Information\n\tSerial Number: A\nHandle 2\nSystem Information\n\tSerial Number: B\n\tManufacturer: C\n"
    )

    assert dmidecode(text) == {"product_serial": "A"}


def test_dmidecode_that_finds_nothing_is_not_applicable() -> None:
    text = "# dmidecode 3.4\n# No SMBIOS nor DMI entry point found, sorry.\n"
    shell = made({DMIDECODE: text})

    with pytest.raises(Inapplicable, match="neither DMI nor a device tree"):
        read(Material(shell.supply([*needs(OPEN), DMIDECODE])), OPEN)


@pytest.mark.parametrize("content", [SERVER, BOARD, INSIDE])
def test_no_program_is_needed_where_the_kernel_tells_or_nothing_may_be_taken(content: dict[object, object]) -> None:
    material = Material(made(content).supply(needs(OPEN)))

    assert list(further(material, OPEN)) == []
    assert list(hardware.further(material, Context())) == []


def test_dmidecode_is_needed_where_the_kernel_shows_nothing() -> None:
    assert [n.argv for n in further(Material(made({}).supply(needs(OPEN))), OPEN)] == [DMIDECODE.argv]  # type: ignore[union-attr]
