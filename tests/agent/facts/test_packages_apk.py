"""Packages of apk. No Alpine was at hand: the database is made by hand after apk-package(5)."""

from __future__ import annotations

import pytest

from agent.fact import Collected, Failed, Missing, NotApplicable, ParseError
from agent.facts import packages_apk
from agent.facts.packages_apk import parse
from tests.agent.supplied import made, run

DATABASE = """\
C:Q1Deb0jNytkrjPW4N/eKLZ43BwOlw=
P:libcrypto3
V:3.1.4-r5
A:x86_64
S:1726352
T:Crypto library from openssl: P:nothing
o:openssl
D:so:libc.musl-x86_64.so.1
p:so:libcrypto.so.3=3
F:etc
M:0:0:1777
R:P:odd
a:0:0:755
Z:Q12adwqQOjo9dFl+VJD2Ecd901vhE=

P:busybox
V:1.36.1-r15
A:x86_64
o:busybox

P:.build-deps
V:20240101.000000
A:noarch

"""


@pytest.mark.parametrize("path", ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"])
def test_packages_of_the_database(path: str) -> None:
    outcome = run(packages_apk, made({path: DATABASE}))

    assert isinstance(outcome, Collected)
    assert [i.attributes() for i in outcome.items] == [
        {"manager": "apk", "name": ".build-deps", "architecture": "noarch", "versions": ["20240101.000000"]},
        {"manager": "apk", "name": "busybox", "architecture": "x86_64", "versions": ["1.36.1-r15"]},
        {
            "manager": "apk",
            "name": "libcrypto3",
            "architecture": "x86_64",
            "versions": ["3.1.4-r5"],
            "source": "openssl",
        },
    ]


@pytest.mark.parametrize("content", [{}, {"/lib/apk/db/installed": "\n"}])
def test_without_a_database_there_is_nothing_to_tell(content: dict[str, str]) -> None:
    assert isinstance(run(packages_apk, made(content)), NotApplicable)


def test_a_database_that_may_not_be_read_is_a_failure() -> None:
    lack = Missing("denied", "/lib/apk/db/installed may not be read")

    assert isinstance(run(packages_apk, made({"/lib/apk/db/installed": lack})), Failed)


@pytest.mark.parametrize("text", [DATABASE[:-1], DATABASE[:30], "P:a\n\n", "V:1\n\n", "rubbish\n\n", "\0\0"])
def test_a_database_that_is_cut_or_of_another_kind_is_not_understood(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text, "/lib/apk/db/installed")
