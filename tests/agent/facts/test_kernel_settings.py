"""Kernel settings that security depends on."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from agent.fact import Collected, Content, Failed, Missing, NotApplicable, ParseError
from agent.facts import kernel_settings
from agent.facts.kernel_settings import SYSCTLS, parse
from agent.shell import LocalShell
from tests.agent.supplied import made, recorded, run

LINKS = "/proc/sys/fs/protected_hardlinks"


def _values(outcome: object) -> dict[str, str]:
    assert isinstance(outcome, Collected), outcome
    return {i.name: i.value for i in outcome.items}  # type: ignore[attr-defined]


def test_settings_of_a_recorded_kernel() -> None:
    found = _values(run(kernel_settings, recorded("debian12-kernel-settings")))

    assert found["kernel.randomize_va_space"] == "2"
    assert found["net.ipv4.conf.all.accept_redirects"] in ("0", "1")
    assert found["cmdline"].endswith("ro quiet mitigations=auto grub.password=***")
    assert any(name.startswith("vulnerability ") for name in found)
    assert len(found) > 60


def test_this_kernel_has_the_values_that_its_files_show() -> None:
    found = _values(run(kernel_settings, LocalShell()))  # type: ignore[arg-type]

    for name in set(found) & set(SYSCTLS):
        assert found[name] == " ".join(Path("/proc/sys", *name.split(".")).read_text().split())
    assert "kernel.randomize_va_space" in found


def test_all_of_them_are_shown_to_root_without_the_rights_of_an_administrator() -> None:
    paths = [str(Path("/proc/sys", *name.split("."))) for name in SYSCTLS]
    there = [path for path in paths if Path(path).exists()]

    # As in the hardened service, which does without.
    subprocess.run(["setpriv", "--bounding-set=-sys_admin", "cat", *there], check=True, capture_output=True)


def test_of_words_to_choose_from_the_chosen_one_stands() -> None:
    assert parse(
        {"lockdown": "none [integrity] confidentiality\n", "lsm": "lockdown,capability,yama\n", "x": "1\t2\n"}
    ) == {
        "lockdown": "integrity",
        "lsm": "lockdown,capability,yama",
        "x": "1 2",
    }


def test_what_only_root_may_read_is_missing_for_a_user_and_a_failure_for_root() -> None:
    content = {"/proc/sys/kernel/sysrq": "1\n", LINKS: Missing("denied", f"{LINKS} may not be read")}

    assert _values(run(kernel_settings, made(content, "user"))) == {"kernel.sysrq": "1"}
    assert isinstance(run(kernel_settings, made(content)), Failed)


def test_a_vulnerability_is_told_in_the_kernel_s_words() -> None:
    files = {"/sys/devices/system/cpu/vulnerabilities/spectre_v1": Content(b"Mitigation: usercopy/swapgs barriers\n")}

    assert _values(run(kernel_settings, made({kernel_settings._VULNERABILITIES: files}))) == {
        "vulnerability spectre_v1": "Mitigation: usercopy/swapgs barriers"
    }


def test_without_the_kernel_s_files_there_is_nothing_to_tell() -> None:
    assert isinstance(run(kernel_settings, made({})), NotApplicable)


def test_several_lines_are_no_setting() -> None:
    with pytest.raises(ParseError):
        parse({"kernel.sysrq": "1\n2\n"})


@pytest.mark.shared
def test_names_are_those_of_a_foreign_host_s_sysctl(recordings: Path) -> None:
    judged = json.loads((recordings / "ssh" / "centos-7.7" / "sysctl-a.json").read_text())

    missing = [name for name in SYSCTLS if name not in judged]

    # What that kernel (3.10) is too old for, or showed to root only.
    newer = r"dev\.tty|fs\.protected|io_uring|unpriv|apparmor|mmap_rnd|userfault|disabled|namespaces"
    assert not [name for name in missing if not re.search(newer, name)]
