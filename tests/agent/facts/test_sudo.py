"""Who may run what with whose rights."""

from __future__ import annotations

from typing import Any

import pytest

from agent.fact import Collected, Content, Failed, File, Files, Missing, NotApplicable, Outcome
from agent.facts import sudo
from tests.agent.supplied import made, recorded, run

HOST = {"/proc/sys/kernel/hostname": "web1.example.org\n"}


def rules(outcome: Outcome) -> dict[str, dict[str, Any]]:
    assert isinstance(outcome, Collected), outcome
    return {str(a["name"]): a for a in (i.attributes() for i in outcome.items) if "who" in a}


def settings(outcome: Outcome) -> dict[str, Any]:
    assert isinstance(outcome, Collected), outcome
    found = [i.attributes() for i in outcome.items]
    return {f"{a['scope']} {a['name']}": a["values"] for a in found if a.get("service") == "sudo"}


def test_rights_of_a_recorded_host_with_aliases_resolved() -> None:
    found = rules(run(sudo, recorded("debian12-sudo")))

    assert found["root may run ALL as ALL:ALL"] == {
        "name": "root may run ALL as ALL:ALL",
        "who": "root",
        "hosts": "ALL",
        "run_as": "ALL:ALL",
        "command": "ALL",
        "origin": "/etc/sudoers",
    }
    assert found["%wheel may run /usr/bin/systemctl reload nginx as root"]["passwordless"] is True
    assert found["%wheel may run /usr/bin/systemctl reload nginx as root"]["hosts"] == "web1, web2"
    assert found["alice may run /usr/bin/less as root"]["tags"] == ["NOEXEC"]
    assert found["#1000 may not run /bin/bash as root"]["denied"] is True
    assert found["alice may run ALL as postgres,oracle:dba"]["hosts"] == "192.168.1.0/24, fe80::1"
    assert "carol may run /usr/bin/newgrp as self:staff" in found
    assert found["dom\\user x may run /usr/sbin/ip as root"]["digests"]
    assert found["eve may run /usr/bin/apt-get update as root"]["origin"] == "/etc/sudoers.d/10-eve"
    assert found["frank may run ALL as ALL"]["origin"] == "/etc/sudoers.local"
    assert len(found) == 29


def test_what_sudo_does_not_read_and_secrets_are_not_there() -> None:
    text = repr(run(sudo, recorded("debian12-sudo")))

    assert "mallory" not in text  # in old.bak
    assert "Tr0ub4dor" not in text
    assert "--password=***" in text


def test_settings_of_a_recorded_host() -> None:
    found = settings(run(sudo, recorded("debian12-sudo")))

    assert found["Defaults env_reset"] == ["on"]
    assert found["Defaults lecture"] == ["off"]
    assert found["Defaults secure_path"] == ["/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    assert found["Defaults:%ops authenticate"] == ["off"]
    assert found["Defaults!/usr/bin/visudo env_keep"] == ["+EDITOR", "+VISUAL"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('env_keep="A B"\nDefaults env_keep+=C\nDefaults env_keep-=A', ["B", "C"]),
        ('env_keep+="A B"\nDefaults env_keep-="B"', ["+A"]),
        ("env_keep-=A\nDefaults env_keep+=A", []),
        ("!env_keep", ["off"]),
    ],
)
def test_lists_add_up_as_far_as_lines_tell(lines: str, expected: list[str]) -> None:
    outcome = run(sudo, made({**HOST, "/etc/sudoers": f"Defaults {lines}\n"}))

    assert settings(outcome) == {"Defaults env_keep": expected}


def test_of_two_rules_about_the_same_the_later_counts() -> None:
    text = "a ALL=/x\na ALL=NOPASSWD: /x\n"

    [found] = rules(run(sudo, made({**HOST, "/etc/sudoers": text}))).values()

    assert found["passwordless"] is True


def test_files_are_included_from_wherever_they_lie() -> None:
    outcome = run(
        sudo,
        made(
            {
                **HOST,
                "/etc/sudoers": "@includedir /usr/local/etc/sudoers.d\n@include extra.%h\n@include gone\n",
                Files("/usr/local/etc/sudoers.d/*"): {
                    "/usr/local/etc/sudoers.d/b": Content(b"b ALL=/b\n"),
                    "/usr/local/etc/sudoers.d/a": Content(b"a ALL=/a\n"),
                },
                File("/etc/extra.web1"): "c ALL=/c\n",
            }
        ),
    )

    assert [r["who"] for r in rules(outcome).values()] == ["a", "b", "c"]


def test_an_account_that_may_not_read_it_has_failed_and_told_nothing() -> None:
    lack = Missing("denied", "/etc/sudoers may not be read: Permission denied; run as root")

    outcome = run(sudo, made({**HOST, "/etc/sudoers": lack}, "user"))

    assert isinstance(outcome, Failed)
    assert "run as root" in outcome.reason


@pytest.mark.parametrize(
    "files",
    [
        {"/etc/sudoers.d/a": Missing("too_big", "/etc/sudoers.d/a has more than 4194304 bytes")},
        {"/etc/sudoers.d": Missing("denied", "/etc/sudoers.d may not be read")},
        {"/etc/sudoers.d/a": Content(b"a ALL=(b\n")},
    ],
)
def test_an_included_file_that_can_not_be_read_is_a_failure(files: dict[str, object]) -> None:
    content: dict[Any, Any] = {**HOST, "/etc/sudoers": "@includedir /etc/sudoers.d\n", sudo._USUAL: files}

    assert isinstance(run(sudo, made(content)), Failed)


def test_a_host_without_sudo_has_nothing_to_tell() -> None:
    assert isinstance(run(sudo, made(HOST)), NotApplicable)
