"""Who owns a file."""

from __future__ import annotations

import pytest

from agent.fact import Command, Material
from agent.facts import packages_dpkg
from agent.package_owners import Owner, needs, owners, parse_apk, parse_dpkg, upstream, zip_rpm
from tests.agent.supplied import made

QUERY = packages_dpkg.NEEDS[0]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.22.1-9+deb12u1", "1.22.1"),
        ("5:7.0.15-1~deb12u4", "7.0.15"),
        ("2:4.17", "4.17"),
        ("1.24.0-r15", "1.24.0"),
        ("15.18", "15.18"),
        ("1.0-rc1-2", "1.0-rc1"),
    ],
)
def test_the_softwares_own_version_in_that_of_a_package(version: str, expected: str) -> None:
    assert upstream(version) == expected


def test_dpkg_names_packages_with_and_without_architecture_and_diversions() -> None:
    text = (
        "nginx: /usr/sbin/nginx\nlibc6:amd64, libc6:i386: /lib/x\n"
        "diversion by dash from: /bin/sh\ndpkg-query: no path found matching pattern /opt/x\n"
    )

    assert parse_dpkg(text) == {"/usr/sbin/nginx": "nginx", "/lib/x": "libc6"}


def test_rpm_answers_in_the_order_of_the_question_or_not_at_all() -> None:
    lines = "nginx\t1.20.1\nfile /opt/x is not owned by any package\n"

    assert list(zip_rpm(["/usr/sbin/nginx", "/opt/x"], lines)) == [("/usr/sbin/nginx", Owner("nginx", "1.20.1"))]
    assert list(zip_rpm(["/usr/sbin/nginx", "/gone", "/opt/x"], lines)) == []


def test_apk_has_files_below_their_folders() -> None:
    text = "P:musl\nV:1.2.5-r9\nF:lib\nR:ld.so\n\nP:nginx\nV:1.26.3-r0\nF:usr/sbin\nR:nginx\n\n"

    assert parse_apk(text, ["/usr/sbin/nginx", "/usr/sbin/other"]) == {"/usr/sbin/nginx": Owner("nginx", "1.26.3")}


def test_a_file_that_a_package_names_by_the_old_path_is_found_too() -> None:
    asked = list(needs(["/usr/sbin/squid"]))
    question = asked[0]
    assert isinstance(question, Command)
    assert question.argv[2:] == ("/sbin/squid", "/usr/sbin/squid")

    shell = made({question: "squid: /sbin/squid\n", QUERY: "squid\t5.7-2\tamd64\tinstall ok installed\t\n"})

    assert owners(["/usr/sbin/squid"], Material(shell.supply(asked))) == {"/usr/sbin/squid": Owner("squid", "5.7")}


@pytest.mark.parametrize("path", ["/opt/a b", "/usr/sbin/*", "-S", "/usr/../etc/x", "", "/x\n"])
def test_paths_with_other_than_plain_characters_are_asked_of_nobody(path: str) -> None:
    assert list(needs([path])) == []
