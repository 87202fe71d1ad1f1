"""The language of sudoers. What is expected here is what `cvtsudoers -e -f sudoers` of sudo 1.9.13 made of the same lines."""

from __future__ import annotations

import pytest

from agent.fact import ParseError
from agent.sudoers import Include, Policy, includes, is_read, parse


def policy(text: str, **files: str) -> Policy:
    def read(include: Include) -> list[tuple[str, str]]:
        return [(path, files[path]) for path in files if path == include.path]

    return parse("/etc/sudoers", text, read, "web1")


def rights(text: str) -> list[str]:
    """Who, where, as whom, what, tags of each rule."""
    return [
        f"{','.join(r.who)} {','.join(r.hosts)} {r.users and ','.join(r.users)}:{','.join(r.groups)} "
        f"{'!' * r.denied}{r.command} {' '.join(r.tags)}".strip()
        for r in policy(text).rules
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("root ALL=(ALL:ALL) ALL", ["root ALL ALL:ALL ALL"]),
        ("%wheel\tALL = ALL # all", ["%wheel ALL None: ALL"]),
        ("a ALL=(b) /x, NOPASSWD: /y, /z", ["a ALL b: /x", "a ALL b: /y NOPASSWD", "a ALL b: /z NOPASSWD"]),
        ("a ALL=NOPASSWD: /x, PASSWD: /y", ["a ALL None: /x NOPASSWD", "a ALL None: /y"]),
        ("a ALL=/x : h2=(b) /y", ["a ALL None: /x", "a h2 b: /y"]),
        ("a ALL=(:g) /x -a b\\,c", ["a ALL ():g /x -a b,c"]),
        ("a, b h=/x", ["a h None: /x", "b h None: /x"]),
        ("ALL, !b ALL=/x", ["ALL,!b ALL None: /x"]),
        ("Cmnd_Alias C=/x,/y:D=C,/z\na ALL=D, !C", [f"a ALL None: {c}" for c in ("/x", "/y", "/z", "!/x", "!/y")]),
        ("a ALL=C\nCmnd_Alias C=/x", ["a ALL None: /x"]),
        ("User_Alias A=A,b\nA ALL=/x", ["A ALL None: /x", "b ALL None: /x"]),
        ("a 10.0.0.0/8, fe80::1=/x", ["a 10.0.0.0/8,fe80::1 None: /x"]),
        ('"DOM\\user x" ALL=/x', ["DOM\\user x ALL None: /x"]),
        ("%\\#10, #500, +net, %:ads ALL=/x", [f"{w} ALL None: /x" for w in ("%#10", "#500", "+net", "%:ads")]),
        ("a ALL=/x \\\n  -v", ["a ALL None: /x -v"]),
        ("# a comment \\\nroot ALL=ALL", ["root ALL None: ALL"]),
        ("a ALL=/x # on \\\nb ALL=/y", ["a ALL None: /x", "b ALL None: /y"]),
        ('a ALL=/x ""', ['a ALL None: /x ""']),
        ("a ALL=/x ^(a|b\\,c)$, /y", ["a ALL None: /x ^(a|b\\,c)$", "a ALL None: /y"]),
        ("a ALL=TIMEOUT=5m CWD=/srv NOEXEC:SETENV: /x", ["a ALL None: /x CWD=/srv NOEXEC SETENV TIMEOUT=5m"]),
        ("", []),
    ],
)
def test_rights_are_those_that_sudo_reads(text: str, expected: list[str]) -> None:
    assert rights(text) == expected


def test_digests_go_with_their_command_alone() -> None:
    found = policy("a ALL=sha256:2NKz4rBdoZ8SyNY7N/fBkTBk= /x, sha224:aa, sha384:bb /y, /z").rules

    assert [(r.command, r.digests) for r in found] == [
        ("/x", ("sha256:2NKz4rBdoZ8SyNY7N/fBkTBk=",)),
        ("/y", ("sha224:aa", "sha384:bb")),
        ("/z", ()),
    ]


def test_parameters_stand_with_their_scope_and_operator() -> None:
    found = policy('Defaults !a, b=1,c += "x y"\nDefaults:%g,u d\nDefaults!/bin/x e -= z\nDefaults  f="a, b"').defaults

    assert [(d.scope, d.name, d.operator, d.value) for d in found] == [
        ("Defaults", "a", "!", ""),
        ("Defaults", "b", "=", "1"),
        ("Defaults", "c", "+=", "x y"),
        ("Defaults:%g,u", "d", "", ""),
        ("Defaults!/bin/x", "e", "-=", "z"),
        ("Defaults", "f", "=", "a, b"),
    ]


def test_includes_of_either_mark_relative_quoted_and_by_host() -> None:
    text = (
        '@include local\n#includedir /etc/sudoers.d\n@include "/a b"\n@include /a\\ b.%h\n#include /x\n# include /y\n'
    )

    assert includes(text, "/etc/sudoers", "web1") == [
        Include("/etc/local", False),
        Include("/etc/sudoers.d", True),
        Include("/a b", False),
        Include("/a b.web1", False),
        Include("/x", False),
    ]


def test_rules_of_a_file_stand_where_it_is_included() -> None:
    found = policy("a ALL=/x\n@include /i\nb ALL=/z", **{"/i": "c ALL=/y"})

    assert [(r.command, r.origin) for r in found.rules] == [
        ("/x", "/etc/sudoers"),
        ("/y", "/i"),
        ("/z", "/etc/sudoers"),
    ]


def test_a_circle_of_includes_is_a_failure() -> None:
    with pytest.raises(ParseError, match="deeper"):
        policy("@include /i", **{"/i": "@include /i"})


def test_aliases_that_multiply_without_bound_are_a_failure() -> None:
    lines = [f"Cmnd_Alias A{n}=" + ",".join([f"A{n + 1}"] * 10) for n in range(8)]

    with pytest.raises(ParseError, match="20,000"):
        policy("\n".join([*lines, "Cmnd_Alias A8=/x", "a ALL=A0"]))


@pytest.mark.parametrize("name", ["10-x", "README"])
def test_files_with_a_dot_and_copies_are_not_read(name: str) -> None:
    assert is_read(name)
    assert not is_read(f"{name}.bak")
    assert not is_read(f"{name}~")


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a ALL",
        "a ALL=",
        "a ALL=(b /x",
        "=ALL",
        "User_Alias x=y",
        "User_Alias X",
        "Defaults =",
        "\0\0\0",
        "a ALL=/x, ",
        "a b c",
    ],
)
def test_what_is_cut_or_of_another_language_is_named_with_its_line(text: str) -> None:
    with pytest.raises(ParseError, match="/etc/sudoers:2"):
        policy(f"root ALL=ALL\n{text}")
