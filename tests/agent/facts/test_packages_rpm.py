"""Packages of rpm."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.fact import Collected, Content, Failed, Missing, NotApplicable, Output, ParseError
from agent.facts import packages_rpm
from agent.facts.packages_rpm import _QUERY, Package, observe, parse
from tests.agent.supplied import made, recorded, run


def _found(outcome: object) -> dict[str, tuple[list[str], str | None]]:
    assert isinstance(outcome, Collected), outcome
    return {i.local_key(): (i.versions, i.source) for i in outcome.items}  # type: ignore[attr-defined]


def test_a_database_of_rpm_is_known_with_epochs_and_kernels_side_by_side() -> None:
    assert _found(run(packages_rpm, recorded("el9-packages"))) == {
        "rpm/bash/x86_64": (["5.1.8-6.el9"], None),
        "rpm/kernel-core/x86_64": (["5.14.0-284.11.1.el9_2", "5.14.0-284.18.1.el9_2"], None),
        "rpm/openssl-libs/x86_64": (["1:3.0.7-6.el9_2"], None),
        "rpm/tzdata/noarch": (["2023c-1.el9"], None),
    }


def test_a_key_has_no_architecture_and_no_source() -> None:
    lines = "gpg-pubkey\tf4a80eb5-53a7ff4b\t(none)\t(none)\nlibgcc\t11.3.1-4.el9\ti686\tgcc-11.3.1-4.el9.src.rpm\n"

    assert _found(run(packages_rpm, made({_QUERY: lines}))) == {
        "rpm/gpg-pubkey/none": (["f4a80eb5-53a7ff4b"], None),
        "rpm/libgcc/i686": (["11.3.1-4.el9"], "gcc"),
    }


@pytest.mark.parametrize(
    ("path", "manager"),
    [("/etc/debian_version", "dpkg"), ("/etc/alpine-release", "apk"), ("/etc/arch-release", "pacman")],
)
def test_rpm_is_not_run_where_another_manager_rules(path: str, manager: str) -> None:
    outcome = run(packages_rpm, made({path: Content(b""), _QUERY: "bash\t5\tx86_64\t(none)\n"}))

    assert isinstance(outcome, NotApplicable)
    assert manager in outcome.reason


@pytest.mark.parametrize("output", [Missing("absent", "not there"), Output(b"")])
def test_without_rpm_or_packages_there_is_nothing_to_tell(output: object) -> None:
    assert isinstance(run(packages_rpm, made({_QUERY: output})), NotApplicable)


@pytest.mark.parametrize(
    "output",
    [
        Output(b"", b"error: rpmdb: BDB0113 Thread/process failed\n", 1),
        Output(b"bash\t5\tx86_64\t(none)\n", b"warning: x\nerror: rpmdbNextIterator: skipping h#     1\n"),
        Output(b"bash\t5\tx86"),
        Missing("timeout", "rpm did not end within 60 s"),
        Missing("too_big", "rpm printed more than 16777216 bytes"),
    ],
)
def test_what_is_damaged_or_cut_is_a_failure_and_never_a_shorter_list(output: object) -> None:
    assert isinstance(run(packages_rpm, made({_QUERY: output})), Failed)


@pytest.mark.parametrize("text", ["bash", "\t1\tx\ty\n", "bash\t\tx\ty\n", "a\tb\tc\td\te\n", "\0\0\n"])
def test_a_line_of_another_kind_is_quoted(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text)


@pytest.mark.shared
def test_a_foreign_centos_has_the_packages_that_another_parser_read(recordings: Path) -> None:
    text = (recordings / "ssh" / "centos-7.7" / "rpm-qai.out").read_text()
    fields = {"Epoch": "", "Source RPM": ""}
    packages = []
    for block in re.split(r"^(?=Name +:)", text, flags=re.MULTILINE)[1:]:
        own = {**fields, **dict(re.findall(r"^(\w[\w ]*?) *: ([^\n]*)$", block, re.MULTILINE))}
        epoch = f"{own['Epoch']}:" if own["Epoch"] else ""
        packages.append(
            Package(own["Name"], f"{epoch}{own['Version']}-{own['Release']}", own["Architecture"], own["Source RPM"])
        )
    found = {p.name: p for p in observe(packages)}

    assert found["make"].versions == ["1:3.82-24.el7"]
    assert found["kbd-legacy"].source == "kbd"
    assert len({(p.name, p.architecture) for p in packages}) == len(list(observe(packages)))
