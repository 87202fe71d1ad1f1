"""A survey of a system's answers."""

from __future__ import annotations

from collections.abc import Iterator

from agent.fact import Collected, Cost, Failed
from cmdb.model.classes.network_device import NetworkDevice
from collector.cli.answers import Answers, Question, Reply
from collector.cli.system import Part, System


def _device(answers: Answers) -> Iterator[NetworkDevice]:
    yield NetworkDevice(name=answers.text("version"))


SYSTEM = System(
    name="toy",
    kinds=("toy",),
    subject_class="NetworkDevice",
    questions=(Question("version", ("show version",)), Question("parts", ("show parts",))),
    marks=lambda answers: {"vendor": answers.text("parts")},
    parts=(
        Part("device", 1, ("NetworkDevice",), (), ("version",), _device),
        Part("hardware", 2, (), (), ("parts",), lambda answers: iter([NetworkDevice(name=answers.text("parts"))])),
    ),
)


def test_each_section_ends_for_itself_and_has_its_cost() -> None:
    found = SYSTEM.survey(Answers({"version": Reply("sw1"), "parts": Reply(failure="late")}), {"version": 0.25})

    device, hardware = found.sections
    assert device.outcome == Collected([NetworkDevice(name="sw1")], [])
    assert device.cost == Cost(0.25, 0.0, 3)
    assert (hardware.outcome, hardware.version) == (Failed("late"), 2)


def test_marks_that_need_a_failed_answer_are_missing() -> None:
    assert SYSTEM.survey(Answers({"version": Reply("sw1")})).marks == {}
    assert SYSTEM.survey(Answers({"parts": Reply("Toys")})).marks == {"vendor": "Toys"}
