"""Numbers of a machine: only real ones, a failed section where they are hidden, never the machine's below a container."""

from __future__ import annotations

import pytest

from agent.fact import Failed, Missing, NotApplicable
from agent.facts import hardware_identity
from agent.facts.hardware_identity import parse
from tests.agent.facts.machines import BOARD, DMI, DMIDECODE, HIDDEN, INSIDE, PRINTED, SERVER
from tests.agent.supplied import attributes, made, pass_over, recorded, run


def test_a_server_is_identified_by_its_number_and_its_serial() -> None:
    outcome, marks = pass_over(hardware_identity, made(SERVER))

    assert attributes(outcome) == {
        "serial": "ABC1234",
        "dmi_uuid": "4c4c4544-0042-4310-8031-b3c04f333432",
        "chassis_serial": "ABC1235",
    }
    assert marks == {
        "dmi_uuid": "4c4c4544-0042-4310-8031-b3c04f333432",
        "system_serial": "Dell Inc./PowerEdge R740/ABC1234",
    }


def test_a_user_has_not_looked_and_is_told_what_to_do() -> None:
    outcome, marks = pass_over(hardware_identity, made({**SERVER, **HIDDEN}, "user"))

    assert outcome == Failed(f"{DMI}product_serial may not be read: Permission denied; run as root")
    assert marks == {}


@pytest.mark.parametrize("name", ["product_serial", "product_uuid", "chassis_serial"])
def test_one_hidden_number_is_enough_to_fail(name: str) -> None:
    outcome, marks = pass_over(hardware_identity, made({**SERVER, f"{DMI}{name}": HIDDEN[f"{DMI}{name}"]}, "user"))

    assert isinstance(outcome, Failed)
    assert outcome.reason.endswith("run as root")
    assert marks == {}


def test_a_file_that_cannot_be_read_for_another_reason_fails_the_section() -> None:
    outcome = run(hardware_identity, made({**SERVER, f"{DMI}product_uuid": Missing("failed", "Input/output error")}))

    assert outcome == Failed("Input/output error")


def test_numbers_that_the_vendor_left_out_are_looked_for_and_not_there() -> None:
    outcome, marks = pass_over(hardware_identity, made({f"{DMI}sys_vendor": "QEMU\n"}))

    assert attributes(outcome) == {}
    assert marks == {}


@pytest.mark.parametrize("value", ["To be filled by O.E.M.", "System Serial Number", "0000000", "   ", ""])
def test_what_a_vendor_left_is_no_value(value: str) -> None:
    found = parse({"sys_vendor": "V", "product_name": "P", "product_serial": value, "chassis_serial": value})

    assert (found.serial, found.chassis_serial, found.mark) == (None, None, None)


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
    outcome, marks = pass_over(hardware_identity, made({**SERVER, f"{DMI}product_uuid": value}))

    assert "dmi_uuid" not in attributes(outcome)
    assert "dmi_uuid" not in marks


def test_a_serial_number_without_its_maker_is_no_mark() -> None:
    content = {path: text for path, text in SERVER.items() if not path.endswith("sys_vendor")}

    outcome, marks = pass_over(hardware_identity, made(content))

    assert attributes(outcome)["serial"] == "ABC1234"
    assert list(marks) == ["dmi_uuid"]


def test_dmidecode_is_asked_where_the_kernel_shows_nothing() -> None:
    outcome, marks = pass_over(hardware_identity, made({DMIDECODE: PRINTED}))

    assert attributes(outcome) == {"serial": "S1"}
    assert marks == {"system_serial": "ACME/Server 1/S1"}


def test_a_board_without_dmi_is_known_by_its_device_tree() -> None:
    outcome, marks = pass_over(hardware_identity, made(BOARD, "user"))

    assert attributes(outcome) == {"serial": "10000000abcdef12"}
    assert marks == {"system_serial": "Raspberry Pi/Raspberry Pi 4 Model B Rev 1.4/10000000abcdef12"}


@pytest.mark.parametrize("name", ["debian12-root", "debian12-user"])
def test_a_machine_without_numbers_is_looked_at(name: str) -> None:
    assert isinstance(run(hardware_identity, recorded(name)), NotApplicable)


def test_inside_a_container_nothing_is_taken_from_the_machine_below() -> None:
    outcome, marks = pass_over(hardware_identity, made({**SERVER, **HIDDEN, **INSIDE}, "user"))

    assert isinstance(outcome, NotApplicable)
    assert "container" in outcome.reason
    assert marks == {}
    assert isinstance(run(hardware_identity, recorded("debian12-namespace")), NotApplicable)
