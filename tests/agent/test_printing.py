"""What would leave this host is printed, every byte of it."""

from __future__ import annotations

import json

import pytest

from agent.fact import Collected, Cost, Failed, SectionResult
from agent.printing import failures, print_report
from agent.report import Report, section
from agent.terminal import Terminal
from cmdb.model.batch import Header, encode
from cmdb.model.classes.local_group import LocalGroup


def report() -> Report:
    results = [
        SectionResult(
            "groups", 1, ("LocalGroup",), (), "full", Collected([LocalGroup(name="a")], []), Cost(0.5, 0.25, 7)
        ),
        SectionResult("kernel", 1, (), (), "full", Failed("no\x1b kernel")),
    ]
    header = Header("id", "agent:a", "agent", 1, 1, "Host", {})
    return Report(header, [section(result) for result in results], results)


def test_the_bytes_that_would_leave_are_printed_as_they_are(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    found = report()

    print_report(found, Terminal())

    said = capsysbinary.readouterr()
    assert said.out == b"".join(encode(found.header, found.sections))
    assert b"0.500" in said.err
    assert b"<U+001B>" in said.err
    assert b"would leave" in said.err


def test_as_json_it_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report(), Terminal(as_json=True))

    document = json.loads(capsys.readouterr().out)
    assert [line.get("section") for line in document["lines"]] == [None, "groups", None, "kernel"]
    assert document["bytes"] == sum(map(len, encode(report().header, report().sections)))


def test_sections_that_failed_are_named() -> None:
    assert failures(report()) == ["kernel: no\x1b kernel"]
