"""Stacks, contexts and flash memory of Cisco's."""

from __future__ import annotations

from collector.snmp.mibs.cisco_mib import FlashDevice, FlashPartition, Vdc, context, flash, is_security_context
from collector.snmp.table import rows
from tests.collector.snmp.recorded import answering

VDC = "1.3.6.1.4.1.9.9.774.1.1.1.2"
FLASH = "1.3.6.1.4.1.9.9.10.1.1"


def test_the_default_vdc_is_the_chassis_and_any_other_a_context_of_it() -> None:
    assert context(rows(Vdc, answering((f"{VDC}/1", b"core1")))) is None
    assert context(rows(Vdc, answering((f"{VDC}/1", b"core1"), (f"{VDC}/2", b"dmz")))) is None
    assert context(rows(Vdc, answering((f"{VDC}/2", b"dmz")))) == "dmz"
    assert context([]) is None


def test_flash_memory_is_called_as_at_the_console() -> None:
    answers = answering(
        (f"{FLASH}.2.1.7/1", b"bootflash"), (f"{FLASH}.2.1.7/2", b"disk0:"), (f"{FLASH}.2.1.7/3", b"usbflash0"),
        (f"{FLASH}.4.1.1.4/1.1", 2**32 - 1), (f"{FLASH}.4.1.1.5/1.1", 2**32 - 1), (f"{FLASH}.4.1.1.13/1.1", 11_250_171_904),
        (f"{FLASH}.4.1.1.14/1.1", 8_215_592_960),
        (f"{FLASH}.4.1.1.4/2.1", 1000), (f"{FLASH}.4.1.1.5/2.1", 10), (f"{FLASH}.4.1.1.10/2.1", b"disk0:1"),
        (f"{FLASH}.4.1.1.4/2.2", 2000), (f"{FLASH}.4.1.1.4/9.1", 1),
    )  # fmt: skip

    assert flash(rows(FlashDevice, answers), rows(FlashPartition, answers)) == {
        "bootflash:": (11_250_171_904, 8_215_592_960),
        "disk0:1:": (1000, 10),
        "disk0:2:": (2000, None),
    }


def test_a_security_context_is_known_by_its_kind() -> None:
    assert is_security_context("1.3.6.1.4.1.9.1.1412")
    assert not is_security_context("1.3.6.1.4.1.9.1.1408")
    assert not is_security_context(None)
