"""Packages of flatpak."""

from __future__ import annotations

import pytest

from agent.fact import Collected, Content, Failed, Missing, NotApplicable, ParseError
from agent.facts import packages_flatpak
from agent.facts.packages_flatpak import NEEDS, Package, observe, parse
from tests.agent.supplied import made, recorded, run

APP = "/var/lib/flatpak/app/org.example.Editor/x86_64/stable/active/deploy"
COMMIT = "7c27e37ddb5ffb98f10822a41b999dde28f8381fd0d86a68c7e8af85c2a9da8a"


def test_what_flatpak_deployed_for_all_is_known_by_branch_version_and_commit() -> None:
    outcome = run(packages_flatpak, recorded("flatpak-1.14"))

    assert isinstance(outcome, Collected), outcome
    # `flatpak list --columns=application,version,branch,arch,origin,active` printed the same.
    assert [i.attributes() for i in outcome.items] == [
        {
            "manager": "flatpak",
            "name": "org.example.Editor",
            "architecture": "x86_64",
            "versions": ["stable 2.10.36 7c27e37ddb5f"],
            "source": "local",
        },
        {
            "manager": "flatpak",
            "name": "org.example.Platform",
            "architecture": "x86_64",
            "versions": ["23.08 dc00821d155a"],
            "source": "local",
        },
    ]


def test_two_branches_of_one_name_are_one_package() -> None:
    made_of = [Package("a.b", "x86_64", branch, "hub", "c" * 64, "") for branch in ("23.08", "22.08")]

    [package] = observe(made_of)

    assert package.versions == ["22.08 cccccccccccc", "23.08 cccccccccccc"]


def test_a_host_without_flatpak_has_nothing_to_tell() -> None:
    assert isinstance(run(packages_flatpak, made({})), NotApplicable)


def test_a_package_that_may_not_be_read_is_a_failure() -> None:
    shell = made({NEEDS[0]: {APP: Missing("denied", "may not be read")}})

    assert isinstance(run(packages_flatpak, shell), Failed)


@pytest.mark.parametrize("data", [b"", b"hub\0", b"hub\0" + COMMIT.encode()[:63] + b"\0", b"\xff\xfe rubbish"])
def test_a_file_that_is_cut_or_of_another_kind_is_a_failure(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse(APP, data)
    assert isinstance(run(packages_flatpak, made({NEEDS[0]: {APP: Content(data)}})), Failed)
