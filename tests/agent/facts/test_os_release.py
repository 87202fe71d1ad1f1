"""Operating systems as their release files describe them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.fact import Failed, Unavailable
from agent.facts import os_release
from agent.facts.os_release import assignments, parse
from tests.agent.supplied import attributes, made, recorded, run

FAMILIES = {
    "archlinux": {"arch"},
    "clearlinux": {"clear-linux-os"},
    "debian": {"debian"},
    "flatcar": {"flatcar"},
    "freebsd": {"freebsd"},
    "redhat": {"rhel", "fedora"},
    "suse": {"suse"},
}
"""Families by the words of the tool that judged the recordings, and what they are called in os-release(5)."""
NAMES = {"amazon": "amzn", "archlinux": "arch", "redhat": "rhel", "miracle": "miraclelinux"}
FINER = {"debian_7.9": "7", "osmc": "2022.03-1"}
"""Where the judge's version stands in none of the files, what they do tell."""


@pytest.mark.parametrize("name", ["debian12-root", "debian12-user"])
def test_this_project_s_recordings_are_debian_with_its_point_release(name: str) -> None:
    assert attributes(run(os_release, recorded(name))) == {
        "os": "debian",
        "os_name": "Debian GNU/Linux 12 (bookworm)",
        "os_version": "12.11",
        "os_codename": "bookworm",
        "os_family": ["debian"],
    }


@pytest.mark.shared
def test_every_linux_of_the_collection_is_known_by_name_version_and_family(recordings: Path) -> None:
    seen = 0
    for path in sorted((recordings / "ssh" / "os_identification").glob("*.json")):
        document = json.loads(path.read_text())
        expected, files = document["expected"], document["files"]
        if not set(files) & {need.path for need in os_release.NEEDS}:
            continue  # Solaris and its heirs, DragonFly
        seen += 1
        found = parse(files)
        judged = expected["distribution"].lower()
        words = {found.id, found.name.lower(), found.id.replace("-", " ")}
        assert any(NAMES.get(judged, judged).split()[0] in w for w in words), (path.stem, found)
        version = FINER.get(path.stem, expected["distribution_version"])
        assert found.version == ("" if version == "NA" else version), (path.stem, found)
        family = expected.get("os_family", "").lower()
        assert not family or FAMILIES[family] & set(found.family), (path.stem, found)
    assert seen >= 30


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"/etc/redhat-release": "CentOS release 6.7 (Final)\n"}, ("centos", "6.7", "Final")),
        ({"/etc/system-release": "Amazon Linux release 2"}, ("amzn", "2", "")),
        (
            {
                "/etc/os-release": "ID=centos\nVERSION_ID=7\n",
                "/etc/centos-release": "CentOS Linux release 7.7.1908 (Core)\n",
            },
            ("centos", "7.7.1908", "Core"),
        ),
        (
            {
                "/etc/os-release": 'ID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy',
                "/etc/debian_version": "bookworm/sid",
            },
            ("ubuntu", "22.04", "jammy"),
        ),
        (
            {"/etc/os-release": "ID=alpine\nVERSION_ID=3.19.1", "/etc/alpine-release": "3.19.1\n"},
            ("alpine", "3.19.1", ""),
        ),
        (
            {
                "/etc/oracle-release": "Oracle Linux Server release 6.10\n",
                "/etc/redhat-release": "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n",
            },
            ("ol", "6.10", ""),
        ),
        (
            {
                "/etc/os-release": 'ID="ol"\nVERSION_ID="8.8"\nPRETTY_NAME="Oracle Linux Server 8.8"',
                "/etc/oracle-release": "Oracle Linux Server release 8.8\n",
                "/etc/redhat-release": "Red Hat Enterprise Linux release 8.8 (Ootpa)\n",
            },
            ("ol", "8.8", ""),
        ),
        (
            {
                "/etc/os-release": 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION="9.3 (Blue Onyx)"\nVERSION_ID="9.3"',
                "/etc/redhat-release": "Rocky Linux release 9.3 (Blue Onyx)\n",
            },
            ("rocky", "9.3", "Blue Onyx"),
        ),
        (
            {
                "/etc/os-release": 'ID="almalinux"\nVERSION_ID="9"',
                "/etc/redhat-release": "AlmaLinux release 9.4 (Seafoam Ocelot)",
            },
            ("almalinux", "9.4", "Seafoam Ocelot"),
        ),
        ({"/etc/os-release": 'ID="sles"\nVERSION="15-SP5"\nVERSION_ID="15.5"'}, ("sles", "15.5", "")),
        ({"/etc/alpine-release": "3.0.1\n"}, ("alpine", "3.0.1", "")),
        ({"/etc/debian_version": "6.0.10\n"}, ("debian", "6.0.10", "")),
        ({"/usr/lib/os-release": "ID=nixos\nVERSION_ID=23.11"}, ("nixos", "23.11", "")),
        ({"/etc/os-release": "", "/etc/lsb-release": "DISTRIB_ID=Foo\nDISTRIB_RELEASE=1"}, ("foo", "1", "")),
        (
            {"/etc/SuSE-release": "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n"},
            ("sles", "11.4", ""),
        ),
    ],
)
def test_older_and_odd_systems(texts: dict[str, str], expected: tuple[str, str, str]) -> None:
    found = parse(texts)

    assert (found.id, found.version, found.codename) == expected


def test_a_derived_system_is_of_the_families_of_what_it_derives_from() -> None:
    assert parse({"/etc/os-release": "ID=linuxmint\nID_LIKE=ubuntu"}).family == ("debian", "linuxmint", "ubuntu")


def test_quotes_and_escapes_are_taken_off() -> None:
    assert assignments('A="x \\"y\\" \\$z"\nB=\'it\'\nC=plain # no\n# D=1\nbroken line\nE=\n') == {
        "A": 'x "y" $z',
        "B": "it",
        "C": "plain # no",
        "E": "",
    }


def test_no_file_at_all_is_a_failure_that_names_where_it_looked() -> None:
    outcome = run(os_release, made({}))

    assert isinstance(outcome, Failed)
    assert "/etc/os-release" in outcome.reason


@pytest.mark.parametrize("text", ["", "\0\0", "ID", "NAME=only a name"])
def test_a_truncated_file_is_a_failure(text: str) -> None:
    with pytest.raises(Unavailable):
        parse({"/etc/os-release": text})
