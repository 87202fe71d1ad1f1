"""Make and firmware: what everyone may read, only what a vendor filled in, never the machine's below a container."""

from __future__ import annotations

import pytest

from agent.fact import Context, Failed, Missing, NotApplicable
from agent.facts import FACTS, hardware
from agent.facts.hardware import parse
from agent.run import collect_pass
from tests.agent.facts.machines import BOARD, DMI, DMIDECODE, HIDDEN, INSIDE, PRINTED, SERVER
from tests.agent.supplied import attributes, made, pass_over, recorded, run

KNOWN = {"vendor": "Dell Inc.", "product": "PowerEdge R740", "bios_version": "Dell Inc. 2.12.2 07/09/2021"}


def test_a_server_has_a_maker_a_model_and_firmware() -> None:
    outcome, marks = pass_over(hardware, made(SERVER))

    assert attributes(outcome) == KNOWN
    assert marks == {}


def test_a_user_sees_as_much_as_root() -> None:
    [result] = collect_pass(made({**SERVER, **HIDDEN}, "user"), Context(), [FACTS["hardware"]])

    assert attributes(result.outcome) == KNOWN
    assert result.privilege == "full"


@pytest.mark.parametrize("kind", ["failed", "denied"])
def test_a_file_that_cannot_be_read_fails_the_section(kind: str) -> None:
    outcome = run(hardware, made({**SERVER, f"{DMI}bios_date": Missing(kind, "why")}))

    assert outcome == Failed("why")


@pytest.mark.parametrize("value", ["To be filled by O.E.M.", "Default string", "None", "Not Specified", "   ", ""])
def test_what_a_vendor_left_is_no_value(value: str) -> None:
    found = parse({"sys_vendor": value, "product_name": "R740", "bios_version": value})

    assert (found.vendor, found.product, found.bios) == (None, "R740", None)


def test_dmidecode_is_asked_only_where_the_kernel_shows_nothing() -> None:
    assert attributes(run(hardware, made({DMIDECODE: PRINTED}))) == {"vendor": "ACME", "product": "Server 1"}
    assert attributes(run(hardware, made({**SERVER, DMIDECODE: PRINTED})))["vendor"] == "Dell Inc."


def test_a_board_without_dmi_is_described_by_its_device_tree() -> None:
    assert attributes(run(hardware, made(BOARD))) == {
        "vendor": "Raspberry Pi",
        "product": "Raspberry Pi 4 Model B Rev 1.4",
    }


@pytest.mark.parametrize("name", ["debian12-root", "debian12-user"])
def test_the_recorded_machine_has_neither(name: str) -> None:
    outcome = run(hardware, recorded(name))

    assert isinstance(outcome, NotApplicable)
    assert "dmidecode" in outcome.reason


def test_a_user_who_may_not_ask_dmidecode_has_not_looked() -> None:
    outcome = run(hardware, made({DMIDECODE: Missing("denied", "tells this to root only; run as root")}, "user"))

    assert outcome == Failed("tells this to root only; run as root")


def test_inside_a_container_nothing_is_taken_from_the_machine_below() -> None:
    outcome = run(hardware, made({**SERVER, **INSIDE}))

    assert isinstance(outcome, NotApplicable)
    assert "container" in outcome.reason
    assert isinstance(run(hardware, recorded("debian12-namespace")), NotApplicable)
