"""Hardware identity: only what a vendor filled in, and never the machine's below a container."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.fact import Command, Failed, Links, Missing, NotApplicable
from agent.facts import hardware
from agent.facts.hardware import dmidecode, parse
from tests.agent.supplied import attributes, made, pass_over, recorded, run

DMI = "/sys/class/dmi/id/"
SERVER = {
    f"{DMI}sys_vendor": "Dell Inc.\n",
    f"{DMI}product_name": "PowerEdge R740\n",
    f"{DMI}product_serial": "ABC1234\n",
    f"{DMI}product_uuid": "4C4C4544-0042-4310-8031-B3C04F333432\n",
    f"{DMI}bios_vendor": "Dell Inc.\n",
    f"{DMI}bios_version": "2.12.2\n",
    f"{DMI}bios_date": "07/09/2021\n",
    f"{DMI}chassis_serial": "ABC1234\n",
}
DMIDECODE = Command(("/usr/sbin/dmidecode", "-t", "0,1,3"), root=True)


def test_a_server_is_identified_by_its_number_and_its_serial() -> None:
    outcome, marks = pass_over(hardware, made(SERVER))

    assert attributes(outcome) == {
        "vendor": "Dell Inc.",
        "product": "PowerEdge R740",
        "serial": "ABC1234",
        "dmi_uuid": "4c4c4544-0042-4310-8031-b3c04f333432",
        "bios_version": "Dell Inc. 2.12.2 07/09/2021",
        "chassis_serial": "ABC1234",
    }
    assert marks == {
        "dmi_uuid": "4c4c4544-0042-4310-8031-b3c04f333432",
        "system_serial": "Dell Inc./PowerEdge R740/ABC1234",
    }


def test_a_user_sees_what_is_not_hidden() -> None:
    hidden = {
        f"{DMI}{n}": Missing("denied", "run as root") for n in ("product_serial", "product_uuid", "chassis_serial")
    }

    outcome, marks = pass_over(hardware, made({**SERVER, **hidden}, "user"))

    assert set(attributes(outcome)) == {"vendor", "product", "bios_version"}
    assert marks == {}


def test_a_file_that_cannot_be_read_for_another_reason_fails_the_section() -> None:
    outcome = run(hardware, made({**SERVER, f"{DMI}product_uuid": Missing("failed", "Input/output error")}))

    assert outcome == Failed("Input/output error")


@pytest.mark.parametrize(
    "value",
    ["To be filled by O.E.M.", "Default string", "None", "Not Specified", "System Serial Number", "0000000", "   ", ""],
)
def test_what_a_vendor_left_is_no_value(value: str) -> None:
    found = parse({"sys_vendor": value, "product_name": "R740", "product_serial": value, "chassis_serial": value})

    assert (found.vendor, found.serial, found.chassis_serial, found.product) == (None, None, None, "R740")


@pytest.mark.parametrize(
    "value",
    [
        "03000200-0400-0500-0006-000700080009",
        "0" * 8 + "-0000-0000-0000-" + "0" * 12,
        "Not Settable",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    ],
)
def test_a_number_that_many_machines_have_is_none(value: str) -> None:
    outcome, marks = pass_over(hardware, made({**SERVER, f"{DMI}product_uuid": value}))

    assert "dmi_uuid" not in attributes(outcome)
    assert "dmi_uuid" not in marks


@pytest.mark.shared
def test_dmidecode_of_other_machines_gives_what_another_tool_found(recordings: Path) -> None:
    folder = recordings / "ssh" / "dmidecode"
    for path in sorted(folder.glob("*.json")):
        judged = json.loads(path.read_text())["identity"]
        found = parse(dmidecode(path.with_suffix(".out").read_text("utf-8", "replace")))
        masked = len(set(judged["system_serial"] or "")) == 1  # a run of one character is no serial number
        assert found.serial == (None if masked else judged["system_serial"]), path.stem
        assert found.product == judged["system_product"], path.stem
        assert found.vendor == judged["system_manufacturer"], path.stem
        for part in ("bios_vendor", "bios_version", "bios_date"):
            assert judged[part] is None or " ".join(judged[part].split()) in (found.bios or ""), path.stem


def test_dmidecode_is_asked_only_where_the_kernel_shows_nothing() -> None:
    printed = (
        "# dmidecode 3.4\nHandle 0x0001, DMI type 1\nSystem Information\n\tManufacturer: ACME\n\tSerial Number: S1\n"
    )

    assert attributes(run(hardware, made({DMIDECODE: printed}))) == {"vendor": "ACME", "serial": "S1"}
    assert attributes(run(hardware, made({**SERVER, DMIDECODE: printed})))["vendor"] == "Dell Inc."


def test_the_first_of_several_entries_counts() -> None:
    text = (
        "System Information\n\tSerial Number: A\nHandle 2\nSystem Information\n\tSerial Number: B\n\tManufacturer: C\n"
    )

    assert dmidecode(text) == {"product_serial": "A"}


def test_a_board_without_dmi_is_described_by_its_device_tree() -> None:
    tree = {
        "/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
        "/proc/device-tree/serial-number": "10000000abcdef12\0",
    }

    outcome, marks = pass_over(hardware, made(tree))

    assert attributes(outcome)["serial"] == "10000000abcdef12"
    assert marks == {"system_serial": "Raspberry Pi/Raspberry Pi 4 Model B Rev 1.4/10000000abcdef12"}


@pytest.mark.parametrize("name", ["debian12-root", "debian12-user"])
def test_the_recorded_machine_has_neither(name: str) -> None:
    outcome = run(hardware, recorded(name))

    assert isinstance(outcome, NotApplicable)
    assert "dmidecode" in outcome.reason


def test_a_user_who_may_not_ask_dmidecode_has_not_looked() -> None:
    outcome = run(hardware, made({DMIDECODE: Missing("denied", "tells this to root only; run as root")}, "user"))

    assert outcome == Failed("tells this to root only; run as root")


def test_dmidecode_that_finds_nothing_is_not_applicable() -> None:
    assert isinstance(
        run(hardware, made({DMIDECODE: "# dmidecode 3.4\n# No SMBIOS nor DMI entry point found, sorry.\n"})),
        NotApplicable,
    )


def test_inside_a_container_nothing_is_taken_from_the_machine_below() -> None:
    inside = {Links("/proc/self/ns/pid"): {"/proc/self/ns/pid": "pid:[4026532201]"}}

    outcome, marks = pass_over(hardware, made({**SERVER, **inside}))

    assert isinstance(outcome, NotApplicable)
    assert "container" in outcome.reason
    assert marks == {}
    assert isinstance(run(hardware, recorded("debian12-namespace")), NotApplicable)
