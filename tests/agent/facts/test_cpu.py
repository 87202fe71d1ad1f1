"""Processors, by architecture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.fact import Collected, Failed, ParseError
from agent.facts import cpu
from agent.facts.cpu import parse
from tests.agent.supplied import attributes, made, recorded, run

X86 = "processor\t: 0\nmodel name\t: Intel(R)  Xeon(R) CPU\n\nprocessor\t: 1\nmodel name\t: Intel(R)  Xeon(R) CPU\n"


def test_the_recorded_processors() -> None:
    outcome = run(cpu, recorded("debian12-root"))

    assert attributes(outcome) == {"cpu_model": "Intel(R) Xeon(R) Processor", "cpu_count": 2}
    assert isinstance(outcome, Collected)
    assert outcome.items[0].readings() == {"load_1m": "0.93"}


@pytest.mark.shared
def test_a_foreign_recording_gives_what_another_program_of_that_host_said(recordings: Path) -> None:
    for host in ("ubuntu-20.04-k8s-worker", "ubuntu-20.04-rabbitmq"):
        folder = recordings / "ssh" / host
        judged = json.loads((folder / "index.json").read_text())["facts"]["cpu"]
        found = parse((folder / "cat_proc_cpuinfo.out").read_text(), "")
        assert (found.model, found.count) == (judged["model"], judged["processors_in_proc_cpuinfo"])


@pytest.mark.parametrize(
    ("cpuinfo", "online", "expected"),
    [
        (X86, "", ("Intel(R) Xeon(R) CPU", 2)),
        (X86, "0-2,6\n", ("Intel(R) Xeon(R) CPU", 4)),
        ("processor : 0\nCPU implementer : 0x41\n\nprocessor : 1\nCPU implementer : 0x41\n", "", ("", 2)),
        (
            "processor : 0\nCPU implementer : 0x41\n\nModel : Raspberry Pi 4 Model B Rev 1.4\n",
            "",
            ("Raspberry Pi 4 Model B Rev 1.4", 1),
        ),
        ("processor : 0\ncpu : POWER9, altivec supported\nclock : 2MHz\n", "", ("POWER9, altivec supported", 1)),
        ("vendor_id : IBM/S390\n# processors : 2\nprocessor 0: version = FF\nprocessor 1: version = FF\n", "", ("", 2)),
        ("processor\t: 0\nhart\t: 0\nuarch\t: sifive,u74-mc\n", "0", ("sifive,u74-mc", 1)),
    ],
    ids=["x86", "some online", "arm64", "raspberry", "power", "s390", "riscv"],
)
def test_other_architectures(cpuinfo: str, online: str, expected: tuple[str, int]) -> None:
    found = parse(cpuinfo, online)

    assert (found.model, found.count) == expected


@pytest.mark.parametrize("text", ["", "model name : x\n", "\0"])
def test_a_text_without_processors_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="names no processor"):
        parse(text, "")


def test_an_absent_cpuinfo_is_a_failure() -> None:
    assert isinstance(run(cpu, made({})), Failed)


def test_hostile_online_ranges_do_not_count() -> None:
    assert parse(X86, "0-x").count == 2
