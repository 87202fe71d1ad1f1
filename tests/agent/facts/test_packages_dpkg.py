"""Packages of dpkg."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from agent.fact import Collected, Failed, Missing, NotApplicable, Output, ParseError
from agent.facts import packages_dpkg
from agent.facts.packages_dpkg import _QUERY, Package, observe, parse
from agent.shell import LocalShell
from tests.agent.supplied import made, run

LINES = (
    "adduser\t3.134\tall\tinstall ok installed\t\n"
    "nginx\t1.22.1-9\tamd64\thold ok installed\t\n"
    "libc6\t2.36-9\tamd64\tinstall ok installed\tglibc\n"
    "libc6\t2.36-9\ti386\tinstall ok installed\tglibc (2.36-8)\n"
    "old\t1.0\tall\tdeinstall ok config-files\t\n"
    "broken\t2.0\tamd64\tinstall reinstreq half-installed\t\n"
    "waiting\t3.0\tall\tinstall ok triggers-awaited\t\n"
)


def test_installed_packages_by_name_and_architecture() -> None:
    outcome = run(packages_dpkg, made({_QUERY: LINES}))

    assert isinstance(outcome, Collected)
    assert [i.local_key() for i in outcome.items] == [
        "dpkg/adduser/all",
        "dpkg/libc6/amd64",
        "dpkg/libc6/i386",
        "dpkg/nginx/amd64",
        "dpkg/waiting/all",
    ]
    found = {i.local_key(): i.attributes() for i in outcome.items}
    assert found["dpkg/nginx/amd64"]["held"] is True
    assert "held" not in found["dpkg/adduser/all"]
    assert found["dpkg/libc6/i386"] == {
        "manager": "dpkg",
        "name": "libc6",
        "architecture": "i386",
        "versions": ["2.36-9"],
        "source": "glibc",
    }


def test_several_versions_under_one_name_are_one_package() -> None:
    kernels = [Package("linux-image", v, "amd64", "install", "installed", "") for v in ("6.1-2", "6.1-1")]

    assert [p.versions for p in observe(kernels)] == [["6.1-1", "6.1-2"]]


def test_without_dpkg_there_is_nothing_to_tell() -> None:
    assert run(packages_dpkg, made({_QUERY: Missing("absent", "no")})) == NotApplicable("dpkg is not installed")
    empty = Output(b"", b"dpkg-query: no packages found matching *\n", 1)
    assert isinstance(run(packages_dpkg, made({_QUERY: empty})), NotApplicable)


def test_a_database_that_can_not_be_read_fails_the_section() -> None:
    outcome = run(packages_dpkg, made({_QUERY: Output(b"", b"dpkg-query: error: unable to access\n", 2)}))

    assert isinstance(outcome, Failed)
    assert "unable to access" in outcome.reason


@pytest.mark.parametrize("line", ["adduser", "adduser\t3.134\tall\tinstalled\t", "\t1\tall\tinstall ok installed\t"])
def test_a_line_that_is_not_understood_is_an_error(line: str) -> None:
    with pytest.raises(ParseError, match="dpkg-query"):
        parse(f"good\t1\tall\tinstall ok installed\t\n{line}\n")


def test_this_machine_has_the_packages_that_dpkg_lists() -> None:
    text = subprocess.run(
        ["/usr/bin/dpkg", "-l"], check=True, capture_output=True, text=True, env={"COLUMNS": "500"}
    ).stdout
    rows = [line.split() for line in text.splitlines() if line[:3] in ("ii ", "hi ")]

    outcome = run(packages_dpkg, LocalShell())  # type: ignore[arg-type]
    assert isinstance(outcome, Collected)
    found = {(i.name, i.architecture, *i.versions) for i in outcome.items}  # type: ignore[attr-defined]
    assert found == {(row[1].partition(":")[0], row[3], row[2]) for row in rows}


@pytest.mark.shared
@pytest.mark.parametrize("host", ["ubuntu-20.04-k8s-worker", "ubuntu-20.04-rabbitmq"])
def test_foreign_packages_are_those_that_another_parser_read(recordings: Path, host: str) -> None:
    judged = json.loads((recordings / "ssh" / host / "dpkg_-l.json").read_text())
    text = (recordings / "ssh" / host / "dpkg_-l.out").read_text()
    # dpkg -l was recorded, so its rows are written as the query prints them.
    want, state = {"i": "install", "h": "hold", "r": "deinstall"}, {"i": "installed", "c": "config-files"}
    rows = [line.split(None, 4) for line in text.splitlines()[5:]]
    lines = [f"{n.partition(':')[0]}\t{v}\t{a}\t{want[c[0]]} ok {state[c[1]]}\t\n" for c, n, v, a, *_ in rows]

    found = {(p.name, p.architecture, *(p.versions or [])) for p in observe(parse("".join(lines)))}
    assert found == {
        (r["name"].partition(":")[0], r["architecture"], r["version"]) for r in judged if r["codes"][1] == "i"
    }
